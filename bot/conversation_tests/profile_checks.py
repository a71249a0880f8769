"""Whether the profile and the log are as expected."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.conversation_tests.conditions import Condition, same
from bot.conversation_tests.expectations import EventsExpected, Ids, ProfileExpected, RecordedEvent
from bot.conversation_tests.seen import Came, Seen
from bot.conversation_tests.slate_checks import shown

Fault = tuple[str, str, Came]
Wanted = Mapping[str, Condition | None]


def profile_faults(expected: ProfileExpected, seen: Seen) -> list[Fault]:
    """(key, what was expected, what came) of everything that does not hold."""
    profile = seen.part("profile")
    found: list[Fault] = []
    for facet, wanted in (expected.preferences or {}).items():
        held = {p["value"]: p["weight"] for p in profile.get("preferences", ()) if p["facet"] == facet}
        found += _weights(f"preferences.{facet}", wanted, held)
    found += _weights("affinities", expected.affinities or {}, profile.get("affinities", {}))
    if expected.constraints is not None:
        found += [
            (f"constraints.{k}".rstrip("."), told, came) for k, told, came in constraint_faults(expected.constraints, seen)
        ]
    for name, ids in (("rejected", expected.rejected), ("consumed", expected.consumed)):
        found += _set(name, ids, profile.get(name, ())) if ids else []
    return found


def constraint_faults(expected: Wanted, seen: Seen) -> list[Fault]:
    """The same of the hard conditions by facet."""
    held: Mapping[str, Mapping[str, Any]] = seen.part("profile").get("constraints", {})
    if not expected:
        return [("", "no condition", Came(f"held: {shown(held)}"))] if held else []
    found: list[Fault] = []
    for facet, wanted in expected.items():
        came = held.get(facet)
        if (wanted is None and came) or (wanted is not None and not _within(wanted.given, came or {})):
            told = f"{facet}: {wanted}" if wanted else f"no condition on {facet}"
            found.append((facet, told, Came(f"held: {shown(held)}")))
    return found


def event_faults(expected: EventsExpected, seen: Seen) -> list[Fault]:
    """The same of the log and of what became of the step's own event."""
    found: list[Fault] = []
    if expected.duplicate is not None or expected.refused is not None:
        found += _became(expected, seen.part("event"))
    if not (expected.recorded or expected.absent or expected.count):
        return found
    held = [(row["kind"], row["item"]) for row in seen.recorded()]
    came = Came(f"the log holds {', '.join(f'{kind} {item}' for kind, item in held) or 'no events'}")
    missing = [event for event in expected.recorded or () if (event.kind, event.item) not in held]
    there = [event for event in expected.absent or () if not held or (event.kind, event.item) in held]
    found += [("recorded", _events(missing), came)] if missing else []
    found += [("absent", f"some events, but not {_events(there)}", came)] if there else []
    if expected.count and not expected.count.meets(len(held)):
        found.append(("count", f"count: {expected.count}", came))
    return found


def _became(expected: EventsExpected, event: Mapping[str, Any]) -> list[Fault]:
    found: list[Fault] = []
    if expected.duplicate is not None and event["duplicate"] is not expected.duplicate:
        found.append(("duplicate", f"duplicate: {shown(expected.duplicate)}", Came(f"it is {shown(event['duplicate'])}")))
    if expected.refused is not None and (not event["refused"] or expected.refused.lower() not in event["refused"].lower()):
        came = f"refused: it {event['refused']}" if event["refused"] else "it was taken in"
        found.append(("refused", f"refused: {expected.refused}", Came(came)))
    return found


def _weights(key: str, wanted: Wanted, held: Mapping[str, float]) -> list[Fault]:
    found: list[Fault] = []
    for value, condition in wanted.items():
        weight = next((weight for name, weight in held.items() if same(name, value)), None)
        if weight is not None if condition is None else not condition.meets(weight):
            told = f"{value}: {condition}" if condition else f"nothing held on {value}"
            found.append((f"{key}.{value}", told, Came(f"held: {shown(held)}", (value,))))
    return found


def _within(wanted: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether the held condition says what is wanted: lists hold all values asked for, anything else is the same."""
    for operator, value in wanted.items():
        came = held.get(operator)
        if isinstance(value, list):
            values = came if isinstance(came, list) else [] if came is None else [came]
            if not all(any(same(one, other) for other in values) for one in value):
                return False
        elif came is None or isinstance(came, list) or not same(came, value):
            return False
    return True


def _set(name: str, wanted: Ids, held: Sequence[str]) -> list[Fault]:
    missing = [one for one in wanted.include or () if one not in held]
    there = [one for one in wanted.exclude or () if one in held]
    came = f"{name} are [{', '.join(held)}]"
    found: list[Fault] = []
    found += [(name, f"{name} include {shown(missing)}", Came(came, tuple(missing)))] if missing else []
    found += [(name, f"{name} exclude {shown(there)}", Came(came, tuple(there)))] if there else []
    return found


def _events(events: Sequence[RecordedEvent]) -> str:
    return ", ".join(f"{event.kind} {event.item}" for event in events)
