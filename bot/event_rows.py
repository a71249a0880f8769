"""The rows of a log of behaviour, each checked: CSV or JSON Lines with user_id, item_id, kind, value, timestamp."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.deeds import KINDS, Event, value_fault
from retrieval.catalogue import Catalogue
from retrieval.errors import CatalogueError
from retrieval.rows import BadRow, read_rows

NEEDED = ("user_id", "item_id", "kind", "timestamp")
AHEAD_SECONDS = 86_400  # how far a clock may run ahead before its row counts as bad; within it the deed is done now


def read_events(file: Path, catalogue: Catalogue, now: float) -> Iterator[Event | BadRow]:
    """The rows of a file in order. Raises CatalogueError when the file cannot be read or lacks a column."""
    for row in read_rows(file):
        if isinstance(row, BadRow):
            yield row
            continue
        missing = [column for column in NEEDED if column not in row.fields]
        if missing and row.line <= 2:
            raise CatalogueError(f"{file} has no column {missing[0]!r}; its columns are {', '.join(row.fields)}")
        try:
            yield _event(row.fields, catalogue, now)
        except ValueError as error:
            yield BadRow(row.line, str(error))


def _event(fields: Mapping[str, Any], catalogue: Catalogue, now: float) -> Event:
    user, item, kind = (str(fields.get(name) or "").strip() for name in ("user_id", "item_id", "kind"))
    if not user:
        raise ValueError("has no user_id")
    if item not in catalogue:
        raise ValueError(f"names the item {item!r}, which the catalogue does not have")
    if kind not in KINDS:
        raise ValueError(f"has the kind {kind!r}; known are {', '.join(KINDS)}")
    time = seconds(fields.get("timestamp"))
    if time > now + AHEAD_SECONDS:
        hint = "; it looks like milliseconds" if time / 1_000 <= now + AHEAD_SECONDS else ""
        raise ValueError(f"has the timestamp {fields.get('timestamp')!r}, which lies in the future{hint}")
    value = _value(kind, fields.get("value"))
    event_id = str(fields.get("event_id") or "").strip() or _derived_id(user, item, kind, time, value)
    return Event(event_id, user, item, kind, min(time, now), value)


def seconds(value: Any) -> float:
    """Seconds since 1970 from a number of seconds or an ISO 8601 text (taken as UTC where it names no zone)."""
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
    try:
        number = None if value in (None, "") else float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"has the value {value!r}, which is not a number") from error
    if why := value_fault(kind, number):
        raise ValueError(why)
    return number


def _derived_id(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]
