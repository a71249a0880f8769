"""What a message changes, line by line in plain words: "want genres=horror", "price<=50", "like alien-1979", "pass"."""

from collections.abc import Iterator, Mapping

from bot.purging import ABOUT, ITEM
from bot.session import Mention, Understanding
from bot.words import LIKED
from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, LOW, Wish

DIRECTIONS = {HIGH: "more", LOW: "less"}
SIDES = {"$gt": ">=", "$gte": ">=", "$lt": "<=", "$lte": "<="}

Delta = tuple[str, ...]  # lines that mean one thing: the words that say it can be read as any of them


def deltas(understanding: Understanding) -> list[Delta]:
    """What a message says, one entry a thing said: what the same words may mean as well stands in the same entry."""
    said = understanding
    found: list[Delta] = []
    if said.intent in ("undo", "forget", "ask_why", "chat"):
        found += {"undo": [("undo",)], "forget": [("reset",)], "chat": [("outside" if said.outside else "chat",)]}.get(
            said.intent, []
        )
    if said.intent == "ask_why":
        found += [(f"why {item}",) for item in said.about] or [("why",)]
    found += [delta for mention in said.mentions for delta in _of_item(mention, taken=said.intent == "accept")]
    wishes: dict[tuple[str, bool], list[str]] = {}
    for wish in said.wishes:
        wishes.setdefault((wish.evidence, wish.weight > 0), []).extend(_of_wish(wish, said.constraints))
    directed = {(wish.facet, wish.evidence) for wish in said.wishes if wish.value in DIRECTIONS}
    stated = [c for c in said.constraints if (c.facet, c.evidence) not in directed]
    named = {" ".join(c.evidence.lower().split()): c for c in stated if c.operator == "$in"}
    also: dict[str, list[str]] = {}  # wishes that the words of a condition say beside it: France the country and the theme
    for (evidence, positive), lines in wishes.items():
        within = next((said for said in named if positive and f" {evidence.lower()} " in f" {said} "), None)
        found += [tuple(lines)] if within is None else []
        also.setdefault(within or "", []).extend(lines if within is not None else [])
    found += _of_conditions([*stated, *said.preferred], also)
    found += [(f"forget {target.removeprefix(ABOUT).removeprefix(ITEM).removesuffix('=')}",) for target in said.lifted]
    return [*found, ("pass",)] if said.passed else found


def _of_item(mention: Mention, *, taken: bool) -> Iterator[Delta]:
    item = mention.item_id
    if mention.later:
        yield (f"later {item}",)
    if mention.consumed:
        yield (f"seen {item}",)
    if mention.sentiment < 0:
        yield (f"dislike {item}",)
    elif mention.sentiment > 0 and (not mention.consumed or LIKED & set(mention.evidence.lower().split())):
        yield (f"accept {item}", f"like {item}") if taken else (f"like {item}",)


def _of_wish(wish: Wish, constraints: tuple[Constraint, ...]) -> Iterator[str]:
    direction = DIRECTIONS.get(wish.value)
    if direction is None:
        yield f"{'want' if wish.weight > 0 else 'not'} {wish.facet}={wish.value}"
        return
    yield f"{direction} {wish.facet}"
    for constraint in constraints:
        if (constraint.facet, constraint.evidence) == (wish.facet, wish.evidence) and isinstance(constraint.value, float):
            yield f"{direction} {wish.facet} than {constraint.value:g}"


def _of_conditions(conditions: list[Constraint], also: Mapping[str, list[str]]) -> Iterator[Delta]:
    """Both ends of a range that the same words set are one; `also`: what else these words mean."""
    ranges: dict[tuple[str, str], dict[str, float]] = {}
    for condition in conditions:
        if not isinstance(condition.value, int | float):
            verb = "not" if condition.operator in ("$nin", "$ne") else "want"
            beside = also.get(" ".join(condition.evidence.lower().split()), ()) if verb == "want" else ()
            yield (*(f"{verb} {facet}={value}" for facet, value in sorted(condition.pairs)), *beside)
        elif condition.operator == "$eq":
            yield (f"{condition.facet}={condition.value:g}..{condition.value:g}",)
        else:
            ranges.setdefault((condition.facet, condition.evidence), {})[SIDES[condition.operator]] = condition.value
    for (facet, _), bounds in ranges.items():
        if len(bounds) == 2:
            yield (f"{facet}={bounds['>=']:g}..{bounds['<=']:g}",)
        else:
            yield from ((f"{facet}{side}{value:g}",) for side, value in bounds.items())
