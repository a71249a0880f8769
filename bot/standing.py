"""Answers that leave the slate as it stands: to "why the second one?", to small talk, to what no recommender can do."""

from collections.abc import Mapping, Sequence

from bot import template
from bot.corrections import Correction
from bot.explanation import Explanation, Sentence
from bot.profile import Profile
from bot.purging import ABOUT
from bot.session import Turn, Understanding
from bot.telling import EXPLAINED, facts
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.ranking import Recommendation, Slate

COUNTED: Mapping[str, str] = {  # what the strongest score part says of an item, by how its source's name begins
    "dense_long": "it is close in meaning to what you liked before", "dense": "what it says is close in meaning to your words",
    "lexical": "its text has words of yours", "past": "people who talked like this went for it",
    "together": "it is taken together with what you named", "after": "it is often taken after what you named",
    "others": "people with a history like yours went for it", "taste": "it goes with what you liked before",
    "similar": "it is like what you like", "examples": "it is like what you named", "wishes": "it has what you wished for",
    "popular": "many people here like it", "often": "it is often taken", "busy": "it is asked for a lot at the moment",
    "well_liked": "those who know it rate it highly",
}  # fmt: skip
REASONS = 4  # told of one item


def kept(understanding: Understanding, shown: Sequence[str], profile: Profile) -> tuple[str, ...]:
    """What stays on the slate; empty where the message asks for others, or something of it may not be shown any more."""
    if not understanding.aside or profile.exclusions & set(shown):
        return ()
    return tuple(shown) or understanding.about


def set_right(last: Turn | None, corrections: Sequence[Correction]) -> bool:
    """Whether the visitor took something back or set it right since `last`, so that its slate answers no longer."""
    return last is not None and any(c.time >= last.time and c.kind not in ("pause", "resume") for c in corrections)


def explained(slate: Slate, understanding: Understanding, notice: str, catalogue: Catalogue) -> Explanation:
    """`notice`, or, where something was asked, a sentence about each item that the question is about."""
    asked = [one for one in slate.recommendations if one.item.id in understanding.about]
    if understanding.intent == "ask_why":
        return Explanation(tuple(_because(one, catalogue) for one in asked or slate.recommendations[:EXPLAINED]))
    if understanding.intent == "ask":
        return Explanation(tuple(_answer(one, understanding.asked, catalogue) for one in asked))
    return Explanation((Sentence(notice, (), (), "template"),))


def _because(recommendation: Recommendation, catalogue: Catalogue) -> Sentence:
    """Why an item is there: its reasons, else what counted most for it."""
    told = [template.reason_text(reason, catalogue) for reason in recommendation.reasons[:REASONS]]
    facts = tuple(reason.fact for reason in recommendation.reasons[:REASONS])
    if not told:
        parts = {name: part for name, part in recommendation.contributions.items() if part > 0}
        strongest = max(parts, key=lambda name: parts[name], default="")
        told = [next((said for name, said in COUNTED.items() if strongest.startswith(name)), "nothing else fits better")]
    text = f"{template.titled(recommendation.item)} is here because of this: {'; '.join(told)}."
    return Sentence(text, (recommendation.rank,), facts, "template")


def _answer(recommendation: Recommendation, asked: Sequence[str], catalogue: Catalogue) -> Sentence:
    """What the catalogue says of an item about what was asked; where nothing of that was made out, all that it says."""
    item = recommendation.item
    values: dict[str, list[str]] = {}
    for target in asked:
        facet, _, value = target.removeprefix(ABOUT).partition("=")
        values.setdefault(facet, []).extend([value] if value else [])
    held = {name: [word for word in item.words(name) if word.lower() in wanted] for name, wanted in values.items()}
    known = any(held.values())
    told = [
        _told(item, catalogue.facets[name], wanted, held[name]) for name, wanted in values.items() if held[name] or not known
    ]
    said = f"{template.titled(item)}: {'; '.join(dict.fromkeys(told))}." if told else facts(item, catalogue)
    return Sentence(said, (recommendation.rank,), tuple(values), "template")


def _told(item: Item, facet: Facet, wanted: Sequence[str], held: Sequence[str]) -> str:
    """One facet of an item: whether it has what was asked for (`wanted`, of which it has `held`), else what it has."""
    number, words = item.number(facet.name), ", ".join(item.words(facet.name))
    has = f"{number:g} {facet.unit}".strip() if number is not None else words
    if held:
        return f"{facet.label.lower()}: yes, {', '.join(held)}"
    if wanted:
        return f"{', '.join(wanted)} is not listed for it{f' ({facet.label.lower()}: {has})' if has else ''}"
    return f"{facet.label.lower()}: {has}" if has else f"{facet.label.lower()}: the catalogue does not say"
