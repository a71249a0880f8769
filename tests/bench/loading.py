"""The built-in catalogues: how large they are in the repository and how fast they are read."""

import statistics
import time

from retrieval.catalogue import BUILT_IN, read_catalogue
from tests.bench.row import Row

TIMES = 5


def measure() -> list[Row]:
    rows: list[Row] = []
    for name in ("films", "shop"):
        seconds: list[float] = []
        for _ in range(TIMES):
            started = time.perf_counter()
            catalogue = read_catalogue(name)
            seconds.append(time.perf_counter() - started)
        middle = statistics.median(seconds)
        rows.append(Row(f"reading {len(catalogue):,} {catalogue.plural}", f"{middle:.2f} s", "< 0.5 s", middle < 0.5))
    size = sum(file.stat().st_size for file in BUILT_IN.rglob("catalogue.*")) / 1e6
    return [*rows, Row("built-in catalogues in the repository", f"{size:.1f} MB", "< 4 MB", size < 4)]
