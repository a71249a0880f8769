"""The live profile: a pure fold of what a user said and did. Replaying the log gives the same profile."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.events import Event, EventKind, in_order
from bot.session import Turn, Understanding
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint, Operator
from retrieval.facet_match import Wish

# What a deed says of an item, in [-1, 1]. A rating counts (value - 2.75) / 2.25 instead.
DEED_WEIGHTS: Mapping[EventKind, float] = {
    "like": 1.0, "purchase": 0.8, "cart": 0.6, "consumed": 0.2, "click": 0.2, "view": 0.1,
    "not_now": 0.0, "dismiss": -0.5, "dislike": -1.0, "rating": 0.0,
}  # fmt: skip
REJECTING: frozenset[EventKind] = frozenset({"dislike", "dismiss"})
CONSUMING: frozenset[EventKind] = frozenset({"consumed", "purchase", "rating"})
LONG_TERM_DAYS = 90.0  # half-life of a deed in earlier sessions
SESSION_TURNS = 2.0  # half-life, in turns, of what was said earlier in this session
EARLIER_TURNS = 3  # of the session whose texts are embedded beside the newest
EARLIER_SESSIONS = 0.2  # weight of wishes of earlier sessions, before they fade by days
NEGLIGIBLE = 0.02  # weights below it are dropped
RECENT = 10  # items kept in order of time
VISIT_SECONDS = 3_600.0  # deeds logged without a session belong to this one while no longer pause lies between them and now


@dataclass(frozen=True, slots=True)
class Preference:
    """A facet value with a weight in [-1, 1] and the words that say so, the latest last."""

    facet: str
    value: str
    weight: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one user at one moment, in one session."""

    preferences: tuple[Preference, ...] = ()
    affinities: Mapping[str, float] = field(default_factory=dict[str, float])  # item id -> [-1, 1]
    constraints: tuple[Constraint, ...] = ()
    rejected: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    set_aside: frozenset[str] = frozenset()  # named or "not now" in this session: not shown again in it
    recent: tuple[str, ...] = ()  # item ids that the user had to do with or spoke of, here or before, oldest first
    examples: tuple[str, ...] = ()  # items that the newest turn with a subject speaks well of
    search_text: str = ""  # the telling words of the newest turn that has any
    intent_text: str = ""  # what is embedded of that turn
    session_texts: tuple[str, ...] = ()  # what is embedded of the session's earlier turns, oldest first
    named: tuple[str, ...] = ()  # items that this session speaks well of or does something good with, oldest first
    texts: Mapping[str, str] = field(default_factory=dict[str, str])  # stretches of this session's talk, by `stretches`
    user: str = ""
    now: float = 0.0  # seconds

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """The preferences as retrieval takes them."""
        return tuple(Wish(p.facet, p.value, p.weight, p.evidence[-1] if p.evidence else "") for p in self.preferences)

    @property
    def exclusions(self) -> frozenset[str]:
        """Items that must not be shown."""
        return self.rejected | self.consumed | self.set_aside


def infer(turns: Iterable[Turn], events: Iterable[Event], catalogue: Catalogue, now: float, session_id: str) -> Profile:
    """The profile of one user in one session at `now` (seconds).

    `turns` and `events` may come in any order and more than once: they are folded in the order of (time, id), each id
    once. Events on items that the catalogue does not have are passed over; times after `now` count as `now`.
    """
    spoken = sorted({turn.id: turn for turn in turns}.values(), key=lambda turn: (turn.time, turn.id))
    said = _without_forgotten(spoken, catalogue)
    by_now = (event if event.time <= now else replace(event, time=now) for event in events)
    done = [event for event in in_order(by_now) if event.item in catalogue]
    here = [turn for turn in said if turn.session_id == session_id]
    opinions = _opinions(said, done)
    session_events = _of_session(done, session_id, now)
    words = [turn.understanding.search_text for turn in here if turn.understanding.search_text]
    texts = [turn.understanding.meaning_text for turn in here if turn.understanding.meaning_text]
    return Profile(
        preferences=_preferences(said, here, now),
        affinities=_affinities(said, done, now, session_id),
        constraints=_constraints(here),
        rejected=frozenset(item for item, opinion in opinions.items() if opinion < 0),
        consumed=_consumed(said, done),
        set_aside=frozenset(e.item for e in session_events if e.kind == "not_now")
        | {m.item_id for turn in here for m in turn.understanding.mentions},
        recent=_touched(said, done)[-RECENT:],
        examples=_examples(here),
        search_text=words[-1] if words else "",
        intent_text=texts[-1] if texts else "",
        session_texts=tuple(texts[-1 - EARLIER_TURNS : -1]),
        named=_touched(here, session_events),
        texts=stretches(_talk(here)),
        user=next((entry.user for entry in (*said, *done)), ""),
        now=now,
    )


def _of_session(done: Sequence[Event], session_id: str, now: float) -> list[Event]:
    """The session's deeds, and those without any session that led up to now without a long pause."""
    since, visit = now, list[Event]()
    for event in reversed(done):
        if not event.session_id:
            if since - event.time > VISIT_SECONDS:
                break
            since = event.time
            visit.append(event)
    return in_order([*visit, *(event for event in done if event.session_id and event.session_id == session_id)])


def stretches(talk: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The stretches of a talk that sources look at; none of an empty talk. `talk`: (role, text), oldest first.

    "message" is the newest utterance, "last" the newest two, "said" all that the user said, "all" everything.
    """
    if not talk:
        return {}
    texts = [text for _, text in talk]
    said = " ".join(text for role, text in talk if role == "user")
    return {"message": texts[-1], "last": " ".join(texts[-2:]), "said": said, "all": " ".join(texts)}


def _talk(here: Sequence[Turn]) -> list[tuple[str, str]]:
    """What was said in turn, without the answer to the newest turn: it is asked for, or was the moment it answered."""
    said = [part for turn in here for part in (("user", turn.text), ("assistant", turn.words))]
    return [part for part in said[:-1] if part[1]]


def _touched(turns: Sequence[Turn], events: Sequence[Event]) -> tuple[str, ...]:
    """Items that talk does not speak ill of, or that something was done with, in order, each where it last came."""
    spoken = [(turn.time, m.item_id) for turn in turns for m in turn.understanding.mentions if m.sentiment >= 0]
    done = [(event.time, event.item) for event in events if met(event)]
    in_order = sorted((*spoken, *done), key=lambda pair: pair[0])
    return tuple(reversed(dict.fromkeys(item for _, item in reversed(in_order))))


def _examples(here: Sequence[Turn]) -> tuple[str, ...]:
    """What the newest turn that says what is looked for names as its likes; a turn that only says how goes on from it."""
    said = (turn.understanding for turn in reversed(here))
    newest = next((u for u in said if u.meaning_text or any(m.sentiment > 0 for m in u.mentions)), None)
    return tuple(m.item_id for m in newest.mentions if m.sentiment > 0) if newest else ()


def _without_forgotten(turns: Sequence[Turn], catalogue: Catalogue) -> list[Turn]:
    """The turns but for those of a session before its last reset; mentions of items the catalogue lost are left out."""
    resets = {turn.session_id: at for at, turn in enumerate(turns) if turn.understanding.intent == "forget"}
    kept = [turn for at, turn in enumerate(turns) if at > resets.get(turn.session_id, -1)]
    return [replace(turn, understanding=_of_catalogue(turn.understanding, catalogue)) for turn in kept]


def _of_catalogue(understanding: Understanding, catalogue: Catalogue) -> Understanding:
    return replace(understanding, mentions=tuple(m for m in understanding.mentions if m.item_id in catalogue))


def deed_weight(event: Event) -> float:
    """What a deed says of its item, in [-1, 1]."""
    if event.kind == "rating" and event.value is not None:
        return max(-1.0, min(1.0, (event.value - 2.75) / 2.25))
    return DEED_WEIGHTS[event.kind]


def met(event: Event) -> bool:
    """Whether a deed shows that its user had to do with the item, and did not just wave it away."""
    return event.kind == "rating" or deed_weight(event) > 0


def _opinions(turns: list[Turn], events: list[Event]) -> dict[str, float]:
    """For each item, the last word or deed that takes a side: -1 against, 1 for."""
    sides = [(t.time, m.item_id, m.sentiment) for t in turns for m in t.understanding.mentions]
    sides += [(e.time, e.item, -1.0 if e.kind in REJECTING else 1.0) for e in events if e.kind in REJECTING | {"like"}]
    return {item: side for _, item, side in sorted(sides) if side}


def _consumed(turns: list[Turn], events: list[Event]) -> frozenset[str]:
    told = {m.item_id for t in turns for m in t.understanding.mentions if m.consumed}
    return frozenset(told | {event.item for event in events if event.kind in CONSUMING})


def _preferences(said: list[Turn], here: list[Turn], now: float) -> tuple[Preference, ...]:
    """Wishes by facet value: the latest turn counts 1, earlier ones fade by turns, earlier sessions by days and more."""
    age_here = {turn.id: len(here) - 1 - at for at, turn in enumerate(here)}
    found: dict[tuple[str, str], Preference] = {}
    for turn in said:
        if turn.id in age_here:
            faded = math.exp2(-age_here[turn.id] / SESSION_TURNS)
        else:
            faded = EARLIER_SESSIONS * _faded_days(now - turn.time)
        for wish in turn.understanding.wishes:
            key = (wish.facet, wish.value)
            before = found.get(key, Preference(*key, 0.0))
            same_side = before.weight * wish.weight >= 0  # a change of mind replaces, agreement adds up
            weight = (before.weight if same_side else 0.0) + wish.weight * faded
            found[key] = Preference(*key, max(-1.0, min(1.0, weight)), (*before.evidence, wish.evidence))
    kept = [preference for preference in found.values() if abs(preference.weight) >= NEGLIGIBLE]
    return tuple(sorted(kept, key=lambda p: (-abs(p.weight), p.facet, p.value)))


def _affinities(said: list[Turn], events: list[Event], now: float, session_id: str) -> dict[str, float]:
    """Item id to [-1, 1]: deeds and mentions, those of this session in full, older ones faded by days."""
    deeds = [(e.time, e.item, deed_weight(e), e.session_id == session_id) for e in events]
    deeds += [
        (turn.time, mention.item_id, mention.sentiment, turn.session_id == session_id)
        for turn in said for mention in turn.understanding.mentions
    ]  # fmt: skip
    total: dict[str, float] = {}
    for time, item, weight, in_session in sorted(deeds):
        total[item] = total.get(item, 0.0) + weight * (1.0 if in_session else _faded_days(now - time))
    clipped = {item: max(-1.0, min(1.0, weight)) for item, weight in total.items()}
    return {item: weight for item, weight in clipped.items() if abs(weight) >= NEGLIGIBLE}


def _faded_days(seconds: float) -> float:
    return math.exp2(-max(0.0, seconds) / 86_400 / LONG_TERM_DAYS)


def _constraints(here: list[Turn]) -> tuple[Constraint, ...]:
    """The session's hard constraints; a later one replaces an earlier one that bounds the same facet on the same side.

    Asking for a value again lifts an earlier ban on it.
    """
    kept: dict[tuple[str, str, str], Constraint] = {}
    for turn in here:
        wanted = {(wish.facet, wish.value) for wish in turn.understanding.wishes if wish.weight > 0}
        wanted |= {pair for c in turn.understanding.constraints if c.operator == "$in" for pair in c.pairs}
        kept = {key: c for key, c in kept.items() if c.operator != "$nin" or not wanted & c.pairs}
        stated = turn.understanding.constraints
        banned = {pair for c in stated if c.operator == "$nin" for pair in c.pairs}
        kept = {key: c for key, c in kept.items() if c.operator != "$in" or not c.pairs <= banned}
        replaced = {_side(constraint) for constraint in stated if constraint.operator != "$nin"}
        replaced |= {(c.facet, side, "") for c in stated if c.operator == "$eq" for side in ("low", "high")}
        replaced |= {(c.facet, "in", "") for c in stated if c.operator in ("$gt", "$gte", "$lt", "$lte")}
        asked = {c.facet for c in stated if c.operator == "$in"}
        kept = {key: c for key, c in kept.items() if key not in replaced and not (key[1] == "in" and key[0] in asked)}
        kept |= {_side(constraint): constraint for constraint in stated}
    return tuple(kept.values())


def _side(constraint: Constraint) -> tuple[str, str, str]:
    sides: Mapping[Operator, str] = {"$gt": "low", "$gte": "low", "$lt": "high", "$lte": "high", "$eq": "in", "$in": "in"}
    values = ",".join(value for _, value in sorted(constraint.pairs)) if constraint.operator != "$eq" else ""
    return constraint.facet, sides.get(constraint.operator, "not"), values
