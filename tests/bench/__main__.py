"""`make bench`: everything README claims, measured in one run, beside the peers it names; a table on screen and in results/."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from rich.console import Console
from rich.table import Table

from bot.data_folder import DataFolder
from bot.parts import Parts, build
from bot.settings import read_settings
from bot.terminal import progress_bar
from tests.bench import loading, recall, reflected, size, startup, turns
from tests.bench.row import Row

KEPT = Path(os.environ.get("PARLEY_BENCH_DATA", Path(tempfile.gettempdir()) / "parley-bench"))  # so that a second run is quick


@contextmanager
def opened(catalogue: str) -> Iterator[Parts]:
    """The whole of Parley over a built-in catalogue."""
    settings = read_settings(data=KEPT, catalogue=catalogue)
    with progress_bar(Console(stderr=True)) as progress:
        parts = build(settings, DataFolder(settings.data), progress, needs_model=True)
    yield parts
    parts.close()


def main() -> int:
    rows: list[Row] = []
    with opened("films") as parts:
        rows += [*turns.measure(parts), *recall.measure(parts, "films")]
    with opened("shop") as parts:
        rows += recall.measure(parts, "shop")
        assert parts.recommender.embeddings is not None
        rows += size.measure(parts.recommender.embeddings)
    rows += [*reflected.measure(), *loading.measure(), *startup.measure(KEPT)]
    return show(rows, "bench.md")


def show(rows: list[Row], file: str) -> int:
    """The table on screen and in results/`file`; 1 when a line does not hold."""
    table = Table("what", "measured", "wanted", "holds")
    for row in rows:
        table.add_row(row.what, row.measured, row.wanted, "" if row.holds is None else "yes" if row.holds else "[red]NO[/red]")
    console = Console(width=150)
    console.print(table)
    results = Path("results")
    results.mkdir(exist_ok=True)
    lines = ["| what | measured | wanted | holds |", "|---|---|---|---|"]
    lines += [
        f"| {r.what} | {r.measured} | {r.wanted} | {'' if r.holds is None else 'yes' if r.holds else 'NO'} |" for r in rows
    ]
    (results / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
