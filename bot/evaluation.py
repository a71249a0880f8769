"""Measures rankings that the live flow made for held-out choices: accuracy, variety, latency, and what each source is worth."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from bot.recommender import Recommender
from retrieval.evaluation import Figure, Instance, accuracy, variety
from retrieval.index import Query
from retrieval.ranker import Ranker
from retrieval.ranking import fuse
from retrieval.sources import Retrieved

DEEPEST = 100  # items of a ranking that are written out


@dataclass(frozen=True, slots=True)
class Ranked:
    """A ranking, best first, for one held-out moment, and the milliseconds it took.

    `key` names the moment in a run; `group` is what the bootstrap draws: the conversation, the user.
    """

    key: Mapping[str, str]
    group: str
    targets: tuple[str, ...]
    mentioned: tuple[str, ...]
    ranking: tuple[str, ...]
    latency_ms: float


def ranking(recommender: Recommender, query: Query) -> tuple[str, ...]:
    """The best item ids for a query, what it names among them, best first: DEEPEST and as many more as are named."""
    retrieved = recommender.sources.retrieve(query, recommender.ranker.counted)
    fused = fuse(retrieved, recommender.ranker, query.named, DEEPEST + len(query.named))
    return tuple(item for item, _, _ in fused)


def milliseconds_since(started: float) -> float:
    """From a value of `time.perf_counter`."""
    return 1_000 * (perf_counter() - started)


def instances(ranked: Iterable[Ranked], *, new: bool) -> list[Instance]:
    """One for each target. `new`: only targets not mentioned before, looked for in rankings without what was mentioned."""
    found: list[Instance] = []
    for one in ranked:
        mentioned = frozenset(one.mentioned) if new else frozenset[str]()
        ranking = [item for item in one.ranking if item not in mentioned]
        found += [Instance(one.group, ranking, target) for target in one.targets if target not in mentioned]
    return found


def figures(
    ranked: Sequence[Ranked], recommender: Recommender, past: Iterable[str], protocols: Mapping[str, bool]
) -> dict[str, dict[str, Figure | float]]:
    """By protocol (name -> whether only new targets count) the accuracy; under "shown" the variety; "latency_ms".

    `past`: the item ids of past choices, by which novelty is judged.
    """
    catalogue = recommender.catalogue
    spent = [one.latency_ms for one in ranked]
    shown = variety(
        [one.ranking for one in ranked], len(catalogue), Counter(past), catalogue.rows, recommender.sources.index.vectors
    )
    return {
        **{name: dict(accuracy(instances(ranked, new=new))) for name, new in protocols.items()},
        "shown": dict(shown),
        "latency_ms": {"p50": float(np.percentile(spent, 50)), "p95": float(np.percentile(spent, 95))} if spent else {},
    }


def ablation(recommender: Recommender, asked: Iterable[tuple[Query, Sequence[str]]]) -> list[tuple[str, float, float]]:
    """(source, Recall@10 of it alone, Recall@10 of all the others) over the targets of queries, the weights as they are.

    What a query names is neither ranked nor looked for. A source that changes nothing is left out.
    """
    names = recommender.ranker.names
    hits = np.zeros((2, len(names) + 1))
    count = 0
    for query, targets in asked:
        new = replace(query, exclusions=query.exclusions | frozenset(query.named))
        retrieved = recommender.sources.retrieve(new, recommender.ranker.counted)
        for target in {*targets} - {*query.named}:
            count += 1
            hits += _hits(retrieved, recommender.catalogue.rows[target], recommender.ranker, query.named)
    alone, without = hits / max(1, count)
    parts = zip(("all", *names), map(float, [without[-1], *alone]), map(float, [without[-1], *without]), strict=False)
    return [part for part in parts if part[0] == "all" or part[1] or part[2] != without[-1]]


def _hits(retrieved: Retrieved, row: int, ranker: Ranker, named: tuple[str, ...]) -> np.ndarray:
    """Whether the item in `row` is among the first ten by each source alone, and by all but each; last: by all."""
    found = np.zeros((2, len(ranker.names) + 1))
    at = np.flatnonzero(retrieved.rows == row)
    if len(at):
        table = ranker.scores(retrieved)
        parts = ranker.contributions(table, named)
        without = parts.sum(axis=1)[:, None] - np.concatenate([parts, np.zeros((len(parts), 1), dtype=np.float32)], axis=1)
        found[1] = (without >= without[at[0]]).sum(axis=0) <= 10  # what is told apart from nothing stands behind it
        found[0, :-1] = ((table >= table[at[0]]).sum(axis=0) <= 10) & (table[at[0]] > 0)
    return found


def write_run(ranked: Iterator[Ranked], file: Path) -> list[Ranked]:
    """Write a run, one ranking a line, as it comes; returns what was written."""
    kept: list[Ranked] = []
    with file.open("w", encoding="utf-8") as run:
        for one in ranked:
            row = {**one.key, "ranking": one.ranking, "latency_ms": round(one.latency_ms, 2)}
            run.write(json.dumps(row) + "\n")
            kept.append(one)
    return kept
