"""What a ranking is worth: metrics over held-out choices (ir_measures), their intervals, and the variety of what is shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.vectors import Vectors

CUTS = (1, 5, 10, 25, 50)
SHOWN = 10  # items of a ranking that count as shown
RESAMPLED = 1_000  # draws of the bootstrap
Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Instance:
    """One held-out choice: the ranking it is looked for in, best first, and the group (dialogue, user) it belongs to."""

    group: str
    ranking: Sequence[str]
    target: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % interval, by bootstrap over groups."""

    mean: float
    low: float
    high: float


def accuracy(instances: Sequence[Instance]) -> dict[str, Figure]:
    """Recall at CUTS, MRR, NDCG@10 and expected loss over instances; nothing without any.

    With one target an instance, recall at 10 is HR@10. Expected loss is the mean of 1 - 1 / log2(1 + rank): 0 where the
    choice stands first, 1 where it is not in the ranking at all.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    if not instances:
        return {}
    qrels = [ir_measures.Qrel(str(at), instance.target, 1) for at, instance in enumerate(instances)]
    run = [
        ir_measures.ScoredDoc(str(at), item, -float(rank))
        for at, instance in enumerate(instances) for rank, item in enumerate(instance.ranking)
    ]  # fmt: skip
    names = {f"R@{cut}": R @ cut for cut in CUTS} | {"MRR": RR, "NDCG@10": nDCG @ SHOWN}
    values = {name: np.zeros(len(instances)) for name in names}
    by_measure = {str(measure): name for name, measure in names.items()}
    for metric in ir_measures.iter_calc(list(names.values()), qrels, run):
        values[by_measure[str(metric.measure)]][int(metric.query_id)] = metric.value
    ranks = np.array([_rank(instance) for instance in instances], dtype=np.float64)
    values["expected loss"] = np.where(ranks > 0, 1 - 1 / np.log2(1 + np.maximum(ranks, 1)), 1.0)
    draws = _draws([instance.group for instance in instances])
    return {name: _figure(found, draws) for name, found in values.items()}


def variety(
    rankings: Sequence[Sequence[str]], items: int, taken: Mapping[str, int], rows: Mapping[str, int], vectors: Vectors
) -> dict[str, float]:
    """Of the first SHOWN of each ranking, over a catalogue of `items`: coverage, Gini, novelty, intra-list diversity.

    Coverage: the share of the catalogue shown at all. Gini: 0 where every item is shown as often as any other, towards 1
    where few are shown always. Novelty: the mean of -log2 of the share of past choices that fell on an item, each counted
    once more. Diversity: the mean of 1 - cosine over the pairs of a list; left out where the vectors have one number.
    """
    shown = Counter(item for ranking in rankings for item in ranking[:SHOWN])
    counts = np.sort(np.array([*shown.values(), *[0] * (items - len(shown))], dtype=np.float64))
    total, past = counts.sum() or 1.0, sum(taken.values()) + items
    news = [-np.log2((taken.get(item, 0) + 1) / past) for ranking in rankings for item in ranking[:SHOWN]]
    found = {
        f"coverage@{SHOWN}": len(shown) / items,
        "Gini": float((2 * np.arange(1, items + 1) - items - 1) @ counts / (items * total)),
        "novelty": float(np.mean(news)) if news else 0.0,
    }
    lists = [ranking[:SHOWN] for ranking in rankings if len(ranking) > 1]
    if vectors.shape[1] > 1 and lists:
        found["diversity"] = float(np.mean([_diversity(vectors[[rows[item] for item in ids]]) for ids in lists]))
    return found


def _rank(instance: Instance) -> int:
    """From 1; 0 where the target is not in the ranking."""
    return next((rank for rank, item in enumerate(instance.ranking, 1) if item == instance.target), 0)


def _diversity(vectors: Vectors) -> float:
    cosines = vectors @ vectors.T
    return float(1 - cosines[np.triu_indices(len(vectors), 1)].mean())


def _draws(groups: Sequence[str]) -> npt.NDArray[np.float64]:
    """How often each instance counts in each draw: whole groups are drawn with replacement. Shape (draws, instances)."""
    _, which = np.unique(np.array(groups), return_inverse=True)
    counts = np.random.default_rng(0).multinomial(which.max() + 1, np.full(which.max() + 1, 1 / (which.max() + 1)), RESAMPLED)
    return counts[:, which].astype(np.float64)


def _figure(values: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]) -> Figure:
    means = (draws @ values) / np.maximum(draws.sum(axis=1), 1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Figure(float(values.mean()), float(low), float(high))
