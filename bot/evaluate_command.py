"""`evaluate dialogues`: rank held-out moments of logged conversations, write the run, show what it is worth."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.dialogues import Dialogue
from bot.evaluation import ablation, figures, learnt, rank_all, read_all, write_run
from bot.parts import Progress
from bot.recommender import Recommender
from retrieval.evaluation import Figure
from retrieval.rows import BadRow


def evaluate_dialogues(
    recommender: Recommender, file: Path, run: Path, learn_from: Path | None, *, new: bool, parts: bool, progress: Progress,
    told: Console,
) -> dict[str, Any]:  # fmt: skip
    """Learn from one file where one is given, rank another, write the run; returns the figures as plain values.

    Nothing is written to the log. `parts`: measure each source alone and all the others without it, too.
    """
    lessons = _read(learn_from, recommender, told) if learn_from else []
    dialogues = _read(file, recommender, told)
    if lessons:
        recommender = learnt(recommender, lessons, progress)
    ranked = write_run(rank_all(recommender, dialogues, new=new, progress=progress), run)
    found: dict[str, Any] = {"rows": len(dialogues), "learnt_from": len(lessons), **figures(ranked, recommender, lessons)}
    if parts:
        found["ablation"] = [
            {"source": name, "alone": alone, "without": without} for name, alone, without in ablation(recommender, dialogues)
        ]
    return found


def show(found: dict[str, Any], told: Console) -> None:
    """The figures as tables."""
    table = Table("protocol", *found["new"])
    for protocol in ("new", "all"):
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


def _read(file: Path, recommender: Recommender, told: Console) -> list[Dialogue]:
    good, bad = read_all(file, recommender)
    _report(file, bad, told)
    return good


def _report(file: Path, bad: list[BadRow], told: Console) -> None:
    for problem in bad:
        told.print(f"{file}, line {problem.line} {problem.why}; left out", style="yellow", markup=False)


def _figure(value: Figure | float) -> str:
    if isinstance(value, Figure):
        return f"{value.mean:.3f}\n[{value.low:.3f}, {value.high:.3f}]".replace("[", r"\[")
    return f"{value:.3f}"
