"""The steps that a logged session is made of, each with all that could be expected of it; and what was known before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversation_tests.recorded import Entry, Recorded
from bot.conversation_tests.sensible import Answered, Part, parts
from bot.corrections import Correction, counted, newest_entry
from bot.deeds import Event, of_session
from bot.session import Turn
from retrieval.catalogue import Catalogue

HOUR, DAY = 3_600.0, 86_400.0
APART = 2 * HOUR  # at least, between a deed in an earlier session and this one
DEFAULT_SIZE = 5
EARLIER = 200  # deeds at most that a setup tells
KNOWN_BEFORE = 10  # at most so many items of before are expected to stay away


@dataclass(frozen=True, slots=True)
class Draft:
    """One step: what is said, or what is done to `item`, or (neither) a look; `waits`: the pause before it."""

    parts: tuple[Part, ...]
    said: str = ""
    event: tuple[str, float | None] | None = None  # kind, value
    item: str = ""
    words: str = ""  # of the answer
    waits: dict[str, int] | None = None

    def step(self, newest: Sequence[str]) -> dict[str, Any]:
        """As it is written: an item that stands on the newest slate is named by its place."""
        if self.said:
            return {"user": self.said}
        if self.event is None:
            return {"observe": "slate"}
        kind, value = self.event
        what: dict[str, Any] = {"position": list(newest).index(self.item) + 1} if self.item in newest else {"item": self.item}
        return {"event": {"kind": kind, **what, **({} if value is None else {"value": value})}}


def drafts(recorded: Recorded, catalogue: Catalogue) -> tuple[list[Draft], list[str]]:
    """The steps in order, and what of the session cannot be said in a script."""
    entries = recorded.entries
    found, left_out, done = list[Draft](), list[str](), list[Entry]()
    profile, shown, last = recorded.profile([], catalogue, recorded.begins), (), recorded.begins
    gone = frozenset(sorted(profile.rejected | profile.consumed)[:KNOWN_BEFORE])
    for at, entry in enumerate(entries):
        before, done = done, [*done, entry]
        if _answers(entries, at):
            continue
        if isinstance(entry, Correction) and not _is_last(entry, recorded, before):
            if not _said_so(entry, before):
                left_out.append(f"the correction {entry.kind!r} cannot be said in a script")
            continue
        if isinstance(entry, Correction) and _said_so(entry, before):
            continue
        slate = _slate_of(entries, at)
        after = recorded.profile([*done, *_own_correction(entries, at)], catalogue, entry.time)
        gone = _gone(gone, entry, profile.rejected | profile.consumed, after.rejected | after.consumed)
        now = recorded.slates.get(slate.slate_id) if slate else None
        said = entry.understanding if isinstance(entry, Turn) and entry.text else None
        words = slate.words if slate else ""
        told = parts(Answered(now, shown, profile, after, gone, said, words), catalogue)
        found.append(_draft(entry, tuple(told), words, _pause(entry.time - last)))
        profile, shown, last = after, now if now is not None else shown, entry.time
    return found, left_out


def known_before(recorded: Recorded, catalogue: Catalogue) -> tuple[dict[str, Any], list[str]]:
    """The setup that tells what was known of the user, and what of it no setup can tell."""
    turns, events = recorded.before()
    setup: dict[str, Any] = {}
    size = max((len(items) for items in _shown(recorded)), default=0)
    if size > DEFAULT_SIZE:
        setup["slate_size"] = size
    last: dict[str, str] = {}
    for mention in (mention for turn in turns for mention in turn.understanding.mentions):
        liked = "likes" if mention.sentiment > 0 else "dislikes" if mention.sentiment < 0 else ""
        what = "consumed" if mention.consumed else "" if mention.later or mention.compared else liked
        if what and mention.item_id in catalogue:
            last[mention.item_id] = what
    known = {what: [item for item, kept in last.items() if kept == what] for what in ("likes", "dislikes", "consumed")}
    if last:
        setup["profile"] = {what: items for what, items in known.items() if items}
    there = [event for event in events if event.item in catalogue]
    if there:
        setup["history"] = [_past(event, recorded.begins) for event in there[-EARLIER:]]
    words = sum(bool(turn.text) for turn in turns)
    told = [f"of what was said in {words} earlier turns, only the items named are known in the script"] if words else []
    if len(there) < len(events):
        told.append(f"{len(events) - len(there)} earlier deeds concern items that the catalogue does not have any more")
    if len(there) > EARLIER:
        told.append(f"of {len(there):,} earlier deeds the last {EARLIER} are known in the script")
    return setup, told


def _shown(recorded: Recorded) -> list[tuple[str, ...]]:
    return [recorded.slates.get(entry.slate_id, ()) for entry in recorded.entries if isinstance(entry, Turn)]


def _past(event: Event, begins: float) -> dict[str, Any]:
    ago = max(begins - event.time, APART if event.session_id else 0.0)
    value = {} if event.value is None else {"value": event.value}
    return {"kind": str(event.kind), "item": event.item, **value, "days_ago": round(ago / DAY, 3)}


def _draft(entry: Entry, told: tuple[Part, ...], words: str, waits: dict[str, int] | None) -> Draft:
    if isinstance(entry, Event):
        return Draft(told, event=(str(entry.kind), entry.value), item=entry.item, words=words, waits=waits)
    said = "undo" if isinstance(entry, Correction) else entry.text
    return Draft(told, said=said, words=words, waits=waits)


def _pause(seconds: float) -> dict[str, int] | None:
    """A pause in days and whole hours; None for one of less than half an hour."""
    days, hours = divmod(round(seconds / HOUR), 24)
    return {name: many for name, many in (("days", days), ("hours", hours)) if many} or None


def _answers(entries: Sequence[Entry], at: int) -> bool:
    """Whether an entry is the slate that answers the deed or the correction right before."""
    entry = entries[at]
    return isinstance(entry, Turn) and not entry.text and at > 0 and not isinstance(entries[at - 1], Turn)


def _slate_of(entries: Sequence[Entry], at: int) -> Turn | None:
    """The turn that answers an entry: itself, or the one right after a deed."""
    entry = entries[at]
    if isinstance(entry, Turn):
        return entry
    answer = entries[at + 1] if at + 1 < len(entries) and _answers(entries, at + 1) else None
    return answer if isinstance(answer, Turn) else None


def _own_correction(entries: Sequence[Entry], at: int) -> list[Entry]:
    """What a message that says "undo" wrote down."""
    after = entries[at + 1 : at + 2]
    return [one for one in after if isinstance(one, Correction) and _said_so(one, entries[: at + 1])]


def _said_so(correction: Correction, before: Sequence[Entry]) -> bool:
    """Whether a correction is that of the message right before."""
    last = before[-1] if before else None
    return isinstance(last, Turn) and bool(last.text) and last.understanding.intent == "undo" and correction.kind == "undo"


def _is_last(correction: Correction, recorded: Recorded, before: Sequence[Entry]) -> bool:
    """Whether a correction takes back what was last said or done, as "undo" does."""
    if correction.kind != "undo":
        return False
    known = {entry.id for entry in before}
    corrections = [one for one in recorded.corrections if one.time < recorded.begins or one.id in known]
    turns = [one for one in recorded.turns if one.id in known]
    left = counted(turns, [one for one in recorded.events if one.id in known], corrections, recorded.session_id)
    return newest_entry(left.turns, of_session(left.events, recorded.session_id, correction.time)) == correction.target


def _gone(gone: frozenset[str], entry: Entry, was: frozenset[str], now: frozenset[str]) -> frozenset[str]:
    """The items that are not to be shown any more, after an entry."""
    later = {entry.item} if isinstance(entry, Event) and entry.kind == "not_now" else set[str]()
    return (gone | (now - was) | later) - (was - now)
