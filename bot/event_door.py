"""The door that every live deed comes through, from page, API or widget: what is sound is let in, what is not is told why."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.deeds import KINDS, Event, Known, in_order, value_fault
from bot.robots import LIMITS
from retrieval.catalogue import Catalogue

LATE_SECONDS = 86_400.0  # a widget that was offline sends later; a live deed told to be older counts as done so long ago
AHEAD_SECONDS = 2.0  # clocks differ: a deed no further ahead is set to now without a word
LOOKS_BACK = LATE_SECONDS + max(LIMITS)  # seconds: of the user's events only those since then matter, and those called alike
LONGEST = {"id": 128, "user": 128, "item": 256, "session_id": 64, "slate_id": 64}  # characters, as the log keeps them


@dataclass(frozen=True, slots=True)
class Told:
    """Something about the event at `index` of those that came, as the end of a sentence about it."""

    index: int
    what: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The events to be logged, oldest first; the ids known already; what was refused and why; what was set right."""

    events: tuple[Event, ...]
    duplicates: int = 0
    refused: tuple[Told, ...] = ()
    notes: tuple[Told, ...] = ()


def admit(told: Sequence[Event], known: Iterable[Known | Event], catalogue: Catalogue, now: float) -> Admitted:
    """What may be logged of live events that one user is told to have caused.

    `known`: the user's events so far, at least those of the time LOOKS_BACK and those with an id of these. Whatever the
    order in which they come: of two with one id the first counts, over the cap the later deeds are refused.
    """
    faults = [fault(event, catalogue) for event in told]
    refused = [Told(index, why) for index, why in enumerate(faults) if why]
    sound = {index: event for index, event in enumerate(told) if not faults[index]}
    clocks = {index: _clock(event, now) for index, event in sound.items()}
    notes = tuple(Told(index, why) for index, (_, why) in clocks.items() if why)
    before = {event.id: event for event in known}
    new: dict[str, tuple[int, Event]] = {}
    for index, event in sound.items():
        if event.id not in before:
            new.setdefault(event.id, (index, replace(event, time=clocks[index][0])))
    places = {event.id: index for index, event in new.values()}
    times = np.sort([event.time for event in before.values() if event.time > now - LOOKS_BACK])
    let_in: list[Event] = []
    for event in in_order(event for _, event in new.values()):
        at = int(np.searchsorted(times, event.time, side="right"))
        grown = np.insert(times, at, event.time)
        why = _too_fast(grown, at)
        if why:
            refused.append(Told(places[event.id], why))
        else:
            times = grown
            let_in.append(event)
    return Admitted(tuple(let_in), len(sound) - len(new), tuple(sorted(refused, key=lambda one: one.index)), notes)


def fault(event: Event, catalogue: Catalogue) -> str:
    """What makes an event unusable, as the end of a sentence about it; empty where nothing does."""
    for name, longest in LONGEST.items():
        given = getattr(event, name)
        if not given and name in ("id", "user"):
            return f"has no {name}"
        if len(given) > longest:
            return f"has {name} {given[:20]!r}…, longer than {longest} characters"
    if event.item not in catalogue:
        return f"names the item {event.item!r}, which the catalogue does not have"
    if event.kind not in KINDS:
        return f"has the kind {event.kind!r}; known are {', '.join(KINDS)}"
    if not math.isfinite(event.time):
        return f"has the timestamp {event.time!r}, which is no time"
    return value_fault(event.kind, event.value)


def _clock(event: Event, now: float) -> tuple[float, str]:
    """The time that counts, and what to say where it is not the one that was told."""
    if event.time > now:
        ahead = event.time - now
        return now, "comes from a clock that runs ahead; it counts as done now" if ahead > AHEAD_SECONDS else ""
    if event.time < now - LATE_SECONDS:
        hours, most = (now - event.time) / 3_600, LATE_SECONDS / 3_600
        return now - LATE_SECONDS, f"is {hours:,.0f} hours old; it counts as done {most:.0f} hours ago"
    return event.time, ""


def _too_fast(times: npt.NDArray[np.float64], at: int) -> str:
    """Why a deed is one too many; empty where it is not. `times`: the user's, sorted; `at`: where the deed stands in them."""
    for span, most in LIMITS.items():
        first = times[max(0, at - most) : at + 1]
        last = times[max(0, at - most) + most : at + 1 + most]
        if (last - first[: len(last)] < span).any():
            return f"is more than the {most:,} within {span:,.0f} seconds that are taken for one person's doing"
    return ""
