"""Ranks held-out moments of logged conversations through the live flow, and measures what was ranked."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.dialogues import Dialogue, read_dialogues
from bot.profile import infer, stretches
from bot.recommender import Recommender
from bot.session import Turn
from retrieval.errors import CatalogueError
from retrieval.evaluation import Figure, Instance, accuracy, variety
from retrieval.index import Query
from retrieval.learning import Lesson, learn, remembered
from retrieval.memory import Moment
from retrieval.ranker import Ranker
from retrieval.ranking import fuse
from retrieval.rows import BadRow
from retrieval.sources import Retrieved

DEEPEST = 100  # items of a ranking that are written out
SECONDS_APART = 60.0  # between the turns of a logged conversation, which tell no time
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A dialogue's ranking, best first, and the milliseconds from its newest message to it."""

    dialogue: Dialogue
    mentioned: tuple[str, ...]
    ranking: tuple[str, ...]
    latency_ms: float


class Asker:
    """Turns the context of a dialogue into what the live flow would ask of retrieval at that moment."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender
        self._understand = lru_cache(maxsize=50_000)(recommender.understander.understand)

    def query(self, dialogue: Dialogue) -> Query:
        """The query of a moment: nothing excluded, so that what was mentioned stays in the ranking."""
        turns = self._turns(dialogue)
        profile = infer(turns, [], self._recommender.catalogue, SECONDS_APART * len(turns), dialogue.id)
        mentioned = profile.named if dialogue.mentioned is None else dialogue.mentioned
        query = self._recommender.query(profile, DEEPEST)
        return replace(query, exclusions=frozenset(), named=tuple(dict.fromkeys(mentioned)), texts=stretches(dialogue.context))

    def before(self, dialogue: Dialogue) -> None:
        """Do beforehand what the live flow has done by the time of the newest message."""
        self.query(replace(dialogue, context=dialogue.context[:-1]))

    def _turns(self, dialogue: Dialogue) -> list[Turn]:
        turns: list[Turn] = []
        for at, (role, text) in enumerate(dialogue.context):
            if role == "user":
                understood = self._understand(text)
                turns.append(Turn(f"{at:04}", dialogue.id, dialogue.id, SECONDS_APART * at, text, understood))
            elif turns:
                turns[-1] = replace(turns[-1], words=f"{turns[-1].words} {text}".strip())
        return turns


def lessons_of(recommender: Recommender, dialogues: Sequence[Dialogue], progress: Progress) -> list[Lesson]:
    """What each dialogue teaches: its moment, and how the live flow would have retrieved for it."""
    asker, lessons = Asker(recommender), list[Lesson]()
    for done, dialogue in enumerate(dialogues, 1):
        query = asker.query(dialogue)
        moment = Moment(dialogue.id, query.texts, query.named, dialogue.taken)
        lessons.append(Lesson(moment, lambda sources, query=query: sources.retrieve(query)))
        progress("reading dialogues", done, len(dialogues))
    return lessons


def learnt(recommender: Recommender, dialogues: Sequence[Dialogue], progress: Progress) -> Recommender:
    """The recommender with the memory and the weights that these dialogues teach."""
    lessons = lessons_of(recommender, dialogues, progress)
    progress("fitting the ranker", 0, 0)
    ranker = learn(lessons, recommender.sources, recommender.ranker)
    sources = remembered(recommender.sources, [lesson.moment for lesson in lessons])
    return replace(recommender, sources=sources, ranker=ranker)


def rank_all(recommender: Recommender, dialogues: Sequence[Dialogue], *, new: bool, progress: Progress) -> Iterator[Ranked]:
    """The ranking of each dialogue, as the live flow makes it; with `new`, without what was mentioned already."""
    asker = Asker(recommender)
    for done, dialogue in enumerate(dialogues, 1):
        asker.before(dialogue)
        started = time.perf_counter()
        query = asker.query(dialogue)
        retrieved = recommender.sources.retrieve(query, recommender.ranker.counted)
        fused = fuse(retrieved, recommender.ranker, query.named, DEEPEST + len(query.named))
        spent = 1_000 * (time.perf_counter() - started)
        ids = [item for item, _, _ in fused if not (new and item in query.named)]
        yield Ranked(dialogue, query.named, tuple(ids[:DEEPEST]), spent)
        progress("ranking dialogues", done, len(dialogues))


def instances(ranked: Iterable[Ranked], *, new: bool) -> list[Instance]:
    """One for each target. `new`: only targets not mentioned before, looked for in rankings without what was mentioned."""
    found: list[Instance] = []
    for one in ranked:
        mentioned = frozenset(one.mentioned) if new else frozenset[str]()
        ranking = [item for item in one.ranking if item not in mentioned]
        found += [Instance(one.dialogue.id, ranking, target) for target in one.dialogue.targets if target not in mentioned]
    return found


def figures(
    ranked: Sequence[Ranked], recommender: Recommender, learnt_from: Sequence[Dialogue]
) -> dict[str, dict[str, Figure | float]]:
    """By protocol ("new", "all") the accuracy; under "shown" the variety, under "latency_ms" p50 and p95."""
    catalogue = recommender.catalogue
    taken = Counter(item for dialogue in learnt_from for item in dialogue.taken)
    spent = [one.latency_ms for one in ranked]
    vectors = recommender.sources.index.vectors
    return {
        "new": dict(accuracy(instances(ranked, new=True))),
        "all": dict(accuracy(instances(ranked, new=False))),
        "shown": dict(variety([one.ranking for one in ranked], len(catalogue), taken, catalogue.rows, vectors)),
        "latency_ms": {"p50": float(np.percentile(spent, 50)), "p95": float(np.percentile(spent, 95))} if spent else {},
    }


def ablation(recommender: Recommender, dialogues: Sequence[Dialogue]) -> list[tuple[str, float, float]]:
    """(source, Recall@10 of it alone, Recall@10 of all the others), by the "new" protocol, the weights as they are."""
    asker, names = Asker(recommender), recommender.ranker.names
    hits = np.zeros((2, len(names) + 1))
    count = 0
    for dialogue in dialogues:
        query = asker.query(dialogue)
        retrieved = recommender.sources.retrieve(replace(query, exclusions=frozenset(query.named)), recommender.ranker.counted)
        for target in {*dialogue.targets} - {*query.named}:
            count += 1
            hits += _hits(retrieved, recommender.catalogue.rows[target], recommender.ranker, query.named)
    alone, without = hits / max(1, count)
    return [("all", float(without[-1]), float(without[-1])), *zip(names, map(float, alone), map(float, without), strict=False)]


def _hits(retrieved: Retrieved, row: int, ranker: Ranker, named: tuple[str, ...]) -> np.ndarray:
    """Whether the item in `row` is among the first ten by each source alone, and by all but each; last: by all."""
    found = np.zeros((2, len(ranker.names) + 1))
    at = np.flatnonzero(retrieved.rows == row)
    if len(at):
        table, parts = ranker.scores(retrieved), ranker.contributions(retrieved, named)
        without = parts.sum(axis=1)[:, None] - np.concatenate([parts, np.zeros((len(parts), 1), dtype=np.float32)], axis=1)
        found[1] = (without >= without[at[0]]).sum(axis=0) <= 10  # what is told apart from nothing stands behind it
        found[0, :-1] = ((table >= table[at[0]]).sum(axis=0) <= 10) & (table[at[0]] > 0)
    return found


def read_all(file: Path, recommender: Recommender) -> tuple[list[Dialogue], list[BadRow]]:
    """The dialogues of a file, and its bad rows. Raises CatalogueError when none can be used."""
    rows = list(read_dialogues(file, recommender.catalogue))
    good, bad = [row for row in rows if isinstance(row, Dialogue)], [row for row in rows if isinstance(row, BadRow)]
    if not good:
        why = f"; the first problem: line {bad[0].line} {bad[0].why}" if bad else ""
        raise CatalogueError(f"{file} holds no dialogue that can be used{why}")
    return good, bad


def write_run(ranked: Iterable[Ranked], file: Path) -> list[Ranked]:
    """Write a run, one dialogue a line, as it comes; returns what was written."""
    kept: list[Ranked] = []
    with file.open("w", encoding="utf-8") as run:
        for one in ranked:
            row = {"dialog_id": one.dialogue.id, "turn": one.dialogue.turn, "ranking": one.ranking}
            run.write(json.dumps({**row, "latency_ms": round(one.latency_ms, 2)}) + "\n")
            kept.append(one)
    return kept
