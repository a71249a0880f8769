"""Learns how much each source counts, listwise, from moments in which items were taken; the weights begin where they were."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from retrieval.memory import Moment
from retrieval.ranker import TURNS, Ranker, bent
from retrieval.sources import Retrieved, Sources

FOLDS = 5  # by conversation: a moment is scored by a memory that does not hold its own conversation
RIVALS = 400  # items that a taken one is set against: those of the highest score so far
CHANCE = 100  # and so many at random, each standing for its share of the rest
DOUBT = 10.0  # moments' worth of belief in the weights as they were; divided by the moments learnt from
ROUNDS = 80
AT_ONCE = 200  # lessons whose curves are laid out at a time: 100,000 rivals, 100 MB
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
    """Some lessons' rivals below each other; `starts`: where each list begins; `wanted`: the share of each taken item.

    `stands_for`: the logarithm of how many items each rival speaks for, since most are not looked at. `weights`: how many
    items each lesson took. `which`: the lesson of each rival.
    """

    scores: npt.NDArray[np.float16]
    stands_for: Floats
    gates: Floats
    starts: npt.NDArray[np.int64]
    which: npt.NDArray[np.int64]
    wanted: Floats
    weights: Floats


def remembered(sources: Sources, lessons: Iterable[Lesson]) -> Sources:
    """The sources with a memory of these lessons' conversations."""
    memory = sources.memory.empty()
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
    heard = np.flatnonzero(np.any([table.any(axis=0) for table, *_ in usable], axis=0))  # a silent source keeps its weights
    columns = np.concatenate([heard + turn * len(ranker.names) for turn in range(TURNS)])
    matrix = ranker.matrix.copy()
    lists = [_lists(usable[at : at + AT_ONCE], heard) for at in range(0, len(usable), AT_ONCE)]
    matrix[:, columns] = _fitted(lists, matrix[:, columns])
    return Ranker.from_matrix(ranker.names, matrix)


def _rivals(lesson: Lesson, sources: Sources, ranker: Ranker, dice: np.random.Generator) -> Rivals:
    """Scores (rows, sources), what each row stands for, gates, and which rows were taken, of the rows of one lesson."""
    retrieved = lesson.retrieve(sources)
    table = ranker.scores(retrieved)
    total = ranker.totals(table, lesson.moment.named)
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
    lengths = [len(of_list) for of_list in taken]
    return _Lists(
        np.concatenate([table[:, heard] for table in tables]), np.concatenate(speaks), np.stack(gates),
        np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64), np.repeat(np.arange(len(lengths)), lengths),
        np.concatenate([of_list / of_list.sum() for of_list in taken]), np.array([of_list.sum() for of_list in taken]),
    )  # fmt: skip


def _fitted(parts: Sequence[_Lists], before: Floats) -> npt.NDArray[np.float64]:
    """The weights that fit best, of the shape of `before`."""
    lessons, items = sum(len(lists.starts) for lists in parts), sum(float(lists.weights.sum()) for lists in parts)
    belief = DOUBT / lessons

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(before.shape)
        found = [_loss(lists, weights.astype(np.float32)) for lists in parts]
        value, slope = (sum(each) / items for each in zip(*found, strict=True))
        moved = weights - before
        return value + belief * float((moved**2).sum()), (slope + 2 * belief * moved).ravel()

    done = minimize(loss, before.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return done.x.reshape(before.shape)


def _loss(lists: _Lists, weights: Floats) -> tuple[float, npt.NDArray[np.float64]]:
    """Sum over the taken items of -log softmax(score) among their rivals, and its slope, of the shape of `weights`."""
    features, gates = bent(lists.scores.astype(np.float32)), lists.gates[lists.which]
    scores = (features @ weights.T * gates).sum(axis=1) + lists.stands_for
    scores -= np.maximum.reduceat(scores, lists.starts)[lists.which]
    likely = np.exp(scores)
    totals = np.add.reduceat(likely, lists.starts)
    counts = lists.weights[lists.which]
    value = -(counts * lists.wanted * (scores - np.log(totals)[lists.which])).sum()
    wrong = counts * (likely / totals[lists.which] - lists.wanted)
    return float(value), ((gates * wrong[:, None]).T @ features).astype(np.float64)
