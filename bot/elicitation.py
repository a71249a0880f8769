"""Questions back: at most a few a session, each the one whose answer tells most about what a newcomer wants, all skippable."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from bot.nearest_words import is_of_words
from bot.profile import Profile
from bot.session import Understanding
from retrieval.catalogue import Catalogue, Facet
from retrieval.ranker import Ranker
from retrieval.sources import Retrieved
from retrieval.splits import Split, belief, splits

MOST = 3  # questions in a session
WORTH = 0.8  # bits: a question that tells less is not worth a visitor's time
KNOWN = 3  # items somebody has done something good with: from then on they are no newcomer
SKIP = "No preference"

Understand = Callable[[str], Understanding]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a facet; each of `choices` is a message that answers it, the last one skips it."""

    facet: str
    text: str
    choices: tuple[str, ...]


def is_skip(message: str) -> bool:
    """Whether a message waves a question away."""
    return message.strip(" .!").lower() in (SKIP.lower(), "skip", "skip that", "any", "either", "doesn't matter", "no matter")


def question(
    profile: Profile, asked: Collection[str], retrieved: Retrieved, ranker: Ranker, understand: Understand
) -> Question | None:
    """What to ask now; None where enough is known, enough was asked, or no answer would tell much.

    `asked`: the facets asked about in this session. Every choice is understood as the answer that it stands for.
    """
    newcomer = sum(weight > 0 for weight in profile.affinities.values()) < KNOWN
    if not newcomer or len(asked) >= MOST or not len(retrieved.rows):
        return None
    catalogue = retrieved.catalogue
    told = {p.facet for p in profile.preferences} | {c.facet for c in profile.constraints} | set(asked)
    facets = [facet for facet in _askable(catalogue) if facet.name not in told]
    likely = np.zeros(len(catalogue))
    likely[retrieved.rows] = belief(ranker.totals(ranker.scores(retrieved), profile.named))
    for split in splits(catalogue, likely, facets):
        choices = tuple(choice for choice in _choices(split, catalogue) if _answers(understand(choice), split.facet))
        if split.bits >= WORTH and len(choices) > 1:
            return Question(split.facet, _text(catalogue.facets[split.facet]), (*choices, SKIP))
    return None


def _askable(catalogue: Catalogue) -> list[Facet]:
    """What cards show: words that people use, not names; and numbers that they speak of as more or less."""
    shown = [facet for facet in catalogue.facets.values() if facet.card] or list(catalogue.facets.values())
    values = {name: len(postings) for name, postings in catalogue.postings.items()}
    return [
        facet for facet in shown
        if (facet.kind == "number" and facet.up and facet.down)
        or (facet.kind == "category" and is_of_words(catalogue, facet.name, values[facet.name]))
    ]  # fmt: skip


def _choices(split: Split, catalogue: Catalogue) -> list[str]:
    if split.values:
        return list(split.values)
    unit = catalogue.facets[split.facet].unit
    told = [f"{bound:g} {unit}".strip() for bound in split.bounds]
    between = [f"from {low:g} to {high}" for low, high in zip(split.bounds, told[1:], strict=False)]
    return [f"under {told[0]}", *between, f"over {told[-1]}"]


def _answers(understanding: Understanding, facet: str) -> bool:
    """Whether a choice is understood as speaking of its facet."""
    return facet in {wish.facet for wish in understanding.wishes} | {c.facet for c in understanding.constraints}


def _text(facet: Facet) -> str:
    if facet.ask:
        return facet.ask
    return f"Roughly what {facet.label.lower()}?" if facet.kind == "number" else f"Which {facet.label.lower()} would suit you?"
