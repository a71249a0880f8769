"""What a recorded step may sensibly be expected to bring again: floors, first items, bans, conditions; no exact slates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answer import profile_json
from bot.conversation_tests.conditions import Condition
from bot.profile import Profile
from bot.session import Understanding
from retrieval.catalogue import Catalogue, Item
from retrieval.constraints import Constraint

FLOOR = 3  # items: a slate may shrink, but not to nothing
LEANS = 0.05  # the weight from which an item or a facet's value counts as held at all
MORE = frozenset({"$and", "$or"})  # of a condition held, what no expectation can name
Part = tuple[tuple[str, ...], Any]  # a path within `expect`, and what stands there


@dataclass(frozen=True, slots=True)
class Answered:
    """One step as the log holds it. `shown`: the slate, None where none is logged; `gone`: items not to be shown any more."""

    shown: Sequence[str] | None
    slate_before: Sequence[str]
    before: Profile
    after: Profile
    gone: frozenset[str]
    understanding: Understanding | None = None  # of a message
    words: str = ""


def parts(answered: Answered, catalogue: Catalogue) -> list[Part]:
    """Every expectation that what was logged bears out, each by itself."""
    found = [*_of_slate(answered, catalogue), *_of_items(answered), *_of_conditions(answered)]
    said = answered.understanding
    for wish in said.wishes if said else ():
        held = next((p.weight for p in answered.after.preferences if (p.facet, p.value) == (wish.facet, wish.value)), 0.0)
        if abs(held) > LEANS:
            found.append((("profile", "preferences", wish.facet, wish.value), {"$gt" if held > 0 else "$lt": 0}))
    if said and answered.words:
        found.append((("words", "grounded"), True))
    return found


def floor(items: int) -> Part:
    """The least that is expected of a slate of so many items."""
    return ("slate", "size"), {"$gte": min(FLOOR, items)} if items else 0


def merged(found: Iterable[Part]) -> dict[str, Any]:
    """The parts as one `expect`."""
    whole: dict[str, Any] = {}
    for path, value in found:
        told = value
        for name in reversed(path):
            told = {name: told}
        whole = _both(whole, told)
    return whole


def _both(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{key: _both(one[key], value) if key in one else value for key, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(value for value in other if value not in one)]
    return other


def _of_slate(answered: Answered, catalogue: Catalogue) -> Iterator[Part]:
    shown = answered.shown
    if shown is not None:
        yield floor(len(shown))
        yield from [(("slate", "include"), [shown[0]])] if shown else []
        said = answered.understanding
        if said and said.passed and answered.slate_before and not set(shown) & set(answered.slate_before):
            yield ("slate", "fresh"), True
    for item in sorted(answered.gone - set(shown or ())):
        yield ("slate", "exclude"), [item]
    items = [catalogue[one] for one in shown or ()]
    for constraint in answered.after.constraints:
        for key, facet, condition in _conditions(constraint):
            meets = [Condition.model_validate(condition).meets(_values(item, facet)) for item in items]
            if all(meets) if key == "all_match" else not any(meets):
                yield ("slate", key, facet), condition


def _conditions(constraint: Constraint) -> list[tuple[str, str, dict[str, Any]]]:
    """(all_match or none_match, facet, condition); none for a condition that several facets can keep."""
    value = constraint.value
    if isinstance(value, int | float):
        return [("all_match", constraint.facet, {constraint.operator: _number(value)})]
    if constraint.operator in ("$nin", "$ne"):
        return [("none_match", facet, {"$in": list(values)}) for facet, values in constraint.alternatives]
    told = value if isinstance(value, str) else list(value)
    return [] if constraint.others else [("all_match", constraint.facet, {constraint.operator: told})]


def _values(item: Item, facet: str) -> Any:
    found = {**item.facets, **item.links}.get(facet)
    return list(found) if isinstance(found, tuple) else found


def _of_items(answered: Answered) -> Iterator[Part]:
    """What the step changed of items: turned down, known, liked."""
    before, after = answered.before, answered.after
    for name in ("rejected", "consumed"):
        was, now = getattr(before, name), getattr(after, name)
        yield from ((("profile", name, "include"), [item]) for item in sorted(now - was))
        yield from ((("profile", name, "exclude"), [item]) for item in sorted(was - now))
    for item in sorted({*before.affinities, *after.affinities}):
        was, now = (_sign(profile.affinities.get(item, 0.0)) for profile in (before, after))
        if was != now:
            yield ("profile", "affinities", item), {"$gt": 0} if now > 0 else {"$lt": 0} if now else None


def _sign(weight: float) -> int:
    return 0 if abs(weight) < LEANS else 1 if weight > 0 else -1


def _of_conditions(answered: Answered) -> Iterator[Part]:
    """What the step changed of the hard conditions."""
    was, now = (profile_json(profile)["constraints"] for profile in (answered.before, answered.after))
    for facet, held in now.items():
        new = {
            op: _plain(value) for op, value in held.items() if op not in ("$and", "$or") and was.get(facet, {}).get(op) != value
        }
        yield from [(("constraints", facet), new)] if new else []
    yield from ((("constraints", facet), None) for facet in was if facet not in now)


def _plain(value: Any) -> Any:
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """With item ids replaced by how the script names them, as values and as keys."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
