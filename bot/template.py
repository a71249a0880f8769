"""The words that code says by itself: true by construction, for when the model is off, late, broken or untrue."""

from collections.abc import Sequence

from bot.session import Understanding
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.constraints import Constraint
from retrieval.ranking import Recommendation, Slate
from retrieval.reasons import Reason

OPERATOR_WORDS = {"$gt": "above", "$gte": "at least", "$lt": "below", "$lte": "at most", "$eq": "exactly"}
YEAR_WORDS = {"$gt": "after", "$gte": "from", "$lt": "before", "$lte": "up to", "$eq": "in"}
FACTS = 3  # of an item in one sentence
SKIPPED = "All right, then without."
VALUES = {"adjective": 2, "kind": 1}  # values of a facet in one sentence; of those that follow the noun, 2

NOTHING_TO_UNDO = "There is nothing left to undo in this conversation."
CORRECTED = {
    "undo": "Done: that is taken back.", "forget": "Done: that no longer counts.", "weigh": "Done: it counts as you set it.",
    "pause": "Done: I learn nothing from what comes now.", "resume": "Done: I learn from what comes now.",
}  # fmt: skip


def reason_text(reason: Reason, catalogue: Catalogue) -> str:
    """One reason as a short phrase, for cards, the API and "why this?"."""
    if reason.kind == "similar":
        return f"like {_likeness(reason, catalogue)}"
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
    values = list(dict.fromkeys(value for _, named in constraint.alternatives for value in named))
    return f"no {_listed(values)}" if constraint.operator in ("$nin", "$ne") else f"only {_listed(values, 'or')}"


def relaxed_text(relaxed: Sequence[Constraint], catalogue: Catalogue) -> str:
    """The sentence that says which conditions were given up; empty when none was."""
    if not relaxed:
        return ""
    told = _listed([constraint_text(constraint, catalogue) for constraint in relaxed])
    return f"Nothing in the catalogue keeps every condition, so I let go of “{told}”."


def fact_sentence(recommendation: Recommendation, catalogue: Catalogue) -> str:
    """What an item is, in one sentence of its own facts, those that the user asked for first."""
    item = recommendation.item
    asked = _asked(recommendation)
    chosen = {facet.name: _chosen(facet, item, asked) for facet in catalogue.facets.values() if facet.phrase}
    if not any(chosen.values()):
        told = [word for name in catalogue.postings for word in item.words(name)[:1]][:FACTS]
        return f"{titled(item)}: {_listed(told)}." if told else f"{titled(item)} comes closest to what you describe."
    by_phrase: dict[str, list[str]] = {}  # facets may share a phrase: what it is "for" may be a use and a person
    for name, values in chosen.items():
        phrase = catalogue.facets[name].phrase
        by_phrase[phrase] = [*by_phrase.get(phrase, []), *values]
    adjectives, kinds = " and ".join(by_phrase.pop("adjective", [])), " ".join(by_phrase.pop("kind", []))
    noun = "" if catalogue.noun in kinds.split() else catalogue.noun  # "film noir" is a film already
    before = " ".join(part for part in (adjectives, kinds, noun) if part)
    told = [phrase.format(_listed(values)) for phrase, values in by_phrase.items() if values and _worth(values, asked, phrase)]
    return f"{titled(item)} is {_article(before)} {' '.join([before, *told])}."


def sentence(recommendation: Recommendation, catalogue: Catalogue) -> str:
    """One true sentence about a recommendation, from its own reasons and facts."""
    likeness = next((reason for reason in recommendation.reasons if reason.kind == "similar"), None)
    if likeness:
        return f"{titled(recommendation.item)} is close to {_likeness(likeness, catalogue)}."
    told = fact_sentence(recommendation, catalogue)
    asked = list(dict.fromkeys(reason.evidence.lower() for reason in recommendation.reasons if reason.kind == "wish"))[:2]
    return f"{told.removesuffix('.')}; you asked for {_listed([f'“{word}”' for word in asked])}." if asked else told


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
    if understanding.outside:
        return f"That is beyond me: all I can do is find {catalogue.plural} in this catalogue."
    if understanding.lifted:
        return "All right, that no longer counts."
    taken = [catalogue[mention.item_id].title for mention in understanding.mentions if mention.sentiment > 0]
    return {
        "chat": f"Tell me what you are after, or start from one of these {catalogue.plural}.",
        "accept": f"Good choice: {_listed(taken)}. If you want to go on, this goes with it." if taken else "",
        "reject": "All right, others then.",
        "forget": "Done: what was said in this conversation no longer counts.",
    }.get(understanding.intent, "")


def noted(kind: str, item: Item) -> str:
    """What a deed is answered with."""
    said = {
        "like": "you like {}",
        "dislike": "{} is not for you",
        "dismiss": "{} is not for you",
        "consumed": "you know {} already",
        "not_now": "not {} now",
    }
    return f"Noted: {said.get(kind, '{} is of interest').format(item.title)}."


def titled(item: Item) -> str:
    """The title, with the year where there is one."""
    year = item.number("year")
    return f"{item.title} ({year:g})" if year else item.title


def _likeness(reason: Reason, catalogue: Catalogue) -> str:
    """What an item is like and why: "Alien: both have space and fear; listed for fans of Alien"."""
    title = catalogue[reason.fact].title
    both = f"both have {_listed(reason.shared[:FACTS])}" if reason.shared else ""
    link = f"listed {reason.link.lower()} {title}" if reason.link else ""
    return f"{title}: {'; '.join(part for part in (both, link) if part)}"


def _asked(recommendation: Recommendation) -> set[str]:
    return {reason.fact for reason in recommendation.reasons if reason.kind in ("wish", "constraint")}


def _chosen(facet: Facet, item: Item, asked: set[str]) -> list[str]:
    """The values of a facet that a sentence tells, those asked for first."""
    values = sorted(item.words(facet.name), key=lambda word: word.lower() not in asked)
    return values[: VALUES.get(facet.phrase, 2)]


def _worth(values: Sequence[str], asked: set[str], phrase: str) -> bool:
    """Names and places are told only when asked for; what an item is about always."""
    return phrase.startswith("about") or any(value.lower() in asked for value in values)


def _article(words: str) -> str:
    return "an" if words[:1].lower() in "aeiou" else "a"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
