"""What users take back or set right: entries of the log like any other, and what is left of the others after them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.deeds import Event, in_order
from bot.purging import ENTRY, ITEM, PREFERENCE, purged, put_right
from bot.session import Intent, Turn

CorrectionKind = Literal["undo", "forget", "weigh", "pause", "resume"]


SILENT: frozenset[Intent] = frozenset({"undo", "ask_why", "ask", "chat"})  # such turns say nothing that could be taken back


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing taken back or set right. `time` in seconds, `weight` in [-1, 1] where the kind is "weigh".

    `target` names what it concerns: "entry:ID" (a turn, a deed or another correction, which "undo" takes back),
    "item:ID", "preference:FACET=VALUE" or "condition:…" as `purging` names them.
    """

    id: str
    user: str
    kind: CorrectionKind
    time: float
    target: str = ""
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What still counts of a user's log, oldest first; `settings`: the weights that they set; `paused`: whether they are now.

    `silenced`: the preferences that were forgotten or set, of which only what was said since counts.
    """

    turns: list[Turn]
    events: list[Event]
    settings: tuple[Correction, ...] = ()
    silenced: frozenset[str] = field(default_factory=frozenset[str])
    paused: bool = False


def counted(turns: Iterable[Turn], events: Iterable[Event], corrections: Iterable[Correction], session_id: str = "") -> Counted:
    """What is left of one user's turns and deeds, whatever the order in which all of them come.

    A correction concerns what was said and done up to its time. What came while learning was paused counts in its own
    session, `session_id`, alone.
    """
    spoken = sorted({turn.id: turn for turn in turns}.values(), key=lambda turn: (turn.time, turn.id))
    done, standing = in_order(events), _standing(corrections)
    gone = {c.target.removeprefix(ENTRY) for c in standing if c.kind == "undo"}
    lifted = {target: turn.time for turn in spoken if turn.id not in gone for target in turn.understanding.lifted}
    if not standing and not lifted:
        return Counted(put_right(spoken), done)
    until = lifted | {c.target: c.time for c in standing if c.kind in ("forget", "weigh")}
    pauses = _pauses(standing)
    aside = [entry.id for entry in (*spoken, *done) if _within(entry.time, pauses) and entry.session_id != session_id]
    aside += [event.id for event in done if _within(event.time, pauses) and not event.session_id]
    gone |= set(aside)
    return Counted(
        [purged(turn, until) for turn in put_right(turn for turn in spoken if turn.id not in gone)],
        [e for e in done if e.id not in gone and e.time > until.get(f"{ITEM}{e.item}", float("-inf"))],
        tuple({c.target: c for c in standing if c.kind == "weigh" and until[c.target] == c.time}.values()),
        frozenset(target for target in until if target.startswith(PREFERENCE)),
        bool(pauses) and pauses[-1][1] == float("inf"),
    )


def newest_entry(session_turns: Sequence[Turn], session_events: Sequence[Event]) -> str:
    """The target of what a session last said or did, of what still counts; empty where there is nothing."""
    spoken = [turn for turn in session_turns if turn.text and turn.understanding.intent not in SILENT]
    entries = [(turn.time, turn.id) for turn in spoken] + [(e.time, e.id) for e in session_events]
    return f"{ENTRY}{max(entries)[1]}" if entries else ""


def _standing(corrections: Iterable[Correction]) -> list[Correction]:
    """Those that were not undone themselves, oldest first."""
    undone: set[str] = set()
    kept: list[Correction] = []
    for correction in sorted({c.id: c for c in corrections}.values(), key=lambda c: (c.time, c.id), reverse=True):
        if correction.id in undone:
            continue
        kept.append(correction)
        if correction.kind == "undo":
            undone.add(correction.target.removeprefix(ENTRY))
    return kept[::-1]


def _pauses(standing: Sequence[Correction]) -> list[tuple[float, float]]:
    """The spans in which nothing was to be learnt; the last one has no end while learning is paused."""
    spans: list[tuple[float, float]] = []
    for correction in standing:
        open_span = bool(spans) and spans[-1][1] == float("inf")
        if correction.kind == "pause" and not open_span:
            spans.append((correction.time, float("inf")))
        elif correction.kind == "resume" and open_span:
            spans[-1] = (spans[-1][0], correction.time)
    return spans


def _within(time: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(start <= time < end for start, end in spans)
