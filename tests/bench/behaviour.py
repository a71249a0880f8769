"""`python -m tests.bench.behaviour FOLDER`: what comes next, on rows of your own, beside simpler and heavier systems.

FOLDER holds catalogue.jsonl and events.csv. Each user's last event is held out and looked for among all items that the user
has not had to do with; everything before is learnt from. No language model is asked.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from bot import past_events
from bot.data_folder import DataFolder
from bot.event_rows import read_events
from bot.events import Event
from bot.parts import build, silent
from bot.recommender import Recommender
from bot.settings import read_settings
from retrieval.catalogue import Catalogue
from retrieval.learning import learn
from retrieval.ranker import Ranker
from tests.bench.self_attentive import fit

Scorer = Callable[[str], np.ndarray]  # user -> one score a row of the catalogue
Histories = Mapping[str, Sequence[Event]]
SEED = 0


def main() -> None:
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as data:
        settings = read_settings(data=Path(data), catalogue=str(folder / "catalogue.jsonl"), language_model="off")
        parts = build(settings, DataFolder(settings.data))
        held, past = rows_of(folder, parts.recommender.catalogue)
        table = Table("system", "HR@10", "NDCG@10", "seconds to fit")
        for name, hit, gain, seconds in _measured(parts.recommender, held, past):
            table.add_row(name, f"{hit:.3f}", f"{gain:.3f}", f"{seconds:.0f}")
        Console().print(table)
        parts.close()


def rows_of(folder: Path, catalogue: Catalogue) -> tuple[dict[str, Event], list[Event]]:
    """Each user's last event, and all the others."""
    read = read_events(folder / "events.csv", catalogue, time.time())
    events = [event for event in read if isinstance(event, Event)]
    held = {user: history[-1] for user, history in past_events.by_user(events).items()}
    return held, [event for event in events if event.id != held[event.user].id]


def _measured(recommender: Recommender, held: Mapping[str, Event], past: Sequence[Event]):
    histories = past_events.by_user(past)
    rows = recommender.catalogue.rows
    sequences = {user: [rows[event.item] for event in history] for user, history in histories.items()}
    size = len(recommender.catalogue)

    started = time.perf_counter()
    knowing = fitted(recommender, past)
    fusion = _scorer(knowing, held, histories)
    yield "Parley, all sources fused", *_figures(fusion, held, sequences, rows), time.perf_counter() - started
    started = time.perf_counter()
    timeless = _without_time(past)
    late = {user: replace(event, time=max(e.time for e in past) + 1) for user, event in held.items()}
    blind = _scorer(fitted(recommender, timeless), late, past_events.by_user(timeless))
    yield "Parley, the times of all rows shuffled", *_figures(blind, held, sequences, rows), time.perf_counter() - started
    for source in ("popular", "busy_180", "others_near", "others_far", "others_beside", "others_follows"):
        alone = _scorer(replace(knowing, ranker=Ranker.straight({source: 1.0})), held, histories)
        yield f"{source} alone", *_figures(alone, held, sequences, rows), 0.0
    for last in (0, 10):
        started = time.perf_counter()
        name = f"EASE, last {last}" if last else "EASE, whole history"
        yield name, *_figures(_ease(sequences, size, last), held, sequences, rows), time.perf_counter() - started
    started = time.perf_counter()
    attentive = fit(list(sequences.values()), size, SEED)
    scores = _figures(lambda user: attentive(sequences.get(user, [])), held, sequences, rows)
    yield "SASRec (2 blocks, 64 wide, full softmax)", *scores, time.perf_counter() - started


def fitted(recommender: Recommender, past: Sequence[Event]) -> Recommender:
    """The recommender that knows these deeds and no others, fitted to them."""
    knowing = past_events.observing(recommender, past)
    return replace(knowing, ranker=learn(past_events.lessons_of(knowing, past, silent), knowing.sources, knowing.ranker))


def _without_time(events: Sequence[Event]) -> list[Event]:
    dice = np.random.default_rng(SEED)
    times = dice.uniform(min(e.time for e in events), max(e.time for e in events), len(events))
    return [replace(event, time=float(time)) for event, time in zip(events, times, strict=True)]


def _scorer(recommender: Recommender, held: Mapping[str, Event], histories: Histories) -> Scorer:
    def scores(user: str) -> np.ndarray:
        query = past_events.query_before(recommender, histories.get(user, ()), user, held[user].time)
        retrieved = recommender.sources.retrieve(query, recommender.ranker.counted)
        found = np.full(len(recommender.catalogue), -np.inf)
        ranker = recommender.ranker
        found[retrieved.rows] = ranker.totals(ranker.scores(retrieved), query.named)
        return found

    return scores


def _ease(sequences: Mapping[str, Sequence[int]], size: int, last: int, weight: float = 300.0) -> Scorer:
    """Steck (2019), "Embarrassingly shallow autoencoders", over items that five users have had to do with."""
    met = np.zeros((len(sequences), size), dtype=np.float32)
    for at, rows in enumerate(sequences.values()):
        met[at, list(rows)] = 1
    known = np.flatnonzero(met.sum(axis=0) >= 5)
    inverse = np.linalg.inv((met[:, known].T @ met[:, known]).astype(np.float64) + weight * np.eye(len(known)))
    from_to = (-inverse / np.diag(inverse)).astype(np.float32)
    np.fill_diagonal(from_to, 0)

    def scores(user: str) -> np.ndarray:
        asked = np.zeros(size, dtype=np.float32)
        asked[list(sequences.get(user, []))[-last:]] = 1
        found = np.full(size, -np.inf)
        found[known] = asked[known] @ from_to
        return found

    return scores


def _figures(
    scorer: Scorer, held: Mapping[str, Event], sequences: Mapping[str, Sequence[int]], rows: Mapping[str, int]
) -> tuple[float, float]:
    """HR@10 and NDCG@10; an item told apart from nothing stands behind it."""
    hits, gains = [], []
    for user, event in held.items():
        scores, target = np.array(scorer(user)), rows[event.item]
        wanted = scores[target]
        scores[list(sequences.get(user, []))] = -np.inf
        scores[target] = -np.inf
        place = int((scores >= wanted).sum()) if np.isfinite(wanted) and target not in sequences.get(user, []) else 10
        hits.append(place < 10)
        gains.append(1 / np.log2(place + 2) if place < 10 else 0.0)
    return float(np.mean(hits)), float(np.mean(gains))


if __name__ == "__main__":
    torch.manual_seed(SEED)
    main()
