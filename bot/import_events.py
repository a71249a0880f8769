"""Takes in logged behaviour from a CSV or JSON Lines file, row by row checked."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bot.events import KINDS, Event, EventLog
from retrieval.catalogue import Catalogue
from retrieval.errors import CatalogueError
from retrieval.rows import BadRow, Row, read_rows

NEEDED = ("user_id", "item_id", "kind", "timestamp")
RATING = (0.5, 5.0)  # the range of a rating's value
AHEAD_SECONDS = 86_400  # how far a clock may run ahead before its row counts as bad
BATCH = 2_000  # events in a transaction


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows were new and known already, and which were bad."""

    new: int
    duplicate: int
    bad: tuple[BadRow, ...]


def import_file(file: Path, log: EventLog, catalogue: Catalogue, now: float) -> Report:
    """Write the events of `file` into `log`; running it again adds nothing. `now` in seconds.

    Raises CatalogueError when the file cannot be read or lacks a column.
    """
    bad: list[BadRow] = []
    new = total = 0
    events = (_checked(row, catalogue, now, file, bad) for row in read_rows(file))
    for batch in _batches(event for event in events if event is not None):
        new += log.append(batch)
        total += len(batch)
    return Report(new, total - new, tuple(bad))


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    waiting = iter(events)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _checked(row: Row | BadRow, catalogue: Catalogue, now: float, file: Path, bad: list[BadRow]) -> Event | None:
    if isinstance(row, BadRow):
        bad.append(row)
        return None
    missing = [column for column in NEEDED if column not in row.fields]
    if missing and row.line <= 2:
        raise CatalogueError(f"{file} has no column {missing[0]!r}; its columns are {', '.join(row.fields)}")
    try:
        return _event(row.fields, catalogue, now)
    except ValueError as error:
        bad.append(BadRow(row.line, str(error)))
        return None


def _event(fields: Mapping[str, Any], catalogue: Catalogue, now: float) -> Event:
    user, item, kind = (str(fields.get(name) or "").strip() for name in ("user_id", "item_id", "kind"))
    if not user:
        raise ValueError("has no user_id")
    if item not in catalogue:
        raise ValueError(f"names the item {item!r}, which the catalogue does not have")
    if kind not in KINDS:
        raise ValueError(f"has the kind {kind!r}; known are {', '.join(KINDS)}")
    time = _time(fields.get("timestamp"))
    if time > now + AHEAD_SECONDS:
        raise ValueError(f"has the timestamp {fields.get('timestamp')!r}, which lies in the future")
    value = _value(kind, fields.get("value"))
    event_id = str(fields.get("event_id") or "").strip() or _derived_id(user, item, kind, time, value)
    return Event(event_id, user, item, kind, time, value)


def _time(value: Any) -> float:
    """Seconds from a number of seconds or an ISO 8601 text (taken as UTC where it names no zone)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValueError(f"has the timestamp {value!r}, neither seconds nor ISO 8601") from error
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"has the timestamp {value!r}, which is no time")
    return seconds


def _value(kind: str, value: Any) -> float | None:
    if value in (None, ""):
        if kind == "rating":
            raise ValueError("is a rating without a value")
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"has the value {value!r}, which is not a number") from error
    if kind == "rating" and not RATING[0] <= number <= RATING[1]:
        raise ValueError(f"has the rating {number:g}, outside {RATING[0]} to {RATING[1]:g}")
    return number


def _derived_id(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]
