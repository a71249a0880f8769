"""The live profile: a pure fold of what a user said and did. Replaying the log gives the same profile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.corrections import Correction, Counted, counted
from bot.deeds import CONSUMING, REJECTING, Event, met, of_session
from bot.interests import SET, Evidence, Preference, Setting, affinities, preferences
from bot.kept_conditions import kept_conditions
from bot.purging import PREFERENCE
from bot.session import Turn, Understanding
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish

EARLIER_TURNS = 3  # of the session whose texts are embedded beside the newest
RECENT = 10  # items kept in order of time


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one user at one moment, in one session."""

    preferences: tuple[Preference, ...] = ()
    affinities: Mapping[str, float] = field(default_factory=dict[str, float])  # item id -> [-1, 1]
    constraints: tuple[Constraint, ...] = ()
    preferred: tuple[Constraint, ...] = ()  # the same, softly: what this session was last told of a general taste
    rejected: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    set_aside: frozenset[str] = frozenset()  # named, passed over or "not now" in this session: not shown again in it
    recent: tuple[str, ...] = ()  # item ids that the user had to do with or spoke of, here or before, oldest first
    examples: tuple[str, ...] = ()  # items that the newest turn with a subject speaks well of
    search_text: str = ""  # the telling words of the newest turn that has any
    intent_text: str = ""  # what is embedded of that turn
    session_texts: tuple[str, ...] = ()  # what is embedded of the session's earlier turns, oldest first
    named: tuple[str, ...] = ()  # items that this session speaks well of or does something good with, oldest first
    texts: Mapping[str, str] = field(default_factory=dict[str, str])  # stretches of this session's talk, by `stretches`
    last_told: Mapping[str, Evidence] = field(default_factory=dict[str, Evidence])  # item id -> the last deed or words on it
    user: str = ""
    now: float = 0.0  # seconds
    silenced: frozenset[str] = frozenset()  # targets of preferences that were forgotten or set: deeds do not speak for them
    paused: bool = False  # whether nothing is to be learnt from what comes

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """The preferences as retrieval takes them."""
        return tuple(Wish(p.facet, p.value, p.weight, _words(p)) for p in self.preferences)

    @property
    def steering(self) -> dict[str, float]:
        """The affinities that count now: once this session says what it is after, earlier likes step back behind it.

        Each source's scores are brought to one scale before they are added up, so that they cannot count a little.
        """
        if not self.intent_text:
            return dict(self.affinities)
        named = set(self.named)
        return {item: weight for item, weight in self.affinities.items() if weight < 0 or item in named}

    @property
    def background(self) -> dict[str, float]:
        """The affinities that have stepped back."""
        steering = self.steering
        return {item: weight for item, weight in self.affinities.items() if item not in steering}

    @property
    def exclusions(self) -> frozenset[str]:
        """Items that must not be shown."""
        return self.rejected | self.consumed | self.set_aside


def _words(preference: Preference) -> str:
    """The latest words that ask for it; the value itself where the user has only set its weight."""
    return next((text for text in reversed(preference.evidence) if text != SET), preference.value)


def infer(
    turns: Iterable[Turn], events: Iterable[Event], catalogue: Catalogue, now: float, session_id: str,
    corrections: Iterable[Correction] = (),
) -> Profile:  # fmt: skip
    """The profile of one user in one session at `now` (seconds).

    `turns`, `events` and `corrections` may come in any order and more than once: they are folded in the order of
    (time, id), each id once. Events on items that the catalogue does not have are passed over; what lies after `now`
    counts as done now.
    """
    by_now = (event if event.time <= now else replace(event, time=now) for event in events)
    left = counted(turns, by_now, corrections, session_id)
    said = _without_forgotten(left.turns, catalogue)
    done = [event for event in left.events if event.item in catalogue]
    here = [turn for turn in said if turn.session_id == session_id]
    opinions = _opinions(said, done)
    session_events = of_session(done, session_id, now)
    words = [turn.understanding.search_text for turn in here if turn.understanding.search_text]
    texts = [turn.understanding.meaning_text for turn in here if turn.understanding.meaning_text]
    return Profile(
        preferences=preferences(said, here, _settings(left, catalogue), now, catalogue.subjects),
        affinities=affinities(said, done, here, session_events, now),
        constraints=kept_conditions(here),
        preferred=next((u.preferred for turn in reversed(here) if (u := turn.understanding).preferred), ()),
        rejected=frozenset(item for item, opinion in opinions.items() if opinion < 0),
        consumed=_consumed(said, done),
        set_aside=frozenset(e.item for e in session_events if e.kind == "not_now")
        | {m.item_id for turn in here for m in turn.understanding.mentions}
        | {item for turn in here for item in turn.understanding.passed},
        recent=_touched(said, done)[-RECENT:],
        examples=_examples(here),
        search_text=words[-1] if words else "",
        intent_text=texts[-1] if texts else "",
        session_texts=tuple(texts[-1 - EARLIER_TURNS : -1]),
        named=_touched(here, session_events),
        texts=stretches(_talk(here)),
        last_told=_last_told(said, done),
        user=next((entry.user for entry in (*said, *done)), ""),
        now=now,
        silenced=left.silenced,
        paused=left.paused,
    )


def _settings(left: Counted, catalogue: Catalogue) -> list[Setting]:
    """The weights that the user set, of facets that the catalogue has."""
    named = ((c, c.target.removeprefix(PREFERENCE).partition("=")) for c in left.settings)
    return [
        Setting(facet, value, c.weight or 0.0, c.time, c.id) for c, (facet, _, value) in named if facet in catalogue.facets
    ]  # fmt: skip


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


def _last_told(turns: Sequence[Turn], events: Sequence[Event]) -> dict[str, Evidence]:
    spoken = [(m.item_id, Evidence(m.evidence, turn.time, turn.id)) for turn in turns for m in turn.understanding.mentions]
    done = [(event.item, Evidence(event.kind, event.time, event.id)) for event in events]
    return dict(sorted((*spoken, *done), key=lambda pair: (pair[1].time, pair[1].entry)))


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


def _opinions(turns: list[Turn], events: list[Event]) -> dict[str, float]:
    """For each item, the last word or deed that takes a side: -1 against, 1 for."""
    sides = [(t.time, m.item_id, m.sentiment) for t in turns for m in t.understanding.mentions]
    sides += [(e.time, e.item, -1.0 if e.kind in REJECTING else 1.0) for e in events if e.kind in REJECTING | {"like"}]
    return {item: side for _, item, side in sorted(sides) if side}


def _consumed(turns: list[Turn], events: list[Event]) -> frozenset[str]:
    told = {m.item_id for t in turns for m in t.understanding.mentions if m.consumed}
    return frozenset(told | {event.item for event in events if event.kind in CONSUMING})
