"""What a user may do about what is held of them: see it with its evidence, set it right, take it away."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, get_args

from bot import template
from bot.answer import profile_json
from bot.corrections import Correction, CorrectionKind, Counted, counted, newest_entry
from bot.deeds import Event, EventKind, of_session
from bot.events import EventLog
from bot.interests import Preference
from bot.profile import Profile, infer
from bot.purging import ENTRY, ITEM, PREFERENCE, condition_target, preference_target
from bot.session import Turn
from bot.timeline import Interest, Month, leanings, timeline
from retrieval.catalogue import Catalogue
from retrieval.errors import ReadableError

How = Literal["undo", "forget", "more", "less", "none", "weigh", "pause", "resume"]
STANCES: frozenset[EventKind] = frozenset({"like", "dislike", "not_now", "consumed"})  # the buttons of a card
STEP = 0.5  # what "more" and "less" change of a weight


class CorrectionError(ReadableError):
    """Something that cannot be corrected so."""


@dataclass(frozen=True)
class Held:
    """What is held of one user at `now` (seconds), as it stands in one session; "" where there is none."""

    log: EventLog
    catalogue: Catalogue
    user: str
    session_id: str
    now: float

    @cached_property
    def profile(self) -> Profile:
        """The profile."""
        return infer(self._turns, self._events, self.catalogue, self.now, self.session_id, self._corrections)

    @property
    def timeline(self) -> tuple[Month, ...]:
        """What interested the user in each month."""
        return timeline(self._turns, self._events, self._corrections, self.catalogue)

    def told(self) -> dict[str, Any]:
        """The profile with all its evidence as plain values: who said or did what when, and how to name it in a correction."""
        profile = self.profile
        left = self._left
        return {
            **profile_json(profile),
            "preferences": [_preference_json(preference) for preference in profile.preferences],
            "conditions": [
                {"text": template.constraint_text(c, self.catalogue), "evidence": c.evidence, "target": condition_target(c)}
                for c in profile.constraints
            ],
            "items": [
                {
                    "item": item, "title": self.catalogue[item].title, "weight": round(weight, 4), "target": f"{ITEM}{item}",
                    "because": _because(item, left.turns, left.events),
                }
                for item, weight in self._items.items()
            ],
            "leanings": [_interest_json(one) for one in leanings(profile.affinities, self.catalogue, profile.silenced)],
            "timeline": [{"month": m.month, "interests": [_interest_json(one) for one in m.interests]} for m in self.timeline],
            "paused": profile.paused,
        }  # fmt: skip

    def export(self) -> dict[str, Any]:
        """Everything that is held, as plain values: every row of the log, and the profile."""
        rows = self.log.held(self.user)
        for turn in rows["turns"]:
            turn["understanding"] = json.loads(turn["understanding"])
        return {"user": self.user, "exported": _moment(self.now), "profile": self.told(), **rows}

    @property
    def liked(self) -> list[str]:
        """The items that the user liked, and did nothing else with since that says how they like it."""
        last = {event.item: event.kind for event in self._left.events if event.kind in STANCES}
        return sorted(item for item, kind in last.items() if kind == "like")

    def correction(self, how: How, target: str = "", weight: float | None = None) -> Correction:
        """What to write into the log so that it is as the user wants. Raises CorrectionError where that cannot be.

        "undo" without a target takes back what was last said or done in the session. "weigh" takes a weight in [-1, 1].
        """
        if how not in get_args(How):
            raise CorrectionError(f"{how!r} is no way to correct anything; known are {', '.join(get_args(How))}")
        if how in ("pause", "resume"):
            return self._entry("pause" if how == "pause" else "resume", "")
        if how == "undo" or target.startswith(ENTRY):
            return self._entry("undo", self._undoable(target))
        if target not in self._targets:
            raise CorrectionError(f"nothing is held under {target!r}; `profile` shows what is")
        if how == "forget":
            return self._entry("forget", target)
        if not target.startswith(PREFERENCE):
            raise CorrectionError(f"{target!r} has no weight; only a preference has one")
        if how == "weigh" and (weight is None or not -1 <= weight <= 1):
            raise CorrectionError(f"the weight is {weight!r}; it lies between -1 and 1")
        return self._entry("weigh", target, weight if how == "weigh" else self._moved(target, how))

    def _entry(self, kind: CorrectionKind, target: str, weight: float | None = None) -> Correction:
        return Correction(secrets.token_hex(8), self.user, kind, self.now, target, weight)

    def _moved(self, target: str, how: How) -> float:
        before = self._targets[target]
        return {"more": min(1.0, before + STEP), "less": max(-1.0, before - STEP)}.get(how, -1.0)

    def _undoable(self, target: str) -> str:
        """The entry to be taken back, without a name the newest."""
        left = self._left
        here = [turn for turn in left.turns if turn.session_id == self.session_id]
        found = target or newest_entry(here, of_session(left.events, self.session_id, self.now))
        if not found:
            raise CorrectionError("there is nothing left to undo in this conversation")
        ids = {entry.id for entry in (*self._turns, *self._events, *self._corrections)}
        if found.removeprefix(ENTRY) not in ids:
            raise CorrectionError(f"nothing is held under {target!r}; `profile` shows what is")
        return found

    @cached_property
    def _targets(self) -> dict[str, float]:
        """What can be corrected now, with its weight."""
        profile = self.profile
        lean = leanings(profile.affinities, self.catalogue, profile.silenced)
        found = {preference_target(one.facet, one.value): one.weight for one in (*lean, *profile.preferences)}
        found |= {f"{ITEM}{item}": weight for item, weight in self._items.items()}
        return found | {condition_target(constraint): 1.0 for constraint in profile.constraints}

    @cached_property
    def _items(self) -> dict[str, float]:
        """Every item that something is held about, with what is left of its affinity, the strongest first."""
        named = {mention.item_id for turn in self._left.turns for mention in turn.understanding.mentions}
        known = [item for item in {*named, *(event.item for event in self._left.events)} if item in self.catalogue]
        weights = {item: self.profile.affinities.get(item, 0.0) for item in known}
        return dict(sorted(weights.items(), key=lambda pair: (-abs(pair[1]), pair[0])))

    @cached_property
    def _left(self) -> Counted:
        return counted(self._turns, self._events, self._corrections, self.session_id)

    @cached_property
    def _turns(self) -> tuple[Turn, ...]:
        return self.log.turns(self.user)

    @cached_property
    def _events(self) -> tuple[Event, ...]:
        return self.log.of(self.user)

    @cached_property
    def _corrections(self) -> tuple[Correction, ...]:
        return self.log.corrections(self.user)


def _preference_json(preference: Preference) -> dict[str, Any]:
    parts = {"intent": preference.intent, "session": preference.session, "long_term": preference.long_term}
    return {
        "facet": preference.facet, "value": preference.value, "weight": round(preference.weight, 4),
        "evidence": list(preference.evidence), "parts": {name: round(part, 4) for name, part in parts.items()},
        "because": [{"words": one.text, "time": _moment(one.time), "entry": one.entry} for one in preference.because],
        "target": preference_target(preference.facet, preference.value),
    }  # fmt: skip


def _because(item: str, turns: Sequence[Turn], events: Sequence[Event]) -> list[dict[str, str]]:
    """The words and deeds that speak of an item, oldest first."""
    said = [
        (turn.time, {"words": mention.evidence, "entry": turn.id})
        for turn in turns for mention in turn.understanding.mentions if mention.item_id == item
    ]  # fmt: skip
    done = [(event.time, {"deed": str(event.kind), "entry": event.id}) for event in events if event.item == item]
    return [one | {"time": _moment(time)} for time, one in sorted([*said, *done], key=lambda pair: pair[0])]


def _interest_json(interest: Interest) -> dict[str, Any]:
    return {
        "facet": interest.facet, "value": interest.value, "weight": round(interest.weight, 4), "items": list(interest.items),
        "target": preference_target(interest.facet, interest.value),
    }  # fmt: skip


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
