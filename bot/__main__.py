"""The command line: `python -m bot …`, installed as `parley`."""

import errno
import json
import logging
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bot.settings import Settings, read_settings
from retrieval.errors import ReadableError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="A recommender you talk to.")
events_app = typer.Typer(no_args_is_help=True, help="What users did.")
app.add_typer(events_app, name="events")
evaluate_app = typer.Typer(no_args_is_help=True, help="What the ranking is worth on held-out rows.")
app.add_typer(evaluate_app, name="evaluate")
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.")]
CatalogueOption = Annotated[str | None, typer.Option("--catalogue", help="A file, a folder or a built-in name.")]
User = Annotated[str, typer.Option("--user", help="Whose profile counts.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[str | None, typer.Option(help="Port to serve on.")] = None,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Serve the chat page and the API."""
    from bot.serving import serve as serve_pages

    serve_pages(read_settings(host=host, port=port, data=data, catalogue=catalogue))


@app.command()
def chat(data: Data = None, catalogue: CatalogueOption = None, user: User = "terminal") -> None:
    """Hold the same conversation in the terminal; an empty line ends it."""
    from bot.recommender import MessageError
    from bot.terminal import show

    with _parts(read_settings(data=data, catalogue=catalogue)) as parts:
        session = parts.recommender.log.start_session(user, time.time())
        out.print(f"What are you after? {len(parts.recommender.catalogue)} {parts.recommender.catalogue.plural} are here.")
        while message := _asked():
            try:
                show(parts.recommender.reply(session, message), parts.recommender.catalogue, out)
            except MessageError as error:
                err.print(f"[red]{error}[/red]")


@app.command()
def index(
    catalogue: Annotated[str, typer.Argument(help="A file, a folder or a built-in name.")],
    data: Data = None,
    engine: Annotated[str, typer.Option(help="local (ray comes with a later version).")] = "local",
    check: Annotated[bool, typer.Option("--check", help="Only look it over; exit code 2 if it has errors.")] = False,
) -> None:
    """Check a catalogue, embed what is new in it, build its index."""
    if check:
        from bot.check_report import look_over

        look_over(read_settings(catalogue=catalogue), out)
        return
    if engine != "local":
        raise ReadableError(f"--engine is {engine!r}; only local is here yet")
    settings = read_settings(data=data, catalogue=catalogue)
    with _parts(settings, needs_model=True) as parts:
        found = parts.recommender.catalogue
        out.print(f"{len(found)} {found.plural} ready in {settings.data}; {len(found.problems)} rows left out", markup=False)


@app.command()
def recommend(
    text: Annotated[str, typer.Argument(help="What is wanted, in plain words.")],
    user: User = "terminal",
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many items.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    words: Annotated[bool, typer.Option("--words/--no-words", help="Whether the language model explains.")] = True,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Answer one message."""
    from bot.answer import answer_json
    from bot.recommender import Done
    from bot.terminal import show

    with _parts(read_settings(data=data, catalogue=catalogue), quiet=as_json) as parts:
        session = parts.recommender.log.start_session(user, time.time())
        reply = parts.recommender.reply(session, text, speak=words, k=k)
        if not as_json:
            show(reply, parts.recommender.catalogue, out)
            return
        done = next(event for event in reply if isinstance(event, Done))
        _print_json(answer_json(done, parts.recommender.catalogue))


@app.command()
def profile(
    user: Annotated[str, typer.Argument(help="Whose profile.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Show what is held about a user, with the evidence."""
    from bot.answer import profile_json
    from bot.parts import open_log
    from bot.profile import infer
    from bot.terminal import show_profile
    from retrieval.catalogue import read_catalogue

    settings = read_settings(data=data, catalogue=catalogue)
    log = open_log(settings)
    items = read_catalogue(settings.catalogue)
    session = log.session(user)
    turns, events = log.turns(user), log.of(user)
    if not turns and not events:
        raise ReadableError(f"nothing is held about the user {user!r} in {settings.data}")
    found = infer(turns, events, items, time.time(), session.id if session else "")
    if as_json:
        _print_json(profile_json(found))
    else:
        show_profile(found, items, out)


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
    report = import_file(file, open_log(settings), read_catalogue(settings.catalogue), time.time())
    for problem in report.bad:
        err.print(f"{file}, line {problem.line} {problem.why}; left out", style="yellow", markup=False)
    out.print(f"{report.new} new, {report.duplicate} known already, {len(report.bad)} bad")


@evaluate_app.command("dialogues")
def evaluate_dialogues(
    file: Annotated[
        Path, typer.Argument(help="JSON Lines: dialog_id, turn, context, targets (+ mentioned, accepted, disliked).")
    ],
    run: Annotated[Path, typer.Option("--run", help="Where the rankings are written, as JSON Lines.")],
    learn: Annotated[Path | None, typer.Option("--learn", help="Dialogues to learn from first; nothing is logged.")] = None,
    model: Annotated[bool, typer.Option("--language-model/--no-language-model", help="Whether vectors count.")] = True,
    new: Annotated[bool, typer.Option("--new", help="Leave what was mentioned out of the run.")] = False,
    parts: Annotated[bool, typer.Option("--ablation", help="Measure each source alone, and all without it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Rank each recommender's turn of logged conversations and measure it."""
    from bot import evaluate_command
    from bot.terminal import progress_bar

    settings = read_settings(data=data, catalogue=catalogue, language_model=None if model else "off")
    with _parts(settings, quiet=as_json) as built, progress_bar(err, quiet=as_json) as progress:
        found = evaluate_command.evaluate_dialogues(
            built.recommender, file, run, learn, new=new, parts=parts, progress=progress, told=err
        )
    if as_json:
        sys.stdout.write(evaluate_command.as_json(found) + "\n")
    else:
        evaluate_command.show(found, out)


@app.command()
def doctor(data: Data = None, catalogue: CatalogueOption = None) -> None:
    """Check model, index, database, versions and free disk, and say what to do."""
    from bot.doctor import examine

    findings = examine(read_settings(data=data, catalogue=catalogue))
    for finding in findings:
        mark = "[green]ok[/green]  " if finding.sound else "[red]mend[/red]"
        out.print(mark, escape(f"{finding.what}: {finding.told}"))
    if not all(finding.sound for finding in findings):
        raise typer.Exit(2)


@contextmanager
def _parts(settings: Settings, *, needs_model: bool = False, quiet: bool = False) -> Generator[Any]:
    from bot.data_folder import DataFolder
    from bot.parts import build
    from bot.terminal import progress_bar

    folder = DataFolder(settings.data)
    try:
        with progress_bar(err, quiet=quiet) as progress:
            parts = build(settings, folder, progress, needs_model=needs_model)
        try:
            yield parts
        finally:
            parts.close()
    finally:
        folder.release()


def _asked() -> str:
    try:
        return out.input("[bold]› [/bold]").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the command line; a readable error is one sentence and exit code 2, `--debug` shows where it came from."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    shown = logging.StreamHandler()
    shown.setLevel(logging.DEBUG if debug else logging.WARNING)  # here as well: bm25s sets its own logger to DEBUG
    logging.basicConfig(level=shown.level, format="%(levelname)s %(name)s: %(message)s", handlers=[shown])
    try:
        app()
    except ReadableError as error:
        _fail(str(error), debug=debug)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(f"there is no room left on the disk that holds {error.filename or 'the data folder'}: free some", debug=debug)


def _fail(sentence: str, *, debug: bool) -> None:
    if debug:
        err.print_exception()
    sys.stderr.write(f"parley: {sentence}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
