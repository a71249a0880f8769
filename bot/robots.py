"""Finds who did more in a logged file than a person can: their rows would teach what no visitor wants."""

from array import array
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.event_rows import seconds
from retrieval.rows import Row, read_rows

# Somebody who rates whole pages of films at a time reaches 192 deeds within a minute and 1,290 within a day.
LIMITS: Mapping[float, int] = {60.0: 300, 86_400.0: 5_000}  # seconds -> deeds of one user that are still believed


def robots(file: Path) -> dict[str, str]:
    """By user what gives them away, in words. Rows that tell no user or time are passed over: others report them.

    Raises CatalogueError when the file cannot be read.
    """
    names: dict[str, int] = {}
    whose, when = array("q"), array("d")
    for row in read_rows(file):
        user = str(row.fields.get("user_id") or "").strip() if isinstance(row, Row) else ""
        try:
            time = seconds(row.fields.get("timestamp")) if isinstance(row, Row) and user else 0.0
        except ValueError:
            continue
        if user:
            whose.append(names.setdefault(user, len(names)))
            when.append(time)
    people, times = np.array(whose), np.array(when)
    order = np.lexsort((times, people))
    people, times = people[order], times[order]
    found: dict[int, str] = {}
    for span, most in LIMITS.items():
        for person, within in _too_many(people, times, span, most):
            found.setdefault(person, f"did {within} things within {span:,.0f} seconds")
    by_number = {number: name for name, number in names.items()}
    return {by_number[person]: why for person, why in found.items()}


def _too_many(people: npt.NDArray[np.int64], times: npt.NDArray[np.float64], span: float, most: int) -> list[tuple[int, int]]:
    """(person, deeds) where more than `most` of one person's deeds lie within `span` seconds. Both sorted by person, time."""
    at = np.arange(len(people) - most)
    hit = at[(people[at] == people[at + most]) & (times[at + most] - times[at] < span)]
    return [(int(person), _within(times[people == person], span)) for person in np.unique(people[hit])]


def _within(times: npt.NDArray[np.float64], span: float) -> int:
    """The greatest number of these times, in order, that lie within `span`."""
    return int((np.searchsorted(times, times + span, side="left") - np.arange(len(times))).max())
