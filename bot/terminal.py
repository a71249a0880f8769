"""The conversation in a terminal: progress bars, cards as a table, words as they come."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from bot import template
from bot.parts import Progress as Report
from bot.parts import silent
from bot.profile import Profile
from bot.recommender import ReplyEvent, SlateReady, Words
from retrieval.catalogue import Catalogue


@contextmanager
def progress_bar(console: Console, *, quiet: bool = False) -> Generator[Report]:
    """A reporter that shows a bar with items a second and the time left."""
    if quiet or not console.is_terminal:
        yield silent
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int) -> None:
            task = tasks.get(stage)
            if task is None:
                task = tasks[stage] = bar.add_task(stage, total=total or None, completed=done, rate="")
                return
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, rate=f"{speed:.0f} items/s" if speed else "")  # pyright: ignore[reportArgumentType]

        yield report


def show(reply: Iterable[ReplyEvent], catalogue: Catalogue, console: Console) -> None:
    """Print a reply as it comes: the slate first, then the words."""
    for event in reply:
        if isinstance(event, SlateReady):
            table = Table(show_header=False, box=None, padding=(0, 1))
            for recommendation in event.slate.recommendations:
                why = "; ".join(template.reason_text(reason, catalogue) for reason in recommendation.reasons[:2])
                table.add_row(
                    f"{recommendation.rank}.", f"[bold]{escape(template.titled(recommendation.item))}[/bold]", escape(why)
                )
            console.print(table)
        elif isinstance(event, Words):
            console.print(escape(event.text))


def show_profile(profile: Profile, catalogue: Catalogue, console: Console) -> None:
    """Print what is held of a user."""
    table = Table("what", "value", "weight", "because of")
    for preference in profile.preferences:
        said = ", ".join(f"“{evidence}”" for evidence in preference.evidence if evidence)
        table.add_row(
            catalogue.facets[preference.facet].label, escape(preference.value), f"{preference.weight:+.2f}", escape(said)
        )
    for item, weight in profile.affinities.items():
        if item in catalogue:
            state = "rejected" if item in profile.rejected else "known already" if item in profile.consumed else ""
            table.add_row(catalogue.noun, escape(catalogue[item].title), f"{weight:+.2f}", state)
    for constraint in profile.constraints:
        table.add_row(
            "condition", escape(template.constraint_text(constraint, catalogue)), "", f"“{escape(constraint.evidence)}”"
        )
    console.print(table)
