"""`parley test`: hold scripted conversations. Exit code 0: all hold, 1: some fail, 2: they cannot be run."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.options import err, out
from retrieval.errors import ReadableError

if TYPE_CHECKING:
    from bot.conversation_tests.running import OpenTarget
    from bot.conversation_tests.show import Results

Paths = Annotated[list[Path], typer.Argument(help="Conversation files (*.conv.yaml), or folders of them.", show_default=False)]
LOOKS = 0.5  # seconds between two looks at the files


def test(
    paths: Paths,
    expression: Annotated[str, typer.Option("-k", help='Choose by name, tag and file: "shop and not slow".')] = "",
    url: Annotated[str, typer.Option("--url", help="Speak to this server instead.")] = "",
    model: Annotated[str, typer.Option("--model", help="Where a script names none: off, scripted or real.")] = "off",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Keep the slates as the new baseline.")] = False,
    compare: Annotated[Path | None, typer.Option("--compare", help="The baseline; tell how far slates have drifted.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again whenever a file changes, until Ctrl-C.")] = False,
) -> None:
    """Hold scripted conversations and tell which do not hold."""
    from bot.conversation_tests.running import MODELS, targets

    if model not in MODELS:
        raise ReadableError(f"--model is {model!r}; it is {', '.join(MODELS)}")
    with targets(url, model) as open_target:
        while True:
            stamp = _stamp(paths)
            try:
                results = _once(paths, expression, open_target, quiet=as_json)
                _tell(results, paths, as_json, junit, update, compare)
            except ReadableError as error:
                if not watch:
                    raise
                err.print(f"[red]{error}[/red]")
            else:
                if not watch:
                    raise typer.Exit(results.exit_code)
            while _stamp(paths) == stamp:
                time.sleep(LOOKS)


def _once(paths: list[Path], expression: str, open_target: "OpenTarget", *, quiet: bool) -> "Results":
    """Read and hold everything that is chosen."""
    from bot.conversation_tests.choosing import chosen
    from bot.conversation_tests.reading import find, read
    from bot.conversation_tests.runner import run
    from bot.conversation_tests.show import Results, show

    scripts = chosen([script for file in find(paths) for script in read(file)], expression)
    if not scripts:
        raise ReadableError(f"-k {expression!r} chooses none of the conversations")
    results = Results([])
    for script in scripts:
        begun = time.perf_counter()
        outcome = run(script, open_target(script))
        results.held.append((outcome, time.perf_counter() - begun))
        if not quiet:
            show(outcome, results.held[-1][1], out)
    return results


def _tell(results: "Results", paths: list[Path], as_json: bool, junit: Path | None, update: bool, compare: Path | None) -> None:
    from bot.conversation_tests import baseline
    from bot.conversation_tests.junit import write_junit
    from bot.conversation_tests.show import print_json, show_drift, show_end

    now = baseline.slates([outcome for outcome, _ in results.held])
    drifts = baseline.drifts(baseline.read(compare), now) if compare and not (update and not compare.exists()) else []
    if junit:
        write_junit(junit, results.held)
    if as_json:
        print_json(results, drifts)
    else:
        show_end(results, out)
        if compare:
            show_drift(drifts, out)
    if update:
        file = compare or _baseline_of(paths[0])
        baseline.write(file, now)
        err.print(f"the baseline is kept in {file}", markup=False)


def _baseline_of(path: Path) -> Path:
    return path / "conversations.baseline.json" if path.is_dir() else path.with_name("conversations.baseline.json")


def _stamp(paths: list[Path]) -> list[tuple[Path, int]]:
    """The files, each with its time of change."""
    from bot.conversation_tests.reading import ENDING

    files = [file for path in paths for file in (sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path])]
    return [(file, file.stat().st_mtime_ns) for file in files if file.exists()]
