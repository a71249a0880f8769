"""Turns, events and corrections as rows of the log, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from bot.corrections import Correction
from bot.deeds import Event
from bot.session import Turn, Understanding

_understanding = TypeAdapter(Understanding)


def event_row(event: Event) -> dict[str, Any]:
    """An event as it is written."""
    return {
        "id": event.id, "user": event.user, "item": event.item, "kind": event.kind, "value": event.value,
        "time": event.time, "session": event.session_id, "slate": event.slate_id, "position": event.position,
    }  # fmt: skip


def event_of(row: Mapping[Any, Any]) -> Event:
    """The event that a row holds."""
    return Event(
        row["id"], row["user"], row["item"], row["kind"], row["time"], row["value"], row["session"], row["slate"],
        row["position"],
    )  # fmt: skip


def turn_row(turn: Turn) -> dict[str, Any]:
    """A turn as it is written."""
    return {
        "id": turn.id, "session": turn.session_id, "user": turn.user, "time": turn.time, "text": turn.text,
        "understanding": _understanding.dump_json(turn.understanding).decode(), "slate": turn.slate_id,
        "words": turn.words,
    }  # fmt: skip


def turn_of(row: Mapping[Any, Any]) -> Turn:
    """The turn that a row holds."""
    understanding = _understanding.validate_json(row["understanding"])
    return Turn(row["id"], row["session"], row["user"], row["time"], row["text"], understanding, row["slate"], row["words"])


def correction_row(correction: Correction) -> dict[str, Any]:
    """A correction as it is written."""
    return {
        "id": correction.id, "user": correction.user, "time": correction.time, "kind": correction.kind,
        "target": correction.target, "weight": correction.weight,
    }  # fmt: skip


def correction_of(row: Mapping[Any, Any]) -> Correction:
    """The correction that a row holds."""
    return Correction(row["id"], row["user"], row["kind"], row["time"], row["target"], row["weight"])
