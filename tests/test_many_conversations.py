"""Ten thousand random steps of conversation over both built-in catalogues, checked by a second opinion."""

import itertools
import random

import numpy as np
import pytest

from bot.deeds import KINDS, Event
from bot.events import EventLog
from bot.moments import take_in
from bot.recommender import Recommender
from bot.session import Session
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.sources import Sources
from tests.conversing import NOW, answer
from tests.second_opinion import Told

STEPS = 5_000  # over each catalogue
LENGTH = 10  # steps of one conversation


def number(side: str, facet: str, holds) -> tuple:
    return f"{facet} {side}", lambda item: item.number(facet) is not None and holds(item.number(facet))


def without(facet: str, value: str) -> tuple:
    return f"no {value}", lambda item: value not in [word.lower() for word in item.words(facet)]


MESSAGES = {
    "films": {
        "something funny": None, "a quiet film about friendship": None, "hello": None, "start over": "reset",
        "after 1990": number("low", "year", lambda year: year > 1990),
        "since 2005": number("low", "year", lambda year: year >= 2005),
        "before 1960": number("high", "year", lambda year: year < 1960),
        "under 100 minutes": number("high", "runtime", lambda minutes: minutes < 100),
        "no horror": without("genres", "horror"), "without romance": without("genres", "romance"),
        "no comedies please": without("genres", "comedy"),
    },
    "shop": {
        "something for hiking": None, "a light tent": None, "hello": None, "start over": "reset",
        "under 50 euros": number("high", "price", lambda price: price < 50),
        "at most 200 euros": number("high", "price", lambda price: price <= 200),
        "over 20 euros": number("low", "price", lambda price: price > 20),
        "lighter than 900 g": number("high", "weight", lambda grams: grams < 900),
        "no plastic": without("material", "plastic"), "without polyester": without("material", "polyester"),
    },
}  # fmt: skip


def built_in(name: str) -> Recommender:
    """Everything but the vectors: no language model."""
    catalogue = read_catalogue(name)
    sources = Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))
    return Recommender(catalogue, Understander(catalogue), sources, None, None, EventLog("sqlite://"))


@pytest.mark.parametrize("name", MESSAGES)
def test_no_condition_breaks_and_nothing_rejected_returns(name):
    recommender, dice, numbers = built_in(name), random.Random(3), itertools.count()
    for user in range(STEPS // LENGTH):
        session, told, shown = recommender.log.start_session(f"u{user}", NOW), Told(), ()
        for _ in range(LENGTH):
            if not shown or dice.random() < 0.4:
                message = dice.choice(list(MESSAGES[name]))
                told.heard(MESSAGES[name][message])
                shown = _shown(recommender, session, message, told)
            else:
                item, kind = dice.choice(shown), dice.choice(KINDS)
                told.seen(kind, item)
                value = dice.choice((1.0, 5.0)) if kind == "rating" else None
                event = Event(f"e{next(numbers)}", session.user, item, kind, recommender.clock(), value, session.id)
                recommender.log.append([event])
                take_in(recommender.sources, recommender.log, [event])
    recommender.log.close()


def _shown(recommender: Recommender, session: Session, message: str, told: Told) -> tuple[str, ...]:
    """The answer to a message, checked."""
    slate = answer(recommender, session, message).slate
    fitting = told.fitting(recommender.catalogue)
    assert not set(slate.item_ids) & told.gone
    if fitting:
        assert set(slate.item_ids) <= fitting, (message, told.conditions)
        assert not slate.relaxed
        assert len(slate.item_ids) == min(recommender.k, len(fitting))
    else:
        assert slate.relaxed or not slate.item_ids
    return slate.item_ids
