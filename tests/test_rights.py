"""What a user may see, set right, take away and erase; and that interests fade and return."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from bot.answer import answer_json
from bot.deeds import Event
from bot.events import EventLog
from bot.recommender import Recommender
from bot.rights import CorrectionError, Held
from bot.session import Session
from bot.timeline import leanings, timeline
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.sources import Sources
from tests.conversing import NOW, answer

DAY = 86_400.0


@pytest.fixture
def living(recommender) -> Recommender:
    """A recommender whose clock ticks by a minute, with a log in memory."""
    living = replace(recommender, log=EventLog("sqlite://"), clock=map(float, itertools.count(int(NOW), 60)).__next__)
    yield living
    living.log.close()


@pytest.fixture
def session(living) -> Session:
    return living.log.start_session("ann", NOW)


def held(recommender: Recommender, session: Session, **changes) -> Held:
    held = Held(recommender.log, recommender.catalogue, session.user, session.id, recommender.clock())
    return replace(held, **changes)


def correct(recommender: Recommender, session: Session, how: str, target: str = "", weight: float | None = None) -> None:
    recommender.correct(held(recommender, session).correction(how, target, weight))


def deed(recommender: Recommender, session: Session, kind: str, item: str, **changes) -> Event:
    event = Event(f"{kind}-{item}", session.user, item, kind, recommender.clock(), None, session.id)
    return replace(event, **changes)


def wishes(recommender: Recommender, session: Session) -> dict[str, float]:
    return {one.value: one.weight for one in held(recommender, session).profile.preferences}


def test_every_preference_is_told_with_its_words_their_date_and_its_parts(living, session):
    answer(living, session, "something quiet")
    answer(living, session, "funny, please")
    told = held(living, session).told()
    quiet = next(one for one in told["preferences"] if one["value"] == "quiet")
    assert [(because["words"], because["time"][:10]) for because in quiet["because"]] == [("quiet", "2023-11-14")]
    assert quiet["parts"]["session"] == quiet["weight"] > 0 == quiet["parts"]["intent"] == quiet["parts"]["long_term"]
    assert next(one for one in told["preferences"] if one["value"] == "funny")["parts"]["intent"] == 1.0


def test_what_was_said_in_another_conversation_is_long_term(living, session):
    answer(living, session, "something quiet")
    later = living.log.start_session("ann", NOW + DAY)
    (quiet,) = held(living, later, now=NOW + 60 * DAY).told()["preferences"]
    assert quiet["parts"] == {"intent": 0.0, "session": 0.0, "long_term": pytest.approx(quiet["weight"], abs=1e-4)}


def test_every_item_is_told_with_the_deeds_that_speak_of_it(living, session):
    list(living.react(session, deed(living, session, "like", "orbit-2009")))
    (item,) = held(living, session).told()["items"]
    assert (item["title"], item["because"][0]["deed"], item["because"][0]["entry"]) == ("Low Orbit", "like", "like-orbit-2009")


def test_undo_takes_back_the_last_thing_first(living, session):
    answer(living, session, "something quiet")
    list(living.react(session, deed(living, session, "dislike", "orbit-2009")))
    correct(living, session, "undo")
    assert held(living, session).profile.rejected == frozenset()
    assert wishes(living, session) == {"quiet": 1.0}
    correct(living, session, "undo")
    assert wishes(living, session) == {}
    with pytest.raises(CorrectionError, match="nothing left to undo"):
        correct(living, session, "undo")


def test_a_weight_can_be_moved_set_and_turned_round(living, session):
    answer(living, session, "something quiet")
    target = held(living, session).told()["preferences"][0]["target"]
    for how, weight, then in (("less", None, 0.5), ("more", None, 1.0), ("weigh", 0.3, 0.3), ("none", None, -1.0)):
        correct(living, session, how, target, weight)
        assert wishes(living, session) == {"quiet": pytest.approx(then)}


def test_a_weight_that_was_set_is_no_quotation(living, session):
    answer(living, session, "something quiet")
    correct(living, session, "weigh", "preference:mood=quiet", 0.9)
    done = answer(living, session, "a film")
    told = [reason for one in answer_json(done, living.catalogue)["slate"]["items"] for reason in one["reasons"]]
    assert "mood: quiet" in told
    assert "set by you" not in str(told) + done.explanation.text


@pytest.mark.parametrize(
    ("how", "target", "weight", "why"),
    [
        ("erase", "", None, "'erase' is no way to correct anything"),
        ("forget", "preference:mood=loud", None, "nothing is held under 'preference:mood=loud'"),
        ("forget", "entry:nowhere", None, "nothing is held under 'entry:nowhere'"),
        ("weigh", "preference:mood=quiet", 3.0, "the weight is 3.0; it lies between -1 and 1"),
        ("weigh", "preference:mood=quiet", None, "the weight is None"),
        ("more", "item:signal-1979", None, "'item:signal-1979' has no weight"),
    ],
)
def test_what_cannot_be_corrected_is_told_in_words(living, session, how, target, weight, why):
    answer(living, session, "something quiet, I hated Signal")
    with pytest.raises(CorrectionError) as refused:
        correct(living, session, how, target, weight)
    assert why in str(refused.value)


def test_a_forgotten_preference_no_longer_moves_the_slate(living, session):
    before = answer(living, session, "a film").slate
    answer(living, session, "dark")
    correct(living, session, "forget", "preference:mood=dark")
    other = living.log.start_session("bob", NOW)
    assert answer(living, session, "a film").slate.item_ids == answer(living, other, "a film").slate.item_ids == before.item_ids


def test_while_learning_is_paused_talk_goes_on_and_nothing_is_kept_of_it(living, session):
    correct(living, session, "pause")
    assert answer(living, session, "something quiet").slate.item_ids
    list(living.react(session, deed(living, session, "dislike", "orbit-2009")))
    assert held(living, session).profile.rejected == {"orbit-2009"}
    assert held(living, session).told()["paused"]
    busy = living.sources.popularity.scores()
    assert "busy_ever" not in busy
    later = living.log.start_session("ann", NOW)
    assert held(living, later).profile.exclusions == frozenset()
    correct(living, later, "resume")
    list(living.react(later, deed(living, later, "like", "kite-1995")))
    assert living.sources.popularity.scores()["busy_ever"].sum() == 1


def test_the_export_holds_everything_and_is_json(living, session):
    answer(living, session, "a quiet heist with marzipan")
    list(living.react(session, deed(living, session, "like", "orbit-2009")))
    correct(living, session, "less", "preference:mood=quiet")
    told = json.loads(json.dumps(held(living, session).export()))
    assert {"profile", "sessions", "turns", "slates", "events", "corrections", "chances"} <= told.keys()
    assert [len(told[name]) for name in ("sessions", "turns", "slates", "events", "corrections")] == [1, 2, 2, 1, 1]
    assert told["turns"][0]["text"] == "a quiet heist with marzipan"
    assert told["turns"][0]["understanding"]["wishes"][0]["value"] in ("quiet", "heist")
    assert told["slates"][0]["items"] == list(living.log.slate_items(told["turns"][0]["slate"]))


def test_who_is_forgotten_leaves_nothing_to_export(living, session):
    answer(living, session, "a quiet heist with marzipan")
    assert living.forget("ann") == 4  # session, turn, slate, question
    assert "marzipan" not in json.dumps(held(living, session).export())


def test_deeds_speak_for_what_their_items_share(living, session, catalogue):
    for item in ("vault-1988", "vault-2001", "starlight-2019", "letters-1962"):
        list(living.react(session, deed(living, session, "like", item)))
    profile = held(living, session).profile
    found = {one.value: one for one in leanings(profile.affinities, catalogue)}
    assert found["heist"].items == ("starlight-2019", "vault-1988", "vault-2001")
    assert found["heist"].weight > 0 and "letters" not in found
    assert "heist" not in {one.value for one in leanings(profile.affinities, catalogue, {"preference:themes=heist"})}


def test_a_forgotten_leaning_stays_away_and_one_that_is_weighed_becomes_a_preference(living, session):
    for item in ("vault-1988", "vault-2001", "starlight-2019"):
        list(living.react(session, deed(living, session, "like", item)))
    correct(living, session, "forget", "preference:themes=heist")
    assert "heist" not in {one["value"] for one in held(living, session).told()["leanings"]}
    correct(living, session, "none", "preference:genres=crime")
    assert wishes(living, session) == {"crime": -1.0}


def test_the_timeline_tells_what_interested_when(catalogue):
    crime, horror = ("vault-1988", "vault-2001"), ("cellar-2014", "signal-1979")
    deeds = [
        Event(f"{item}-{month}", "ann", item, "like", NOW + month * 31 * DAY)
        for month, items in enumerate([crime, horror, crime]) for item in items
    ]  # fmt: skip
    months = timeline([], deeds, [], catalogue)
    assert [month.month for month in months] == ["2023-11", "2023-12", "2024-01"]
    strongest = [month.interests[0].value for month in months]
    assert strongest == ["crime", "horror", "crime"]


def test_an_interest_fades_and_returns(living, session):
    list(living.react(session, deed(living, session, "like", "vault-1988", session_id="", time=NOW)))
    later = {days: held(living, session, now=NOW + days * DAY).profile.affinities for days in (0, 30, 300, 900)}
    liked = [affinities.get("vault-1988", 0.0) for affinities in later.values()]
    assert 1.0 == liked[0] > liked[1] > liked[2] > liked[3] == 0.0
    living.log.append([deed(living, session, "view", "vault-1988", session_id="", time=NOW + 900 * DAY)])
    assert held(living, session, now=NOW + 900 * DAY).profile.affinities["vault-1988"] == pytest.approx(0.1, abs=0.01)


def test_among_what_is_asked_for_old_favourites_decide():
    catalogue = read_catalogue("films")
    sources = Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))
    log = EventLog("sqlite://")
    recommender = Recommender(catalogue, Understander(catalogue), sources, None, None, log, clock=lambda: NOW)
    for genre in ("horror", "animation"):
        liked = [item.id for item in catalogue if genre in item.words("genres")][:20]
        log.append(Event(f"{genre}-{n}", genre, item, "like", NOW - (n + 1) * DAY) for n, item in enumerate(liked))

    def funny(user: str, genre: str) -> int:
        slate = answer(recommender, log.start_session(user, NOW), "something funny").slate
        return sum(genre in catalogue[item].words("genres") for item in slate.item_ids)

    for genre in ("horror", "animation"):
        assert funny(genre, genre) > funny("newcomer", genre)
    log.close()


def test_a_new_mood_comes_before_a_long_history():
    catalogue = read_catalogue("films")
    sources = Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))
    log = EventLog("sqlite://")
    recommender = Recommender(catalogue, Understander(catalogue), sources, None, None, log, clock=lambda: NOW)
    horror = [item.id for item in catalogue if "horror" in item.words("genres")]
    log.append(Event(f"e{n}", "ann", item, "like", NOW - (n + 1) * DAY) for n, item in enumerate(horror[:20]))
    session = log.start_session("ann", NOW)
    history = list(recommender.react(session, Event("e", "ann", horror[20], "like", NOW, None, session.id)))[-1].slate
    mood = answer(recommender, log.start_session("ann", NOW), "a romantic comedy").slate
    assert set(history.item_ids) <= set(horror)
    for item in map(catalogue.__getitem__, mood.item_ids):
        assert "comedy" in item.words("genres") and item.id not in horror
    log.close()
