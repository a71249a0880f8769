"""Learns how much each source counts, listwise, from moments in which items were taken; the weights begin where they were."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from retrieval.memory import Memory, Moment
from retrieval.ranker import Ranker
from retrieval.sources import Retrieved, Sources

FOLDS = 5  # by conversation: a moment is scored by a memory that does not hold its own conversation
RIVALS = 400  # items that a taken one is set against: those of the highest score so far
CHANCE = 100  # and so many at random, each standing for its share of the rest
DOUBT = 3.0  # moments' worth of belief in the weights as they were; divided by the moments learnt from
ROUNDS = 80
Floats = npt.NDArray[np.float32]
Rivals = tuple[npt.NDArray[np.float16], Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A moment and how it is retrieved: `retrieve` asks given sources for everything that could have been taken then.

    `remembered`: whether the moment belongs in the memory of conversations; a deed outside any does not.
    """

    moment: Moment
    retrieve: Callable[[Sources], Retrieved]
    remembered: bool = True


@dataclass(frozen=True, slots=True)
class _Lists:
    """Every lesson's rivals below each other; `starts`: where each list begins; `wanted`: the share of each taken item.

    `stands_for`: the logarithm of how many items each rival speaks for, since most are not looked at.
    """

    features: Floats
    stands_for: Floats
    gates: Floats
    starts: npt.NDArray[np.int64]
    wanted: Floats
    weights: Floats


def remembered(sources: Sources, lessons: Iterable[Lesson]) -> Sources:
    """The sources with a memory of these lessons' conversations."""
    memory = Memory(sources.index.catalogue)
    for lesson in lessons:
        if lesson.remembered:
            memory.add(lesson.moment)
    return sources.remembering(memory)


def learn(lessons: Sequence[Lesson], sources: Sources, ranker: Ranker, seed: int = 0) -> Ranker:
    """The ranker that fits the lessons best, moved away from `ranker` only as far as they tell.

    Minimises the mean over taken items of -log softmax(score) among their rivals, plus the squared distance from the old
    weights times DOUBT over the number of lessons. Each lesson is scored by what the other folds teach.
    """
    dice = np.random.default_rng(seed)
    folds = np.array([zlib.crc32(lesson.moment.conversation.encode()) % FOLDS for lesson in lessons])
    found: list[Rivals] = []
    for fold in range(FOLDS):
        there = remembered(sources, (lesson for lesson, at in zip(lessons, folds, strict=True) if at != fold))
        here = [lesson for lesson, at in zip(lessons, folds, strict=True) if at == fold]
        found += [_rivals(lesson, there, ranker, dice) for lesson in here]
    usable = [parts for parts in found if parts[3].any()]
    if not usable:
        return ranker
    heard = np.any([table.any(axis=0) for table, *_ in usable], axis=0)  # a source that never spoke keeps its weights
    columns = np.flatnonzero(np.tile(heard, 2))
    matrix = ranker.matrix.copy()
    matrix[:, columns] = _fitted(_lists(usable, np.flatnonzero(heard)), matrix[:, columns])
    return Ranker.from_matrix(ranker.names, matrix)


def _rivals(lesson: Lesson, sources: Sources, ranker: Ranker, dice: np.random.Generator) -> Rivals:
    """Scores (rows, sources), what each row stands for, gates, and which rows were taken, of the rows of one lesson."""
    retrieved = lesson.retrieve(sources)
    table = ranker.scores(retrieved)
    total = ranker.contributions(retrieved, lesson.moment.named).sum(axis=1)
    rows = sources.index.catalogue.rows
    taken = np.isin(retrieved.rows, [rows[i] for i in lesson.moment.taken if i in rows and i not in lesson.moment.named])
    rival = ~np.isin(retrieved.rows, [rows[item] for item in lesson.moment.named if item in rows])
    gates = np.array([1.0, 1.0 if lesson.moment.named else 0.0], dtype=np.float32)
    score = np.where(rival, total, -np.inf)
    near = taken & rival
    near[np.argsort(-score, kind="stable")[:RIVALS]] = True
    near &= rival
    far = np.flatnonzero(rival & ~near)
    drawn = dice.choice(far, min(CHANCE, len(far)), replace=False)
    kept = np.concatenate([np.flatnonzero(near), drawn])
    speaks = np.zeros(len(kept), dtype=np.float32)
    speaks[int(near.sum()) :] = np.log(max(len(far), 1) / max(len(drawn), 1))
    return table[kept].astype(np.float16), speaks, gates, taken[kept].astype(np.float32)


def _lists(found: Sequence[Rivals], heard: npt.NDArray[np.int64]) -> _Lists:
    tables, speaks, gates, taken = zip(*found, strict=True)
    counts = np.array([of_list.sum() for of_list in taken], dtype=np.float32)
    scores = np.concatenate([table[:, heard] for table in tables]).astype(np.float32)
    return _Lists(
        np.concatenate([scores, np.log1p(scores)], axis=1), np.concatenate(speaks), np.stack(gates),
        np.concatenate([[0], np.cumsum([len(of_list) for of_list in taken])[:-1]]).astype(np.int64),
        np.concatenate([of_list / of_list.sum() for of_list in taken]), counts / counts.sum(),
    )  # fmt: skip


def _fitted(lists: _Lists, before: Floats) -> npt.NDArray[np.float64]:
    """The weights that fit best, of the shape of `before`."""
    which = np.repeat(np.arange(len(lists.starts)), np.diff([*lists.starts, len(lists.features)]))
    belief = DOUBT / len(lists.starts)
    share = lists.weights[which] * lists.wanted

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(before.shape)
        effective = (lists.gates @ weights).astype(np.float32)
        scores = np.einsum("rf,rf->r", lists.features, effective[which]) + lists.stands_for
        scores -= np.maximum.reduceat(scores, lists.starts)[which]
        likely = np.exp(scores)
        totals = np.add.reduceat(likely, lists.starts)
        value = float(-(share * (scores - np.log(totals)[which])).sum())
        wrong = (likely / totals[which]) * lists.weights[which] - share
        by_list = np.add.reduceat(lists.features * wrong[:, None], lists.starts, axis=0)
        moved = weights - before
        return value + belief * float((moved**2).sum()), (lists.gates.T @ by_list + 2 * belief * moved).ravel()

    done = minimize(loss, before.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return done.x.reshape(before.shape)
