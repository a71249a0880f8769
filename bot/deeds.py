"""What a user did with an item, and what that says of it: for or against, and in which visit."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

EventKind = Literal["view", "click", "like", "dislike", "rating", "cart", "purchase", "consumed", "dismiss", "not_now"]
KINDS: tuple[EventKind, ...] = get_args(EventKind)

# What a deed says of an item, in [-1, 1]. A rating counts (value - 2.75) / 2.25 instead.
DEED_WEIGHTS: Mapping[EventKind, float] = {
    "like": 1.0, "purchase": 0.8, "cart": 0.6, "consumed": 0.2, "click": 0.2, "view": 0.1,
    "not_now": 0.0, "dismiss": -0.5, "dislike": -1.0, "rating": 0.0,
}  # fmt: skip
REJECTING: frozenset[EventKind] = frozenset({"dislike", "dismiss"})
CONSUMING: frozenset[EventKind] = frozenset({"consumed", "purchase", "rating"})
RATING = (0.5, 5.0)  # the range of a rating's value
VISIT_SECONDS = 3_600.0  # deeds logged without a session belong to this one while no longer pause lies between them and now


@dataclass(frozen=True, slots=True)
class Event:
    """Something a user did with an item. `id` is the idempotency key; `value` is 0.5 to 5 for a rating; `time` in seconds."""

    id: str
    user: str
    item: str
    kind: EventKind
    time: float
    value: float | None = None
    session_id: str = ""
    slate_id: str = ""
    position: int | None = None


class Known(NamedTuple):
    """An event of which no more is asked than that it was, and when (seconds)."""

    id: str
    time: float


def in_order(events: Iterable[Event]) -> list[Event]:
    """As they came, each id once; those of the same moment by item."""
    return sorted({event.id: event for event in events}.values(), key=lambda event: (event.time, event.item, event.id))


def deed_weight(event: Event) -> float:
    """What a deed says of its item, in [-1, 1]."""
    if event.kind == "rating" and event.value is not None:
        return max(-1.0, min(1.0, (event.value - 2.75) / 2.25))
    return DEED_WEIGHTS[event.kind]


def met(event: Event) -> bool:
    """Whether a deed shows that its user had to do with the item, and did not just wave it away."""
    return event.kind == "rating" or deed_weight(event) > 0


def value_fault(kind: str, value: float | None) -> str:
    """What is wrong with the value of a deed of this kind, as the end of a sentence about it; empty where nothing is."""
    if value is None:
        return "is a rating without a value" if kind == "rating" else ""
    if not math.isfinite(value):
        return f"has the value {value!r}, which is not a number"
    if kind == "rating" and not RATING[0] <= value <= RATING[1]:
        return f"has the rating {value:g}, outside {RATING[0]} to {RATING[1]:g}"
    return ""


def of_session(done: Sequence[Event], session_id: str, now: float) -> list[Event]:
    """The session's deeds, and those without any session that led up to now without a long pause. `done`: oldest first."""
    since, visit = now, list[Event]()
    for event in reversed(done):
        if not event.session_id:
            if since - event.time > VISIT_SECONDS:
                break
            since = event.time
            visit.append(event)
    return in_order([*visit, *(event for event in done if event.session_id and event.session_id == session_id)])
