"""What is live equals what the log says: replayed, late, taken back, erased."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from bot.corrections import Correction, newest_entry
from bot.deeds import Event
from bot.events import EventLog
from bot.moments import replay, take_in
from bot.recommender import Recommender
from bot.session import Session
from retrieval.sources import Sources
from tests.conversing import NOW

MESSAGES = (
    "a quiet film about space",
    "a funny heist, not dark",
    "after 1990",
    "I loved Signal",
    "something cosy",
    "start over",
)
KINDS = ("like", "dislike", "view", "consumed", "click", "not_now", "purchase")
CORRECTED = ("preference:mood=quiet", "preference:mood=dark", "item:signal-1979", "item:orbit-2009")


@pytest.fixture
def living(recommender, sources) -> Recommender:
    """A recommender whose clock ticks by a minute, with a log in memory."""
    return replace(recommender, log=EventLog("sqlite://"), clock=map(float, itertools.count(int(NOW), 60)).__next__)


def new_sources(recommender: Recommender) -> Sources:
    return Sources.of(recommender.catalogue, recommender.sources.index.vectors)


class Life:
    """Random doings of a few users, some of whom think better of it."""

    def __init__(self, recommender: Recommender, seed: int) -> None:
        self.recommender, self.dice = recommender, random.Random(seed)
        self.numbers = itertools.count()
        self.sessions = {user: recommender.log.start_session(user, NOW) for user in ("ann", "bob")}

    def step(self) -> None:
        user = self.dice.choice(list(self.sessions))
        steps = {self.say: 6, self.react: 6, self.come_late: 2, self.correct: 3, self.start_anew: 1}
        self.dice.choices(list(steps), list(steps.values()))[0](user, self.sessions[user])

    def say(self, user: str, session: Session) -> None:
        list(self.recommender.reply(session, self.dice.choice(MESSAGES)))

    def react(self, user: str, session: Session) -> None:
        turns = [turn for turn in self.recommender.log.turns(user) if turn.session_id == session.id]
        slate = turns[-1].slate_id if turns else ""
        items = self.recommender.log.slate_items(slate) or ("kite-1995",)
        list(self.recommender.react(session, self.deed(user, session.id, self.dice.choice(items), slate)))

    def come_late(self, user: str, session: Session) -> None:
        event = replace(self.deed(user, session.id, self.dice.choice(self.recommender.catalogue.items).id), session_id="")
        events = [event, replace(event, id=f"{event.id}-too", item="vault-1988", time=event.time + 1)]
        events = [replace(one, time=one.time - self.dice.choice((0, 90, 4_000, 80_000))) for one in events]
        self.recommender.log.append(events)
        take_in(self.recommender.sources, self.recommender.log, events)

    def correct(self, user: str, session: Session) -> None:
        log, kind = self.recommender.log, self.dice.choice(("undo", "forget", "weigh", "pause", "resume"))
        target = self.dice.choice(CORRECTED) if kind == "forget" else CORRECTED[0] if kind == "weigh" else ""
        target = newest_entry(log.turns(user), log.of(user)) if kind == "undo" else target
        weight = self.dice.uniform(-1, 1) if kind == "weigh" else None
        self.recommender.correct(Correction(f"c{next(self.numbers)}", user, kind, self.recommender.clock(), target, weight))

    def start_anew(self, user: str, session: Session) -> None:
        self.sessions[user] = self.recommender.log.start_session(user, self.recommender.clock())

    def deed(self, user: str, session: str, item: str, slate: str = "") -> Event:
        kind = self.dice.choice(KINDS)
        return Event(f"e{next(self.numbers)}", user, item, kind, self.recommender.clock(), None, session, slate)


def scores(recommender: Recommender, session: Session) -> dict[str, np.ndarray]:
    query = recommender.query(recommender.profile(session), 5)
    retrieved = recommender.sources.retrieve(replace(query, exclusions=frozenset(), constraints=(), now=None))
    return dict(zip(retrieved.names, retrieved.scores.T, strict=True))


def assert_alike(live: Recommender, replayed: Recommender, session: Session) -> None:
    """The words of past talks apart, which are weighed anew only now and then: there as many moments are remembered."""
    assert live.profile(session) == replayed.profile(session)
    assert len(live.sources.memory) == len(replayed.sources.memory)
    one, other = scores(live, session), scores(replayed, session)
    for name in {name for name in (*one, *other) if not name.startswith("past_")}:
        assert one[name] == pytest.approx(other[name], abs=1e-4), name


@pytest.mark.parametrize("seed", range(12))
def test_replaying_the_log_gives_the_live_state(living, seed):
    life = Life(living, seed)
    for _ in range(30):
        life.step()
    stopped = replace(living, clock=lambda: NOW + 1e6)
    replayed = replace(stopped, sources=new_sources(living))
    replay(replayed.sources, replayed.log)
    for session in life.sessions.values():
        assert_alike(stopped, replayed, session)
    living.log.close()


@pytest.mark.parametrize("seed", range(6))
def test_who_is_forgotten_was_never_there(living, seed):
    life = Life(living, seed)
    for _ in range(30):
        life.step()
    stopped = replace(living, clock=lambda: NOW + 1e6)
    without = replace(stopped, sources=new_sources(living))
    assert stopped.forget("ann") > 0
    replay(without.sources, without.log)
    assert_alike(stopped, without, life.sessions["bob"])
    assert all(not rows for rows in living.log.held("ann").values())
    living.log.close()
