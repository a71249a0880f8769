"""What a user likes: facet values from words, items from words and deeds, each weighed by how long ago it was."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.deeds import Event, deed_weight
from bot.session import Turn

# Half-life of a deed in earlier sessions. On MovieLens (`evaluate events --learn`, no language model) 30, 90 and 365 days have
# HR@10 .207, .209 and .213 (no fading .206), all within the noise of 671 users: a season, so that a site's visitors move on.
LONG_TERM_DAYS = 90.0
# Half-life, in turns, of what was said earlier in this session. On INSPIRED (`evaluate dialogues train.jsonl`, nothing learnt,
# no language model) .5, 1, 2, 4 and 8 turns have Recall@10 .105, .105, .106, .103 and .103.
SESSION_TURNS = 2.0
EARLIER_SESSIONS = 0.2  # weight of wishes of earlier sessions, before they fade by days: what is said now comes first
SET = "set by you"  # the evidence of a weight that the user gave
NEGLIGIBLE = 0.02  # weights below it are dropped


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that say so, when they were said (seconds), and the id of the log's entry they stand in."""

    text: str
    time: float
    entry: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A weight in [-1, 1] that the user gave a facet value at `time` (seconds); `entry`: its id in the log."""

    facet: str
    value: str
    weight: float
    time: float
    entry: str


@dataclass(frozen=True, slots=True)
class Preference:
    """A facet value with a weight in [-1, 1] and what says so, the latest last.

    Its parts, before they are added up and clipped: `intent` is what the newest turn says, `session` what was said before
    in this session, `long_term` what is known from earlier ones.
    """

    facet: str
    value: str
    weight: float
    because: tuple[Evidence, ...] = ()
    intent: float = 0.0
    session: float = 0.0
    long_term: float = 0.0

    @property
    def evidence(self) -> tuple[str, ...]:
        """The words alone."""
        return tuple(each.text for each in self.because)

    @property
    def said_at(self) -> float:
        """When it was last said, in seconds; 0 where nothing tells."""
        return self.because[-1].time if self.because else 0.0


def preferences(
    said: Sequence[Turn], here: Sequence[Turn], settings: Sequence[Setting], now: float, subjects: Collection[str] = ()
) -> tuple[Preference, ...]:
    """Wishes by facet value: the latest turn counts 1, earlier ones fade by turns, earlier sessions by days and more.

    `said`: all turns, `here`: those of this session, both oldest first. What the user set does not fade, nor what this
    session is about: the value of one of the facets `subjects` that was asked for last.
    """
    subject = _subject(here, subjects)
    # A reaction without words, or a question in between, makes nothing that was said older.
    speaking = [turn.id for turn in here if (turn.text and not turn.understanding.aside) or turn.understanding.wishes]
    age_here = {turn: len(speaking) - 1 - at for at, turn in enumerate(speaking)}
    told = [(one.facet, one.value, one.weight, None, Evidence(SET, one.time, one.entry)) for one in settings]
    for turn in said:
        age = age_here.get(turn.id)
        faded = math.exp2(-age / SESSION_TURNS) if age is not None else EARLIER_SESSIONS * _faded_days(now - turn.time)
        told += [
            (wish.facet, wish.value, wish.weight * (1.0 if (turn.id, wish.facet) in subject else faded), age,
             Evidence(wish.evidence, turn.time, turn.id))
            for wish in turn.understanding.wishes
        ]  # fmt: skip
    found: dict[tuple[str, str], Preference] = {}
    for facet, value, weight, age, spoken in sorted(told, key=lambda one: (one[4].time, one[4].entry)):
        found[facet, value] = _added(found.get((facet, value), Preference(facet, value, 0.0)), weight, age, spoken)
    kept = [preference for preference in found.values() if abs(preference.weight) >= NEGLIGIBLE]
    return tuple(sorted(kept, key=lambda p: (-abs(p.weight), p.facet, p.value)))


def _subject(here: Sequence[Turn], facets: Collection[str]) -> set[tuple[str, str]]:
    """For each of `facets` the last turn of a session that asks for a value of it: (turn id, facet)."""
    asked = {w.facet: turn.id for turn in here for w in turn.understanding.wishes if w.facet in facets and w.weight > 0}
    return {(turn, facet) for facet, turn in asked.items()}


def _added(before: Preference, weight: float, age: int | None, spoken: Evidence) -> Preference:
    """The preference after it was spoken of again, `age` turns of this session ago (None: in an earlier one)."""
    if before.weight * weight < 0:  # a change of mind replaces, agreement adds up
        before = Preference(before.facet, before.value, 0.0, before.because)
    return replace(
        before, weight=max(-1.0, min(1.0, before.weight + weight)), because=(*before.because, spoken),
        intent=before.intent + (weight if age == 0 else 0.0), session=before.session + (weight if age else 0.0),
        long_term=before.long_term + (weight if age is None else 0.0),
    )  # fmt: skip


def affinities(
    said: Sequence[Turn], done: Sequence[Event], here: Sequence[Turn], session_done: Sequence[Event], now: float
) -> dict[str, float]:
    """Item id to [-1, 1]: deeds and mentions, those of this session (`here`, `session_done`) in full, older ones faded."""
    spoken_here, done_here = ({entry.id for entry in entries} for entries in (here, session_done))
    parts = [(e.time, e.item, deed_weight(e) * _faded(e, done_here, now)) for e in done]
    parts += [
        (turn.time, mention.item_id, mention.sentiment * _faded(turn, spoken_here, now))
        for turn in said for mention in turn.understanding.mentions
    ]  # fmt: skip
    total: dict[str, float] = {}
    for _, item, weight in sorted(parts):
        total[item] = total.get(item, 0.0) + weight
    clipped = {item: max(-1.0, min(1.0, weight)) for item, weight in total.items()}
    return {item: weight for item, weight in clipped.items() if abs(weight) >= NEGLIGIBLE}


def _faded(entry: Turn | Event, of_session: Collection[str], now: float) -> float:
    return 1.0 if entry.id in of_session else _faded_days(now - entry.time)


def _faded_days(seconds: float) -> float:
    return math.exp2(-max(0.0, seconds) / 86_400 / LONG_TERM_DAYS)
