"""From candidates to a slate: fusion of the sources' scores, diversity, reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.catalogue import Item
from retrieval.constraints import Constraint, rows_allowed
from retrieval.diversity import diversify
from retrieval.exploration import explored
from retrieval.index import Query
from retrieval.ranker import Ranker
from retrieval.reasons import Reason, reasons
from retrieval.sources import Retrieved, Sources

POOL = 50  # fused candidates that diversity chooses from


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An item on a slate with the score parts that put it there. `rank` from 1; `propensity` in (0, 1]."""

    item: Item
    rank: int
    score: float
    contributions: Mapping[str, float]
    reasons: tuple[Reason, ...] = ()
    propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Slate:
    """The one object that cards, words, API and log share. `relaxed`: the constraints given up so that something fits."""

    id: str
    recommendations: tuple[Recommendation, ...]
    relaxed: tuple[Constraint, ...] = ()

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items' ids in order."""
        return tuple(recommendation.item.id for recommendation in self.recommendations)


def rank(
    query: Query, retrieved: Retrieved, sources: Sources, ranker: Ranker, dial: float, slate_id: str, explore: float = 0.0
) -> Slate:
    """The slate for `query`: at most `query.k` of the candidates retrieved, fused, made diverse, each with its reasons.

    `dial` in [0, 1]: variety and the person's own mix of kinds against relevance. `explore` in [0, 1]: how often the last
    place goes to another candidate by chance; its `propensity` says how likely what stands there was to stand there.
    """
    catalogue, relaxed = sources.index.catalogue, retrieved.relaxed
    fused = fuse(retrieved, ranker, query.named, POOL)
    rows = [catalogue.rows[item_id] for item_id, _, _ in fused]
    wanted = sources.kinds.wanted([catalogue.rows[item_id] for item_id, weight in query.seeds if weight > 0])
    relevance = [score for _, score, _ in fused]
    picked = sorted(diversify(relevance, sources.index.vectors[rows], query.k, dial, sources.kinds.of(rows), wanted))
    picked, propensity = explored(picked, len(fused), explore, slate_id)
    recommendations = (
        Recommendation(
            catalogue[item_id], place, score, shares, reasons(item_id, query, relaxed, sources, shares),
            propensity if place == len(picked) else 1.0,
        )
        for place, (item_id, score, shares) in enumerate((fused[pick] for pick in picked), 1)
    )  # fmt: skip
    return Slate(slate_id, tuple(recommendations), relaxed)


def again(item_ids: Sequence[str], query: Query, sources: Sources, ranker: Ranker, slate_id: str) -> Slate:
    """A slate that was shown before, in its own order, with the score parts that `query` gives its items now."""
    catalogue = sources.index.catalogue
    rows = [catalogue.rows[item_id] for item_id in item_ids if item_id in catalogue]
    broken = tuple(one for one in query.constraints if not rows_allowed(catalogue, [one])[rows].all())
    retrieved = sources.retrieve(query)
    parts = {item_id: (score, shares) for item_id, score, shares in fuse(retrieved, ranker, query.named, len(retrieved.rows))}
    recommendations: list[Recommendation] = []
    for place, item_id in enumerate((item_id for item_id in item_ids if item_id in catalogue), 1):
        score, shares = parts.get(item_id, (0.0, {}))
        why = reasons(item_id, query, broken, sources, shares)
        recommendations.append(Recommendation(catalogue[item_id], place, score, shares, why))
    return Slate(slate_id, tuple(recommendations), broken)


def fuse(retrieved: Retrieved, ranker: Ranker, named: Sequence[str], k: int) -> list[tuple[str, float, dict[str, float]]]:
    """(item id, score, contributions by source) of the `k` best, best first; ties keep the order of the catalogue.

    The score is the sum of the contributions. An item that no source scores above 0 is left out.
    """
    scores = ranker.scores(retrieved)
    total = ranker.totals(scores, named)
    met = np.flatnonzero((retrieved.scores > 0).any(axis=1))
    best = met[np.argsort(-total[met], kind="stable")[:k]]
    parts = ranker.contributions(scores[best], named)
    return [
        (
            retrieved.catalogue.items[retrieved.rows[at]].id,
            float(total[at]),
            {ranker.names[column]: float(shares[column]) for column in np.flatnonzero(shares)},
        )
        for at, shares in zip(best, parts, strict=True)
    ]
