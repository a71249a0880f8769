"""The words that code says by itself: true by construction, for when the model is off, late, broken or untrue."""

from collections.abc import Sequence

from bot.session import Understanding
from retrieval.catalogue import Catalogue, Item
from retrieval.constraints import Constraint
from retrieval.ranking import Recommendation, Slate
from retrieval.reasons import Reason

OPERATOR_WORDS = {"$gt": "above", "$gte": "at least", "$lt": "below", "$lte": "at most", "$eq": "exactly"}
YEAR_WORDS = {"$gt": "after", "$gte": "from", "$lt": "before", "$lte": "up to", "$eq": "in"}
FACTS = 3  # of an item in one sentence
SHAPES = (
    "{title} is {facts}{asked}.",
    "For {facts}{asked}, take {title}.",
    "{title} brings {facts}{asked}.",
)


def reason_text(reason: Reason, catalogue: Catalogue) -> str:
    """One reason as a short phrase, for cards, the API and "why this?"."""
    if reason.kind == "similar":
        return f"like {catalogue[reason.fact].title}: both have {_listed(reason.shared[:FACTS])}"
    if reason.kind == "constraint":
        return f"keeps your condition “{reason.evidence}”"
    label = catalogue.facets[reason.facet].label.lower() if reason.facet else ""
    if reason.fact.startswith("$"):
        return f"{label}: {'more' if reason.fact == '$high' else 'less'} of it, as you asked (“{reason.evidence}”)"
    if reason.kind == "words":
        return f"its text mentions “{reason.fact}”"
    said = "" if reason.evidence.lower() == reason.fact else f" (you said “{reason.evidence}”)"
    return f"{label}: {reason.fact}{said}"


def constraint_text(constraint: Constraint, catalogue: Catalogue) -> str:
    """A condition in words: "year after 2000", "no genres horror"."""
    facet = catalogue.facets[constraint.facet]
    if isinstance(constraint.value, int | float):
        words = YEAR_WORDS if 1000 <= constraint.value <= 2200 and not facet.unit else OPERATOR_WORDS
        return f"{facet.label.lower()} {words[constraint.operator]} {constraint.value:g} {facet.unit}".strip()
    values = constraint.value if isinstance(constraint.value, tuple) else (constraint.value,)
    return f"{'no' if constraint.operator in ('$nin', '$ne') else 'only'} {_listed(values)}"


def relaxed_text(relaxed: Sequence[Constraint], catalogue: Catalogue) -> str:
    """The sentence that says which conditions were given up; empty when none was."""
    if not relaxed:
        return ""
    told = _listed([constraint_text(constraint, catalogue) for constraint in relaxed])
    return f"Nothing in the catalogue keeps every condition, so I let go of “{told}”."


def sentence(recommendation: Recommendation, catalogue: Catalogue) -> str:
    """One true sentence about a recommendation, from its own reasons and facts."""
    item = recommendation.item
    likeness = next((reason for reason in recommendation.reasons if reason.kind == "similar"), None)
    if likeness:
        seed = catalogue[likeness.fact].title
        return f"{titled(item)} is close to {seed}: both have {_listed(likeness.shared[:FACTS])}."
    asked = [r.fact for r in recommendation.reasons if r.kind == "wish" and not r.fact.startswith("$")][:FACTS]
    facts = asked or _telling_facts(item, catalogue)
    if not facts:
        return f"{titled(item)} comes closest to what you described."
    shape = SHAPES[1] if asked and recommendation.rank % 2 == 0 else SHAPES[2]
    return shape.format(title=titled(item), facts=_listed(facts), asked=", as you asked" if asked else "")


def opening(slate: Slate, catalogue: Catalogue) -> str:
    """What code has to say before anything else: conditions given up, or that nothing at all is left to show."""
    if not slate.recommendations:
        return f"There is no {catalogue.noun} left to show: every one is excluded. Forget something, or start over."
    return relaxed_text(slate.relaxed, catalogue)


def notice(understanding: Understanding, catalogue: Catalogue) -> str:
    """What an understanding has to be answered with before the slate; empty for an ordinary wish."""
    if not understanding.understood:
        return (
            f"I could not make out what you mean: I understand plain English about {catalogue.plural}. "
            "Here is something to start from."
        )
    return {
        "chat": f"Tell me what you are after, or start from one of these {catalogue.plural}.",
        "forget": "Done: what was said in this conversation no longer counts.",
    }.get(understanding.intent, "")


def titled(item: Item) -> str:
    """The title, with the year where there is one."""
    year = item.number("year")
    return f"{item.title} ({year:g})" if year else item.title


def _telling_facts(item: Item, catalogue: Catalogue) -> list[str]:
    """The facets shown on cards, but for names: one value each, then more of them."""
    shown = [f.name for f in catalogue.facets.values() if f.kind == "category" and (f.card or not _any_card(catalogue))]
    words = [item.words(name) for name in shown]
    return [values[0] for values in words if values and values[0][0].islower()][:FACTS]


def _any_card(catalogue: Catalogue) -> bool:
    return any(facet.card for facet in catalogue.facets.values())


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
