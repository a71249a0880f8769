"""One line of the benchmark's table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, the figure, what is wanted of it; `holds` None for a peer beside which others stand."""

    what: str
    measured: str
    wanted: str = ""
    holds: bool | None = None
