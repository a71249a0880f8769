"""Logged behaviour asked through the live flow: what the deeds teach, and what would have ranked before the next."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from bot.deeds import Event, in_order, met
from bot.evaluation import DEEPEST, Ranked, milliseconds_since, ranking
from bot.moments import observe
from bot.parts import Progress
from bot.profile import infer
from bot.recommender import Recommender
from retrieval.index import Query
from retrieval.learning import Lesson
from retrieval.memory import Moment
from retrieval.popularity import Popularity
from retrieval.sequential import Histories

LAST = 6  # deeds of each user that are learnt from, the newest; each is set against what the user could have done instead
SHORTEST = 3  # deeds before it: of those who are hardly known there is nothing to learn yet
MOST = 4_000  # deeds learnt from, the newest of everybody


def by_user(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Each user's deeds, oldest first."""
    ordered = sorted(in_order(events), key=lambda event: event.user)
    return {user: list(done) for user, done in groupby(ordered, key=lambda event: event.user)}


def observing(recommender: Recommender, events: Iterable[Event]) -> Recommender:
    """The recommender with sources that know these deeds and no others."""
    catalogue = recommender.catalogue
    sources = replace(recommender.sources, popularity=Popularity(catalogue), histories=Histories(len(catalogue)))
    for event in in_order(events):
        observe(sources, event)
    return replace(recommender, sources=sources)


def query_before(recommender: Recommender, history: Sequence[Event], user: str, now: float) -> Query:
    """What the live flow would ask for a user with these deeds at `now` (seconds); what they did before is excluded."""
    profile = replace(infer([], history, recommender.catalogue, now, ""), user=user)
    return replace(recommender.query(profile, DEEPEST), exclusions=frozenset(event.item for event in history))


def lessons_of(recommender: Recommender, events: Iterable[Event], progress: Progress) -> list[Lesson]:
    """What the newest deeds of each user teach: that this was done next, and not something else."""
    cases = [
        (history[:at], history[at])
        for history in by_user(event for event in events if met(event)).values()
        for at in range(max(SHORTEST, len(history) - LAST), len(history))
        if all(history[at].item != earlier.item for earlier in history[:at])
    ]  # fmt: skip
    newest = sorted(cases, key=lambda case: case[1].time)[-MOST:]
    lessons: list[Lesson] = []
    for done, (history, taken) in enumerate(newest, 1):
        query = query_before(recommender, history, taken.user, taken.time)
        moment = Moment(taken.user, {}, query.named, (taken.item,))
        lessons.append(Lesson(moment, lambda sources, query=query: sources.retrieve(query), remembered=False))
        progress("reading deeds", done, len(newest))
    return lessons


def rank_all(
    recommender: Recommender, held: Sequence[Event], histories: Mapping[str, Sequence[Event]], progress: Progress
) -> Iterator[Ranked]:
    """The ranking for the user of each held-out deed at its time, as the live flow makes it."""
    for done, event in enumerate(held, 1):
        started = time.perf_counter()
        query = query_before(recommender, histories.get(event.user, ()), event.user, event.time)
        ids = ranking(recommender, query)[:DEEPEST]
        yield Ranked({"user_id": event.user}, event.user, (event.item,), (), ids, milliseconds_since(started))
        progress("ranking", done, len(held))
