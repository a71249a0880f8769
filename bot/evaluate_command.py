"""`evaluate dialogues` and `evaluate events`: rank held-out moments of a log, write the run, show what it is worth."""

import dataclasses
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from bot import past_dialogues, past_events
from bot.dialogues import Dialogue, read_dialogues
from bot.evaluation import ablation, figures, write_run
from bot.event_rows import read_events
from bot.events import Event
from bot.moments import evidence
from bot.parts import Progress
from bot.recommender import Recommender
from retrieval.errors import CatalogueError
from retrieval.evaluation import Figure
from retrieval.learning import Lesson, learn, remembered
from retrieval.rows import BadRow

Logged = TypeVar("Logged", Dialogue, Event)


def evaluate_dialogues(
    recommender: Recommender, file: Path, run: Path, learn_from: Path | None, *, new: bool, parts: bool, progress: Progress,
    told: Console,
) -> dict[str, Any]:  # fmt: skip
    """Learn from one file where one is given, rank another, write the run; returns the figures as plain values.

    Nothing is written to the log. `parts`: measure each source alone and all the others without it, too.
    """
    catalogue = recommender.catalogue
    past = _usable(learn_from, read_dialogues(learn_from, catalogue), told) if learn_from else []
    held = _usable(file, read_dialogues(file, catalogue), told)
    if past:
        lessons = past_dialogues.lessons_of(recommender, past, progress)
        fitted = _fitted(recommender, lessons, progress)
        recommender = dataclasses.replace(fitted, sources=remembered(recommender.sources, lessons))
    ranked = write_run(past_dialogues.rank_all(recommender, held, new=new, progress=progress), run)
    taken = (item for dialogue in past for item in dialogue.taken)
    found: dict[str, Any] = {"rows": len(held), "learnt_from": len(past)}
    found |= figures(ranked, recommender, taken, {"new": True, "all": False})
    asker = past_dialogues.Asker(recommender)
    return found | (_ablation(recommender, ((asker.query(row), row.targets) for row in held)) if parts else {})


def evaluate_events(
    recommender: Recommender, file: Path, run: Path, learn_from: Path | None, *, parts: bool, progress: Progress, told: Console
) -> dict[str, Any]:
    """The same for deeds: each row of `file` is what its user did next.

    What was done before is what `learn_from` tells, which is learnt from then; without one, what is in the log.
    """
    catalogue = recommender.catalogue
    if learn_from:
        past = _usable(learn_from, read_events(learn_from, catalogue, time.time()), told)
        recommender = past_events.observing(recommender, past)
        recommender = _fitted(recommender, past_events.lessons_of(recommender, past, progress), progress)
    else:
        past = evidence(recommender.log)[1]
    held = _usable(file, read_events(file, catalogue, time.time()), told)
    histories = past_events.by_user(past)
    ranked = write_run(past_events.rank_all(recommender, held, histories, progress), run)
    found: dict[str, Any] = {"rows": len(held), "learnt_from": len(past) if learn_from else 0}
    found |= figures(ranked, recommender, (event.item for event in past), {"next": False})
    found["next"] = {name.replace("R@", "HR@"): figure for name, figure in found["next"].items()}  # one choice a row
    asked = ((past_events.query_before(recommender, histories.get(e.user, ()), e.user, e.time), (e.item,)) for e in held)
    return found | (_ablation(recommender, asked) if parts else {})


def show(found: dict[str, Any], told: Console) -> None:
    """The figures as tables."""
    protocols = [name for name in ("new", "all", "next") if name in found]
    table = Table("protocol", *found[protocols[0]])
    for protocol in protocols:
        table.add_row(protocol, *(_figure(value) for value in found[protocol].values()))
    told.print(table)
    told.print(" · ".join(f"{name} {_figure(value)}" for name, value in found["shown"].items()), markup=False)
    told.print(" · ".join(f"{name} {value:.1f} ms" for name, value in found["latency_ms"].items()), markup=False)
    if "ablation" in found:
        parts = Table("source", "R@10 alone", "R@10 without")
        for row in sorted(found["ablation"], key=lambda row: row["without"]):
            parts.add_row(row["source"], _figure(row["alone"]), _figure(row["without"]))
        told.print(parts)


def as_json(found: dict[str, Any]) -> str:
    """The figures as one JSON object."""
    return json.dumps(found, default=dataclasses.asdict)


def _fitted(recommender: Recommender, lessons: Sequence[Lesson], progress: Progress) -> Recommender:
    progress("fitting the ranker", 0, 0)
    return dataclasses.replace(recommender, ranker=learn(lessons, recommender.sources, recommender.ranker))


def _ablation(recommender: Recommender, asked: Iterable[Any]) -> dict[str, Any]:
    parts = ablation(recommender, asked)
    return {"ablation": [{"source": name, "alone": alone, "without": without} for name, alone, without in parts]}


def _usable(file: Path, rows: Iterable[Logged | BadRow], told: Console) -> list[Logged]:
    """The good rows of a file; the bad ones are told. Raises CatalogueError when none is good."""
    every = list(rows)
    good, bad = [row for row in every if not isinstance(row, BadRow)], [row for row in every if isinstance(row, BadRow)]
    if not good:
        why = f"; the first problem: line {bad[0].line} {bad[0].why}" if bad else ""
        raise CatalogueError(f"{file} holds no row that can be used{why}")
    for problem in bad:
        told.print(f"{file}, line {problem.line} {problem.why}; left out", style="yellow", markup=False)
    return good


def _figure(value: Figure | float) -> str:
    if isinstance(value, Figure):
        return f"{value.mean:.3f}\n[{value.low:.3f}, {value.high:.3f}]".replace("[", r"\[")
    return f"{value:.3f}"
