"""A stopwatch for the stages of a turn."""

import time


class Timings:
    """A stopwatch of named stages, in milliseconds."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.milliseconds: dict[str, float] = {}

    def mark(self, stage: str, *, since_start: bool = False, once: bool = False) -> None:
        """Note the time since the last mark (or since the start) under `stage`."""
        now = time.perf_counter()
        if not (once and stage in self.milliseconds):
            self.milliseconds[stage] = round(1_000 * (now - (self._start if since_start else self._last)), 2)
        self._last = now
