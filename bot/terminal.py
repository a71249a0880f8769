"""The conversation in a terminal: progress bars, cards as a table, words as they come."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

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
from bot.recommender import MessageError, Recommender, ReplyEvent, SlateReady, Words
from bot.rights import Held
from bot.session import Session
from retrieval.catalogue import Catalogue

QUIT = ":quit"
TITLES = 3  # of the items that speak for a facet value


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


def converse(recommender: Recommender, session: Session, console: Console, errors: Console) -> None:
    """Hold a conversation until an empty line, ":quit" or the end of what is typed."""
    catalogue = recommender.catalogue
    console.print(f"What are you after? {len(catalogue)} {catalogue.plural} are here.")
    while (message := _asked(console)) not in ("", QUIT):
        try:
            show(recommender.reply(session, message), catalogue, console)
        except MessageError as error:
            errors.print(f"[red]{error}[/red]")


def _asked(console: Console) -> str:
    try:
        return console.input("[bold]› [/bold]").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


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
        elif event.question:
            console.print(f"[dim]({escape(' · '.join(event.question.choices))})[/dim]")


def show_held(held: Held, console: Console) -> None:
    """Print what is held of a user, a line each: what says so, and how `parley forget --what` names it."""
    told, catalogue = held.told(), held.catalogue
    labels = {name: facet.label for name, facet in catalogue.facets.items()}
    for one in (*told["preferences"], *told["leanings"]):
        why = _said(one) if "because" in one else ", ".join(catalogue[item].title for item in one["items"][:TITLES])
        console.print(_line(f"{labels.get(one['facet'], one['facet'])}: {one['value']}", one, why))
    for one in told["items"]:
        states = [state for state in ("rejected", "consumed") if one["item"] in told[state]]
        console.print(_line(f"{catalogue.noun}: {one['title']}", one, "; ".join([_said(one), *states])))
    for one in told["conditions"]:
        console.print(_line(f"condition: {one['text']}", one, f"“{one['evidence']}”"))
    for month in told["timeline"]:
        console.print(escape(f"{month['month']}: {', '.join(one['value'] for one in month['interests'])}"))
    if told["paused"]:
        console.print("Learning is paused: what comes now counts in its own conversation alone.")


def _line(what: str, one: dict[str, Any], why: str) -> str:
    weight = f" {one['weight']:+.2f}" if "weight" in one else ""
    return f"[bold]{escape(what)}[/bold]{weight}, because of {escape(why)} [dim]{escape(one['target'])}[/dim]"


def _said(one: dict[str, Any]) -> str:
    """The words and deeds that say so, with their dates."""
    said = ((because.get("deed") or f"“{because['words']}”", because["time"][:10]) for because in one["because"])
    return ", ".join(f"{what} ({day})" for what, day in said)
