"""What users take back or set right: entries of the log like any other, and what is left of the others after them. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.deeds import Event, in_order
from bot.session import Turn
from retrieval.constraints import Constraint

CorrectionKind = Literal["undo", "forget", "weigh", "pause", "resume"]
PREFERENCE, ITEM, CONDITION, ENTRY = "preference:", "item:", "condition:", "entry:"  # what a target begins with


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing taken back or set right. `time` in seconds, `weight` in [-1, 1] where the kind is "weigh".

    `target` names what it concerns: "entry:ID" (a turn, a deed or another correction, which "undo" takes back),
    "item:ID", "preference:FACET=VALUE" or "condition:…" as `condition_target` names it.
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


def preference_target(facet: str, value: str) -> str:
    """What names a preference."""
    return f"{PREFERENCE}{facet}={value}"


def condition_target(constraint: Constraint) -> str:
    """What names a condition, whatever the words that set it."""
    return f"{CONDITION}{constraint.facet} {constraint.operator} {json.dumps(constraint.value, ensure_ascii=False)}"


def counted(turns: Iterable[Turn], events: Iterable[Event], corrections: Iterable[Correction], session_id: str = "") -> Counted:
    """What is left of one user's turns and deeds, whatever the order in which all of them come.

    A correction concerns what was said and done up to its time. What came while learning was paused counts in its own
    session, `session_id`, alone.
    """
    spoken = sorted({turn.id: turn for turn in turns}.values(), key=lambda turn: (turn.time, turn.id))
    done, standing = in_order(events), _standing(corrections)
    if not standing:
        return Counted(spoken, done)
    gone = {c.target.removeprefix(ENTRY) for c in standing if c.kind == "undo"}
    until = {c.target: c.time for c in standing if c.kind in ("forget", "weigh")}
    pauses = _pauses(standing)
    aside = [entry.id for entry in (*spoken, *done) if _within(entry.time, pauses) and entry.session_id != session_id]
    aside += [event.id for event in done if _within(event.time, pauses) and not event.session_id]
    gone |= set(aside)
    return Counted(
        [_purged(turn, until) for turn in spoken if turn.id not in gone],
        [e for e in done if e.id not in gone and e.time > until.get(f"{ITEM}{e.item}", float("-inf"))],
        tuple({c.target: c for c in standing if c.kind == "weigh" and until[c.target] == c.time}.values()),
        frozenset(target for target in until if target.startswith(PREFERENCE)),
        bool(pauses) and pauses[-1][1] == float("inf"),
    )


def newest_entry(session_turns: Sequence[Turn], session_events: Sequence[Event]) -> str:
    """The target of what a session last said or did, of what still counts; empty where there is nothing."""
    entries = [(turn.time, turn.id) for turn in session_turns if turn.text] + [(e.time, e.id) for e in session_events]
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


def _purged(turn: Turn, until: Mapping[str, float]) -> Turn:
    """A turn without what was forgotten of it since, nor the words that said so."""
    said = turn.understanding
    since = {target for target, time in until.items() if turn.time <= time}
    mentions = [m for m in said.mentions if f"{ITEM}{m.item_id}" in since]
    wishes = [w for w in said.wishes if preference_target(w.facet, w.value) in since]
    constraints = [c for c in said.constraints if condition_target(c) in since]
    if not (mentions or wishes or constraints):
        return turn
    words = {part.evidence for part in (*mentions, *wishes, *constraints) if part.evidence}
    kept = replace(
        said, mentions=tuple(m for m in said.mentions if m not in mentions),
        wishes=tuple(w for w in said.wishes if w not in wishes),
        constraints=tuple(c for c in said.constraints if c not in constraints),
        search_text=_without(said.search_text, words), meaning_text=_without(said.meaning_text, words),
    )  # fmt: skip
    return replace(turn, text=_without(turn.text, words), words=_without(turn.words, words), understanding=kept)


def _without(text: str, words: Iterable[str]) -> str:
    for said in words:
        text = re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", "", text, flags=re.IGNORECASE)
    return " ".join(text.split())
