"""Whether a slate is as expected: one check for each key of a `slate` expectation."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from statistics import mean
from typing import Any

from bot.conversation_tests.conditions import Condition
from bot.conversation_tests.expectations import SlateExpected
from bot.conversation_tests.seen import Came, Item, Seen, facet

Check = Callable[[Any, Seen], Came | None]
NOT_MOVED = 10_000  # the rank of what is not on a slate


def slate_faults(expected: SlateExpected, seen: Seen) -> list[tuple[str, str, Came]]:
    """(key, what was expected, what came) of everything that does not hold."""
    written = {name: getattr(expected, name) for name in type(expected).model_fields if getattr(expected, name) is not None}
    found: list[tuple[str, str, Came]] = []
    if not seen.items and "size" not in written:
        found.append(("", "a slate of at least one item", Came("the slate is empty")))
    for name, value in written.items():
        came = _unknown(name, value, seen) or CHECKS[name](value, seen)
        if came:
            found.append((name, f"{name}: {shown(value)}", came))
    return found


def shown(value: Any) -> str:
    """An expected value as it is written."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool | None) else str(value)


def _unknown(name: str, value: Any, seen: Seen) -> Came | None:
    """A name that nothing has would keep every ban: it is a fault of its own."""
    if name in ITEM_LISTS and seen.titles:
        strange = [one for one in value if one not in seen.titles]
        return Came(f"the catalogue has no item {', '.join(strange)}") if strange else None
    names = value if name in ("rises", "falls") or isinstance(value, Mapping) else ()
    strange = [one for one in names if seen.items and all(facet(item, one) is None for item in seen.items)]
    return Came(f"no item on the slate has a facet {', '.join(strange)}") if strange else None


def _listed(seen: Seen) -> str:
    return f"the slate is [{', '.join(seen.ids)}]"


def _include(ids: Sequence[str], seen: Seen) -> Came | None:
    missing = tuple(one for one in ids if one not in seen.ids)
    return Came(f"{', '.join(missing)} is not there; {_listed(seen)}", missing) if missing else None


def _any_of(ids: Sequence[str], seen: Seen) -> Came | None:
    return None if set(ids) & set(seen.ids) else Came(_listed(seen), tuple(ids))


def _exclude(ids: Sequence[str], seen: Seen) -> Came | None:
    there = tuple(one for one in seen.ids if one in ids)
    return Came(f"{', '.join(there)} is there; {_listed(seen)}", there) if there else None


def _only(ids: Sequence[str], seen: Seen) -> Came | None:
    others = tuple(one for one in seen.ids if one not in ids)
    return Came(f"{', '.join(others)} is there too", others) if others else None


def _top(ids: Sequence[str], seen: Seen) -> Came | None:
    return None if seen.ids[: len(ids)] == list(ids) else Came(_listed(seen), (*ids, *seen.ids[: len(ids)]))


def _order(ids: Sequence[str], seen: Seen) -> Came | None:
    there = [one for one in seen.ids if one in ids]
    return None if there == list(ids) else Came(_listed(seen), tuple(ids))


def _size(size: Condition, seen: Seen) -> Came | None:
    return None if size.meets(len(seen.ids)) else Came(f"{len(seen.ids)} items: [{', '.join(seen.ids)}]")


def _meets(item: Item, facets: Mapping[str, Condition]) -> bool:
    """A facet that an item does not have keeps no condition but a ban: what is not known is not promised."""
    return all(condition.meets(facet(item, name)) for name, condition in facets.items())


def _values(item: Item, facets: Mapping[str, Condition]) -> str:
    return f"{item['id']} has " + ", ".join(f"{name} {facet(item, name)}" for name in facets)


def _told(items: Sequence[Item], facets: Mapping[str, Condition]) -> Came | None:
    return Came("; ".join(_values(item, facets) for item in items), tuple(str(i["id"]) for i in items)) if items else None


def _all_match(facets: Mapping[str, Condition], seen: Seen) -> Came | None:
    return _told([item for item in seen.items if not _meets(item, facets)], facets)


def _none_match(facets: Mapping[str, Condition], seen: Seen) -> Came | None:
    return _told([i for i in seen.items if any(_meets(i, {name: one}) for name, one in facets.items())], facets)


def _some_match(facets: Mapping[str, Condition], seen: Seen) -> Came | None:
    return None if any(_meets(item, facets) for item in seen.items) else _told(seen.items, facets)


def _most_match(facets: Mapping[str, Condition], seen: Seen) -> Came | None:
    others = [item for item in seen.items if not _meets(item, facets)]
    return _told(others, facets) if 2 * len(others) >= len(seen.items) else None


def _ranks(ids: Sequence[str], seen: Seen) -> list[tuple[str, int, int]]:
    """(id, rank before, rank now)."""
    now = {one: at for at, one in enumerate(seen.ids, 1)}
    before = {str(item["id"]): at for at, item in enumerate(seen.before or (), 1)}
    return [(one, before.get(one, NOT_MOVED), now.get(one, NOT_MOVED)) for one in ids]


def _moved(ids: Sequence[str], seen: Seen, holds: Callable[[int, int], bool]) -> Came | None:
    if seen.before is None:
        return Came("there is no slate before this one")
    wrong = [(one, before, now) for one, before, now in _ranks(ids, seen) if not holds(before, now)]
    told = [f"{one} went from {_rank(before)} to {_rank(now)}" for one, before, now in wrong]
    return Came("; ".join(told), tuple(one for one, _, _ in wrong)) if wrong else None


def _rank(rank: int) -> str:
    return "nowhere" if rank == NOT_MOVED else f"rank {rank}"


def _unchanged(wanted: bool, seen: Seen) -> Came | None:
    if seen.before is None:
        return Came("there is no slate before this one")
    before = [str(item["id"]) for item in seen.before]
    return None if (before == seen.ids) == wanted else Came(f"before it was [{', '.join(before)}]; now {_listed(seen)}")


def _fresh(_: bool, seen: Seen) -> Came | None:
    again = tuple(one for one, before, _ in _ranks(seen.ids, seen) if before != NOT_MOVED)
    return Came(f"{', '.join(again)} was on the slate before", again) if again else None


def _shifted(names: Sequence[str], seen: Seen, up: bool) -> Came | None:
    if not seen.before:
        return Came("there is no slate before this one")
    for name in names:
        old, new = (
            [v for item in items if isinstance(v := facet(item, name), int | float)] for items in (seen.before, seen.items)
        )
        if not old or not new or (mean(new) <= mean(old) if up else mean(new) >= mean(old)):
            means = " to ".join(f"{mean(values):.4g}" if values else "none" for values in (old, new))
            return Came(f"the mean {name} went from {means}", tuple(seen.ids))
    return None


def _diversity(facets: Mapping[str, Condition], seen: Seen) -> Came | None:
    if len(seen.items) < 2:
        return Came("fewer than two items: nothing that could differ")
    for name, condition in facets.items():
        found = diversity(seen.items, name)
        if not condition.meets(found):
            return Came(f"{name}: {found:.2f} over {_listed(seen)}")
    return None


def diversity(items: Sequence[Item], name: str) -> float:
    """1 less the mean Jaccard overlap of the values that two items have of a facet, in [0, 1]."""
    sets = [set(v) if isinstance(v := facet(item, name), list) else {v} - {None} for item in items]
    return 1 - mean(len(one & other) / max(1, len(one | other)) for one, other in combinations(sets, 2))


CHECKS: Mapping[str, Check] = {
    "size": _size, "include": _include, "any_of": _any_of, "exclude": _exclude, "only": _only, "top": _top, "order": _order,
    "all_match": _all_match, "none_match": _none_match, "some_match": _some_match, "most_match": _most_match,
    "moved_up": lambda ids, seen: _moved(ids, seen, lambda before, now: now < before),
    "moved_down": lambda ids, seen: _moved(ids, seen, lambda before, now: before < now),
    "unchanged": _unchanged, "fresh": _fresh,
    "rises": lambda names, seen: _shifted(names, seen, up=True), "falls": lambda names, seen: _shifted(names, seen, up=False),
    "diversity": _diversity,
}  # fmt: skip
ITEM_LISTS = frozenset({"include", "any_of", "exclude", "only", "top", "order", "moved_up", "moved_down"})
