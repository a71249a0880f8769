"""The profile: a pure fold of turns and events, whatever their order and number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event
from bot.profile import Profile, infer
from bot.session import Mention, Turn, Understanding
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from tests.made_up_logs import DAY, NOW, corrections, events, turns


def said(number: int, session: str = "s1", intent: str = "refine", text: str = "", **parts) -> Turn:
    parts = {name: tuple(part) for name, part in parts.items()}
    return Turn(
        f"t{number}",
        session,
        "ann",
        NOW - DAY + number,
        "…",
        Understanding(intent, search_text=text, meaning_text=text, **parts),
    )


def done(number: int, kind: str, item: str = "orbit-2009", session: str = "s1", value: float | None = None) -> Event:
    return Event(f"e{number}", "ann", item, kind, NOW - DAY + number, value, session)


def weights(profile: Profile) -> dict[str, float]:
    return {preference.value: preference.weight for preference in profile.preferences}


@given(turns=turns, events=events, corrections=corrections, data=st.data())
def test_order_and_repetition_of_the_log_change_nothing(catalogue, turns, events, corrections, data):
    shuffled = [data.draw(st.permutations(log + log[: len(log) // 2])) for log in (turns, events, corrections)]
    once = infer(turns, events, catalogue, NOW, "s1", corrections)
    assert infer(*shuffled[:2], catalogue, NOW, "s1", shuffled[2]) == once


@given(turns=turns, events=events, corrections=corrections)
def test_every_weight_lies_between_minus_one_and_one(catalogue, turns, events, corrections):
    profile = infer(turns, events, catalogue, NOW, "s1", corrections)
    assert all(-1 <= preference.weight <= 1 for preference in profile.preferences)
    assert all(-1 <= weight <= 1 for weight in profile.affinities.values())


@given(turns=turns, events=events)
def test_another_session_sets_no_condition_and_puts_nothing_aside(catalogue, turns, events):
    elsewhere = [replace(turn, session_id="s2") for turn in turns]
    profile = infer(elsewhere, [replace(event, session_id="s2") for event in events], catalogue, NOW, "s1")
    assert (profile.constraints, profile.set_aside, profile.intent_text, profile.session_texts) == ((), frozenset(), "", ())


@pytest.mark.parametrize("kind", ["dislike", "dismiss"])
def test_a_dislike_rejects_and_a_later_like_lifts_it(catalogue, kind):
    against, like = done(1, kind), done(2, "like")
    assert infer([], [against], catalogue, NOW, "s1").rejected == {"orbit-2009"}
    assert infer([], [like, against], catalogue, NOW, "s1").rejected == set()
    assert infer([], [done(0, "like"), against], catalogue, NOW, "s1").rejected == {"orbit-2009"}


def test_an_item_spoken_ill_of_is_rejected_in_every_session(catalogue):
    hated = said(1, mentions=[Mention("orbit-2009", -1.0)])
    assert "orbit-2009" in infer([hated], [], catalogue, NOW, "s2").exclusions


@pytest.mark.parametrize("kind", ["consumed", "purchase", "rating"])
def test_what_was_had_is_excluded_and_not_held_against_it(catalogue, kind):
    profile = infer([], [done(1, kind, value=4.5 if kind == "rating" else None)], catalogue, NOW, "s2")
    assert (profile.consumed, profile.rejected) == ({"orbit-2009"}, frozenset())
    assert profile.affinities["orbit-2009"] > 0
    assert "orbit-2009" in profile.exclusions


@pytest.mark.parametrize("kind", ["view", "click", "cart", "like"])
def test_what_was_only_looked_at_may_return(catalogue, kind):
    assert infer([], [done(1, kind)], catalogue, NOW, "s2").exclusions == frozenset()


def test_an_item_told_as_seen_is_consumed_and_not_rejected(catalogue):
    profile = infer([said(1, mentions=[Mention("kite-1995", 1.0, consumed=True)])], [], catalogue, NOW, "s2")
    assert (profile.consumed, profile.rejected) == ({"kite-1995"}, frozenset())


def test_a_low_rating_counts_against_and_a_high_one_for(catalogue):
    low, high = done(1, "rating", value=0.5), done(2, "rating", "kite-1995", value=5.0)
    affinities = infer([], [low, high], catalogue, NOW, "s1").affinities
    assert affinities == {"orbit-2009": -1.0, "kite-1995": 1.0}


def test_not_now_holds_in_its_session_only(catalogue):
    later = done(1, "not_now", session="s1")
    assert "orbit-2009" in infer([], [later], catalogue, NOW, "s1").exclusions
    assert "orbit-2009" not in infer([], [later], catalogue, NOW, "s2").exclusions


def year(operator: str, value: float) -> Constraint:
    return Constraint("year", operator, value, f"{operator} {value}")


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ([year("$gt", 2000), year("$gte", 2010)], [year("$gte", 2010)]),
        ([year("$gt", 2000), year("$gt", 1990)], [year("$gt", 1990)]),
        ([year("$lt", 1990), year("$lte", 1960)], [year("$lte", 1960)]),
        ([year("$gt", 1950), year("$lt", 1990)], [year("$gt", 1950), year("$lt", 1990)]),
        ([year("$gt", 1950), year("$lt", 1990), year("$eq", 1999)], [year("$eq", 1999)]),
        ([year("$eq", 1999), year("$eq", 2005)], [year("$eq", 2005)]),
        ([year("$eq", 1999), year("$gt", 2005)], [year("$gt", 2005)]),
        ([year("$gt", 2000), Constraint("runtime", "$gt", 90.0)], [year("$gt", 2000), Constraint("runtime", "$gt", 90.0)]),
    ],
)
def test_a_later_bound_replaces_an_earlier_one_on_its_side(catalogue, stated, kept):
    spoken = [said(number, constraints=[constraint]) for number, constraint in enumerate(stated)]
    assert set(infer(spoken, [], catalogue, NOW, "s1").constraints) == set(kept)


def test_banned_values_add_up_until_one_is_asked_for(catalogue):
    horror, crime = (Constraint("genres", "$nin", (value,)) for value in ("horror", "crime"))
    bans = [said(1, constraints=[horror]), said(2, constraints=[crime])]
    assert set(infer(bans, [], catalogue, NOW, "s1").constraints) == {horror, crime}
    asked = said(3, wishes=[Wish("genres", "horror", 1.0)])
    assert infer([*bans, asked], [], catalogue, NOW, "s1").constraints == (crime,)
    disliked = said(3, wishes=[Wish("genres", "horror", -0.7)])
    assert set(infer([*bans, disliked], [], catalogue, NOW, "s1").constraints) == {horror, crime}
    before = said(0, wishes=[Wish("genres", "horror", 1.0)])
    assert infer([before, *bans[:1]], [], catalogue, NOW, "s1").constraints == (horror,)


def test_wishes_fade_by_turns(catalogue):
    spoken = [said(n, wishes=[Wish("mood", value, 1.0, value)]) for n, value in enumerate(["dark", "quiet", "funny"])]
    found = weights(infer(spoken, [], catalogue, NOW, "s1"))
    assert found["funny"] == 1.0
    assert 1.0 > found["quiet"] > found["dark"] > 0
    assert [wish.value for wish in infer(spoken, [], catalogue, NOW, "s1").wishes] == ["funny", "quiet", "dark"]


def test_a_change_of_mind_replaces_an_earlier_wish(catalogue):
    spoken = [said(1, wishes=[Wish("mood", "dark", 1.0)]), said(2, wishes=[Wish("mood", "dark", -0.7)])]
    assert weights(infer(spoken, [], catalogue, NOW, "s1")) == {"dark": pytest.approx(-0.7)}


def test_wishes_of_an_earlier_session_count_little_and_fade_by_days(catalogue):
    wish = said(1, "old", wishes=[Wish("mood", "dark", 1.0)])
    recent = weights(infer([wish], [], catalogue, NOW, "s1"))["dark"]
    old = weights(infer([wish], [], catalogue, NOW + 100 * DAY, "s1"))["dark"]
    assert 0 < old < recent < 0.5


def test_a_reset_clears_what_the_session_asked_for(catalogue):
    kite = Mention("kite-1995", 1.0)
    before = said(1, text="space", wishes=[Wish("mood", "dark", 1.0)], constraints=[year("$gt", 2000)], mentions=[kite])
    profile = infer([before, said(2, intent="forget")], [], catalogue, NOW, "s1")
    assert (profile.preferences, profile.constraints, profile.set_aside) == ((), (), frozenset())
    assert (profile.intent_text, profile.session_texts) == ("", ())


def test_an_item_named_before_a_reset_no_longer_steers(catalogue):
    spoken = [said(1, mentions=[Mention("kite-1995", 1.0)]), said(2, intent="forget")]
    assert infer(spoken, [], catalogue, NOW, "s1").affinities == {}


def test_what_is_said_after_a_reset_counts(catalogue):
    spoken = [said(1, text="crime"), said(2, intent="forget"), said(3, text="space", wishes=[Wish("mood", "quiet", 1.0)])]
    profile = infer(spoken, [], catalogue, NOW, "s1")
    assert (profile.intent_text, profile.session_texts, weights(profile)) == ("space", (), {"quiet": 1.0})


@given(turns=turns, events=events, ahead=st.floats(0, 1e9))
def test_a_deed_from_the_future_counts_as_done_now(catalogue, turns, events, ahead):
    future, present = (Event("z", "ann", "orbit-2009", "like", NOW + extra, None, "s2") for extra in (ahead, 0))
    assert infer(turns, [*events, future], catalogue, NOW, "s1") == infer(turns, [*events, present], catalogue, NOW, "s1")


def test_items_that_the_catalogue_no_longer_has_are_passed_over(catalogue):
    spoken = said(1, mentions=[Mention("gone-1999", 1.0)])
    profile = infer([spoken], [done(1, "like", "gone-1999"), done(2, "dislike", "gone-1999")], catalogue, NOW, "s1")
    assert (profile.affinities, profile.rejected, profile.consumed, profile.recent) == ({}, set(), set(), ())
