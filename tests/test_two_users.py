"""Two users, interleaved at random for two thousand steps: nothing of one is ever with the other."""

import itertools
import json
import random
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bot.corrections import newest_entry
from bot.deeds import Event
from bot.events import EventLog
from bot.page.visit import Visits
from bot.recommender import Recommender
from bot.rights import CorrectionError, Held
from bot.session import Session
from bot.understanding import Understander
from bot.visitors import COOKIE
from retrieval.sources import Sources
from tests.conftest import WordEmbeddings
from tests.conversing import NOW, answer
from tests.made_up import GENRES, MOODS, random_shelf

STEPS = 2_000
KINDS = ("like", "dislike", "view", "consumed", "not_now", "rating")
CANARIES = {"annsmarzipanannsmarzipanannsmarz": "marzipan", "bobswalrusbobswalrusbobswalrusbo": "walrus"}  # user -> word


@dataclass
class Visitor:
    """One of them, and all they do."""

    user: str
    recommender: Recommender
    dice: random.Random
    numbers: itertools.count

    def __post_init__(self) -> None:
        self.session = self.start()

    @property
    def canary(self) -> str:
        return CANARIES[self.user]

    @property
    def held(self) -> Held:
        return Held(self.recommender.log, self.recommender.catalogue, self.user, self.session.id, self.recommender.clock())

    def start(self) -> Session:
        return self.recommender.log.start_session(self.user, self.recommender.clock(), f"{self.canary}-{next(self.numbers)}")

    def step(self) -> str:
        """Does something; returns all that it is answered with."""
        doings = {self.say: 8, self.do: 8, self.correct: 3, self.look: 1, self.start_anew: 1, self.leave: 0.2}
        return self.dice.choices(list(doings), list(doings.values()))[0]()

    def say(self) -> str:
        wish = self.dice.choice((*GENRES, *MOODS))
        message = self.dice.choice(("a {} film with {}", "no {}, but {}", "after 1953, {} {}", "start over, {} {}"))
        return repr(answer(self.recommender, self.session, message.format(wish, self.canary)))

    def do(self) -> str:
        turns = [turn for turn in self.recommender.log.turns(self.user) if turn.slate_id]
        shown = self.recommender.log.slate_items(turns[-1].slate_id) if turns else ()
        item = self.dice.choice(shown or [item.id for item in self.recommender.catalogue])
        kind = self.dice.choice(KINDS)
        event = Event(
            f"{self.canary}-{next(self.numbers)}", self.user, item, kind, self.recommender.clock(),
            2.0 if kind == "rating" else None, self.session.id, turns[-1].slate_id if turns else "",
        )  # fmt: skip
        return repr(list(self.recommender.react(self.session, event))[-1])

    def correct(self) -> str:
        log, how = self.recommender.log, self.dice.choice(("undo", "forget", "more", "pause", "resume", "resume"))
        told = [one["target"] for one in self.held.told()["preferences"]]
        target = newest_entry(log.turns(self.user), log.of(self.user)) if how == "undo" else self.dice.choice(told or [""])
        try:
            correction = self.held.correction(how, target)
        except CorrectionError as error:
            return str(error)
        return repr(list(self.recommender.set_right(self.session, correction))[-1])

    def look(self) -> str:
        page = Visits(self.recommender).load(f"{COOKIE}={self.user}")
        return repr(page) + json.dumps(self.held.told()) + json.dumps(self.held.export())

    def start_anew(self) -> str:
        self.session = self.start()
        return repr(self.recommender.profile(self.session))

    def leave(self) -> str:
        self.recommender.forget(self.user)
        assert self.canary not in repr([self.held.profile, self.recommender.log.held(self.user)])
        return self.start_anew()


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    catalogue, embeddings, log = random_shelf(200), WordEmbeddings(), EventLog("sqlite://")
    vectors = np.asarray(embeddings.embed_documents([item.text for item in catalogue]), dtype=np.float32)
    ticking = map(float, itertools.count(int(NOW), 60)).__next__
    parts = Recommender(catalogue, Understander(catalogue), Sources.of(catalogue, vectors), embeddings, None, log)
    yield replace(parts, clock=ticking)
    log.close()


def test_nothing_of_one_is_ever_with_the_other(recommender):
    dice, numbers = random.Random(11), itertools.count()
    both = [Visitor(user, recommender, dice, numbers) for user in CANARIES]
    foreign = dict(zip(CANARIES, reversed(CANARIES.values()), strict=True))
    seen = dict.fromkeys(CANARIES, 0)
    for _ in range(STEPS):
        visitor = dice.choice(both)
        answered = visitor.step()
        assert foreign[visitor.user] not in answered
        seen[visitor.user] += visitor.canary in answered
    assert min(seen.values()) > STEPS / 4  # or the canaries would tell nothing
    for visitor in both:
        assert foreign[visitor.user] not in visitor.look()
        assert recommender.log.session(visitor.user, next(other for other in both if other is not visitor).session.id) is None
