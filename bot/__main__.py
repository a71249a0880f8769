"""The command line: `python -m bot …`, installed as `parley`."""

import errno
import json
import logging
import sys
import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from bot import logs
from bot.conversation_tests.command import test
from bot.conversation_tests.record_command import record
from bot.learning_commands import dialogues_app, evaluate_app, events_app, learn
from bot.options import CatalogueOption, Data, err, opened, out
from bot.profile_commands import export, forget, profile
from bot.settings import read_settings
from retrieval.errors import ReadableError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="A recommender you talk to.")
app.add_typer(events_app, name="events")
app.add_typer(dialogues_app, name="dialogues")
app.add_typer(evaluate_app, name="evaluate")
app.command()(learn)
for command in (profile, export, forget, test, record):
    app.command()(command)
User = Annotated[str, typer.Option("--user", help="Whose profile counts.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[str | None, typer.Option(help="Port to serve on.")] = None,
    data: Data = None,
    catalogue: CatalogueOption = None,
    examples: Annotated[bool | None, typer.Option("--examples", help="Serve example pages under /examples/.")] = None,
) -> None:
    """Serve the chat page, the API and the widget."""
    from bot.serving import serve as serve_pages

    serve_pages(read_settings(host=host, port=port, data=data, catalogue=catalogue, examples=examples))


@app.command()
def chat(data: Data = None, catalogue: CatalogueOption = None, user: User = "terminal") -> None:
    """Hold the same conversation in the terminal; an empty line ends it."""
    from bot.terminal import converse

    with opened(read_settings(data=data, catalogue=catalogue)) as parts:
        converse(parts.recommender, parts.recommender.log.start_session(user, time.time()), out, err)


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
    with opened(settings, needs_model=True) as parts:
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

    with opened(read_settings(data=data, catalogue=catalogue), quiet=as_json) as parts:
        session = parts.recommender.log.start_session(user, time.time())
        reply = parts.recommender.reply(session, text, speak=words, k=k)
        if not as_json:
            show(reply, parts.recommender.catalogue, out)
            return
        done = next(event for event in reply if isinstance(event, Done))
        _print_json(answer_json(done, parts.recommender.catalogue))


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


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the command line; a readable error is one sentence and exit code 2, `--debug` shows where it came from."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    logs.begin("text", logging.DEBUG if debug else logging.WARNING)
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
