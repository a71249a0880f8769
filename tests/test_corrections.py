"""What users take back or set right: undone, forgotten, weighed, paused; entries of the log that the profile folds."""

import pytest
from hypothesis import assume, given

from bot.corrections import Correction, newest_entry
from bot.deeds import Event
from bot.profile import Profile, infer
from bot.purging import condition_target, preference_target
from bot.session import Mention, Turn, Understanding
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from tests.made_up_logs import DAY, NOW, corrections, events, turns

START = NOW - DAY
DARK = Wish("mood", "dark", 1.0, "dark")
NO_HORROR = Constraint("genres", "$nin", ("horror",), "no horror")


def said(at: float, text: str = "something dark", session: str = "s1", **parts) -> Turn:
    understood = {"search_text": text, "meaning_text": text} | {name: tuple(part) for name, part in parts.items()}
    return Turn(f"t{at:g}", session, "ann", START + at, text, Understanding("refine", **understood))


def done(at: float, kind: str = "like", item: str = "orbit-2009", session: str = "s1") -> Event:
    return Event(f"e{at:g}", "ann", item, kind, START + at, None, session)


def corrected(at: float, kind: str, target: str = "", weight: float | None = None) -> Correction:
    return Correction(f"c{at:g}", "ann", kind, START + at, target, weight)


@pytest.fixture
def fold(catalogue):
    def fold(*log, session: str = "s1") -> Profile:
        kinds = {kind: [entry for entry in log if isinstance(entry, kind)] for kind in (Turn, Event, Correction)}
        return infer(kinds[Turn], kinds[Event], catalogue, NOW, session, kinds[Correction])

    return fold


def weights(profile: Profile) -> dict[str, float]:
    return {preference.value: preference.weight for preference in profile.preferences}


def test_an_undone_deed_is_as_if_never_done(fold):
    before = fold(said(1, wishes=[DARK]))
    assert fold(said(1, wishes=[DARK]), done(2, "dislike"), corrected(3, "undo", "entry:e2")) == before


def test_an_undone_turn_is_as_if_never_said(fold):
    first, second = said(1, wishes=[DARK]), said(2, "no horror", constraints=[NO_HORROR])
    assert fold(first, second, corrected(3, "undo", "entry:t2")) == fold(first)


def test_an_undoing_can_be_undone(fold):
    log = said(1), done(2), corrected(3, "undo", "entry:e2"), corrected(4, "undo", "entry:c3")
    assert fold(*log) == fold(said(1), done(2))


def test_a_forgotten_preference_leaves_with_its_words_and_may_be_said_again(fold):
    first, forgotten = said(1, "a dark western", wishes=[DARK]), corrected(2, "forget", preference_target("mood", "dark"))
    profile = fold(first, forgotten)
    assert (profile.preferences, profile.intent_text, profile.search_text) == ((), "a western", "a western")
    assert "dark" not in str(profile.texts)
    assert weights(fold(first, forgotten, said(3, wishes=[DARK]))) == {"dark": 1.0}


def test_a_forgotten_condition_no_longer_holds_and_others_do(fold):
    year = Constraint("year", "$gt", 2000.0, "after 2000")
    profile = fold(said(1, constraints=[NO_HORROR, year]), corrected(2, "forget", condition_target(NO_HORROR)))
    assert profile.constraints == (year,)


def test_everything_about_a_forgotten_item_goes(fold):
    named = said(1, "I hate Low Orbit", mentions=[Mention("orbit-2009", -1.0, evidence="Low Orbit")])
    profile = fold(named, done(2, "consumed"), done(2.5, item="kite-1995"), corrected(3, "forget", "item:orbit-2009"))
    assert (profile.rejected, profile.consumed, set(profile.affinities)) == (frozenset(), frozenset(), {"kite-1995"})
    assert "Orbit" not in str(profile)


def test_a_weight_that_was_set_replaces_what_was_said_and_does_not_fade(fold):
    less = corrected(2, "weigh", preference_target("mood", "dark"), -0.5)
    for session in ("s1", "s2"):
        profile = fold(said(1, wishes=[DARK]), less, session=session)
        assert weights(profile) == {"dark": -0.5}
        assert profile.preferences[0].evidence == ("set by you",)
    assert weights(fold(said(1, wishes=[DARK]), less, said(3, wishes=[DARK]))) == {"dark": 1.0}
    assert weights(fold(less, corrected(3, "weigh", less.target, 0.25))) == {"dark": 0.25}


def test_what_comes_while_learning_is_paused_counts_in_its_session_alone(fold):
    log = corrected(1, "pause"), said(2, "dark", wishes=[DARK]), done(3, "dislike"), corrected(4, "resume")
    here, later = fold(*log), fold(*log, session="s2")
    assert (weights(here), here.rejected) == ({"dark": 1.0}, {"orbit-2009"})
    assert (later.preferences, later.affinities, later.rejected) == ((), {}, frozenset())


def test_what_came_before_a_pause_and_after_it_counts(fold):
    log = done(1), corrected(2, "pause"), corrected(3, "resume"), done(4, item="kite-1995")
    assert set(fold(*log, session="s2").affinities) == {"orbit-2009", "kite-1995"}
    assert [fold(*log[:length]).paused for length in (1, 2, 3)] == [False, True, False]


def test_a_correction_does_not_reach_what_was_said_after_it(fold):
    forgotten = corrected(1, "forget", preference_target("mood", "dark"))
    assert fold(forgotten, said(2, wishes=[DARK])).preferences == fold(said(2, wishes=[DARK])).preferences


def test_the_newest_entry_is_the_last_thing_said_or_done():
    reaction = said(3, "")
    assert newest_entry([said(1), reaction], [done(2)]) == "entry:e2"
    assert newest_entry([said(4)], [done(2)]) == "entry:t4"
    assert newest_entry([reaction], []) == ""


@given(turns=turns, events=events, corrections=corrections)
def test_undoing_every_correction_gives_the_profile_without_any(catalogue, turns, events, corrections):
    undoing = [Correction(f"undo-{c.id}", "ann", "undo", NOW + 1, f"entry:{c.id}") for c in corrections]
    assume({c.id for c in corrections}.isdisjoint(entry.id for entry in (*turns, *events)))  # ids are unguessable in life
    undone = infer(turns, events, catalogue, NOW, "s1", [*corrections, *undoing])
    assert undone == infer(turns, events, catalogue, NOW, "s1")
