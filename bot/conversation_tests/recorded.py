"""What a log holds of one session: its entries in time order, and what was known of the user at each moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from bot.corrections import Correction, counted
from bot.deeds import Event
from bot.log_rows import correction_of, event_of, turn_of
from bot.profile import Profile, infer
from bot.session import Turn
from retrieval.catalogue import Catalogue
from retrieval.errors import ReadableError

Entry = Turn | Event | Correction


class RecordingError(ReadableError):
    """A session that cannot be made into a script."""


@dataclass(frozen=True)
class Recorded:
    """All that a log holds of one user, and which session is meant. `slates`: id -> item ids in order."""

    session_id: str
    turns: tuple[Turn, ...]
    events: tuple[Event, ...]
    corrections: tuple[Correction, ...]
    slates: Mapping[str, tuple[str, ...]]

    @classmethod
    def of_rows(cls, rows: Mapping[str, Any], session_id: str = "") -> "Recorded":
        """From the rows of one user, by table, as `EventLog.held` or an export gives them; "": the newest session.

        Raises RecordingError where they are no such rows, or hold nothing of the session.
        """
        try:
            turns = tuple(turn_of({**row, "understanding": _text(row["understanding"])}) for row in rows["turns"])
            slates = {str(row["id"]): tuple(map(str, row["items"])) for row in rows["slates"]}
            events = tuple(event_of(row) for row in rows["events"])
            corrections = tuple(correction_of(row) for row in rows["corrections"])
        except (KeyError, TypeError, ValidationError) as error:
            raise RecordingError("what is held of the visitor has another shape than this Parley's export") from error
        session_id = session_id or (max(turns, key=lambda turn: turn.time).session_id if turns else "")
        if not any(turn.session_id == session_id for turn in turns):
            raise RecordingError(f"nothing was said or shown in the session {session_id[:80]!r}, so there is nothing to record")
        return cls(session_id, turns, events, corrections, slates)

    @cached_property
    def entries(self) -> list[Entry]:
        """What was said, done and corrected in the session, oldest first, with deeds outside any session in its time."""
        turns = [turn for turn in self.turns if turn.session_id == self.session_id]
        own = [event for event in self.events if event.session_id == self.session_id]
        entries = sorted((*turns, *own), key=lambda entry: entry.time)
        first, last = entries[0].time, entries[-1].time
        beside = [e for e in self.events if not e.session_id and first <= e.time <= last]
        corrections = [correction for correction in self.corrections if first <= correction.time <= last]
        if isinstance(end := entries[-1], Turn) and end.understanding.intent == "undo":  # it is written down after its turn
            corrections += [one for one in self.corrections if one.time > last and one.kind == "undo"][:1]
        return sorted([*turns, *own, *beside, *corrections], key=lambda entry: (entry.time, _rank(entry), entry.id))

    @property
    def begins(self) -> float:
        """In seconds."""
        return self.entries[0].time

    def before(self) -> tuple[list[Turn], list[Event]]:
        """What still counted of the user's turns and deeds when the session began."""
        held = [[one for one in part if one.time < self.begins] for part in (self.turns, self.events, self.corrections)]
        left = counted(held[0], held[1], held[2], self.session_id)  # pyright: ignore[reportArgumentType] - each its own kind
        inside = {entry.id for entry in self.entries}
        return left.turns, [event for event in left.events if event.id not in inside]

    def profile(self, entries: list[Entry], catalogue: Catalogue, now: float) -> Profile:
        """The profile at `now` (seconds) after these entries of the session, and after all before it."""
        known = {entry.id for entry in entries}
        turns, events, corrections = (
            [one for one in part if one.time < self.begins or one.id in known]
            for part in (self.turns, self.events, self.corrections)
        )
        return infer(turns, events, catalogue, now, self.session_id, corrections)  # pyright: ignore[reportArgumentType]

    def check(self, catalogue: Catalogue, name: str) -> None:
        """Raises RecordingError where the session concerns an item that the catalogue does not have any more."""
        for entry in self.entries:
            ids = self.slates.get(entry.slate_id, ()) if isinstance(entry, Turn) else ()
            missing = [one for one in (*ids, *([entry.item] if isinstance(entry, Event) else [])) if one not in catalogue]
            if missing:
                raise RecordingError(
                    f"the session concerns the item {missing[0]!r}, which the catalogue {name} does not have; "
                    "name the one that it was held over with --catalogue"
                )


def _rank(entry: Entry) -> int:
    """At the same moment: words, deeds, corrections, then the slate that answers a deed."""
    if isinstance(entry, Turn):
        return 0 if entry.text else 3
    return 1 if isinstance(entry, Event) else 2


def _text(understanding: Any) -> str:
    return understanding if isinstance(understanding, str) else json.dumps(understanding)
