"""The commands about what is learnt from: `events import`, `dialogues import`, `learn`, `evaluate dialogues`."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.options import CatalogueOption, Data, err, opened, out
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from bot.import_events import Report

events_app = typer.Typer(no_args_is_help=True, help="What users did.")
dialogues_app = typer.Typer(no_args_is_help=True, help="What was said before, and what was recommended then.")
evaluate_app = typer.Typer(no_args_is_help=True, help="What the ranking is worth on held-out rows.")
DIALOGUES = "JSON Lines: dialog_id, turn, context, targets (+ mentioned, accepted, disliked)."


Run = Annotated[Path, typer.Option("--run", help="Where the rankings are written, as JSON Lines.")]
LearnFrom = Annotated[Path | None, typer.Option("--learn", help="Rows to learn from first; nothing is logged.")]
Model = Annotated[bool, typer.Option("--language-model/--no-language-model", help="Whether vectors count.")]
Ablation = Annotated[bool, typer.Option("--ablation", help="Measure each source alone, and all without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@events_app.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines: user_id, item_id, kind, value, timestamp (+ event_id).")],
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Take in logged behaviour."""
    from bot.import_events import import_file
    from bot.parts import open_log
    from retrieval.catalogue import read_catalogue

    settings = read_settings(data=data, catalogue=catalogue)
    _tell(file, import_file(file, open_log(settings), read_catalogue(settings.catalogue), time.time()))


@dialogues_app.command("import")
def import_dialogues(
    file: Annotated[Path, typer.Argument(help=DIALOGUES)],
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Take in logged conversations: what was recommended after which words."""
    from bot.import_dialogues import import_dialogues as import_file
    from bot.parts import open_log
    from retrieval.catalogue import read_catalogue

    settings = read_settings(data=data, catalogue=catalogue)
    _tell(file, import_file(file, open_log(settings), read_catalogue(settings.catalogue)))


def learn(
    listed: Annotated[bool, typer.Option("--list", help="Show the versions; learn nothing.")] = False,
    activate: Annotated[str | None, typer.Option("--activate", help="Use this version (or: shipped).")] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Use the version before the one in use.")] = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Fit a new ranker version from what is logged and imported; use it if it does better on what it has not seen."""
    from bot.learn import learn_from_log
    from bot.terminal import progress_bar
    from retrieval.rankers import Rankers

    settings = read_settings(data=data, catalogue=catalogue)
    rankers = Rankers(settings.data / "rankers")
    if activate:
        rankers.activate(activate)
    elif rollback:
        rankers.roll_back()
    elif not listed:
        with opened(settings) as parts, progress_bar(err) as progress:
            learnt = learn_from_log(parts.recommender, progress)
        about = {"moments": learnt.moments, "recall@10 before": learnt.before, "recall@10 after": learnt.after}
        version = rankers.add(learnt.ranker, about)
        out.print(f"{learnt.moments} moments; Recall@10 on the held-out ones {learnt.before:.3f} -> {learnt.after:.3f}")
        if learnt.better:
            rankers.activate(version)
        else:
            out.print(f"version {version} does worse and is not used; parley learn --activate {version} would")
    for version in ("shipped", *rankers.versions) if listed else (rankers.active,):
        used = " (in use from the next start on)" if version == rankers.active else ""
        out.print(f"{version}{used} {rankers.about(version) or ''}".rstrip(), markup=False)


@evaluate_app.command("dialogues")
def evaluate_dialogues(
    file: Annotated[Path, typer.Argument(help=DIALOGUES)],
    run: Run,
    learn: LearnFrom = None,
    model: Model = True,
    new: Annotated[bool, typer.Option("--new", help="Leave what was mentioned out of the run.")] = False,
    parts: Ablation = False,
    as_json: AsJson = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Rank each recommender's turn of logged conversations and measure it."""
    from bot.evaluate_command import evaluate_dialogues

    settings = read_settings(data=data, catalogue=catalogue, language_model=None if model else "off")
    _evaluate(settings, as_json, partial(evaluate_dialogues, file=file, run=run, learn_from=learn, new=new, parts=parts))


@evaluate_app.command("events")
def evaluate_events(
    file: Annotated[Path, typer.Argument(help="What each user did next; the histories are what was imported.")],
    run: Run,
    learn: LearnFrom = None,
    model: Model = True,
    parts: Ablation = False,
    as_json: AsJson = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Rank for each user what might come next and measure it."""
    from bot.evaluate_command import evaluate_events

    settings = read_settings(data=data, catalogue=catalogue, language_model=None if model else "off")
    _evaluate(settings, as_json, partial(evaluate_events, file=file, run=run, learn_from=learn, parts=parts))


def _evaluate(settings: Settings, as_json: bool, evaluate: Callable[..., dict[str, Any]]) -> None:
    from bot import evaluate_command
    from bot.terminal import progress_bar

    with opened(settings, quiet=as_json) as built, progress_bar(err, quiet=as_json) as progress:
        found = evaluate(built.recommender, progress=progress, told=err)
    if as_json:
        sys.stdout.write(evaluate_command.as_json(found) + "\n")
    else:
        evaluate_command.show(found, out)


def _tell(file: Path, report: "Report") -> None:
    for problem in report.bad:
        err.print(f"{file}, line {problem.line} {problem.why}; left out", style="yellow", markup=False)
    for note in report.notes:
        err.print(f"{file}: {note}", style="yellow", markup=False)
    out.print(f"{report.new} new, {report.duplicate} known already, {len(report.bad)} bad")
