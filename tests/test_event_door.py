"""The door for live deeds: sound ones pass, clocks are set right, robots are stopped, and order does not matter."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deeds import KINDS, Event
from bot.event_door import LATE_SECONDS, admit
from bot.page.visit import Visits
from bot.robots import LIMITS
from bot.visitors import COOKIE
from retrieval.errors import ReadableError

NOW = 1_700_000_000.0
ITEMS = ("orbit-2009", "kite-1995", "vault-1988")
MOST = LIMITS[60.0]


def deed(number: int = 1, kind: str = "like", item: str = "orbit-2009", time: float = NOW, value: float | None = None) -> Event:
    return Event(f"e{number}", "ann", item, kind, time, value, "s1")


events = st.lists(
    st.builds(
        deed, st.integers(0, 9), st.sampled_from(KINDS), st.sampled_from(ITEMS), st.floats(NOW - 200_000, NOW + 100_000),
        st.floats(0.5, 5.0),
    ), max_size=8, unique_by=lambda event: event.id,
)  # fmt: skip


def test_a_sound_deed_passes_as_it_is(catalogue):
    assert admit([deed()], [], catalogue, NOW).events == (deed(),)


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (replace(deed(), item="gone"), "names the item 'gone', which the catalogue does not have"),
        (replace(deed(), kind="loved"), "has the kind 'loved'; known are"),
        (replace(deed(), id=""), "has no id"),
        (replace(deed(), user=""), "has no user"),
        (replace(deed(), id="x" * 200), "longer than 128 characters"),
        (deed(kind="rating"), "is a rating without a value"),
        (deed(kind="rating", value=9.0), "has the rating 9, outside 0.5 to 5"),
        (deed(value=float("nan")), "has the value nan, which is not a number"),
        (deed(time=float("nan")), "which is no time"),
        (deed(time=float("inf")), "which is no time"),
    ],
)
def test_a_deed_that_cannot_be_used_is_refused_with_its_place_and_why(catalogue, odd, why):
    let_in = admit([deed(7), odd], [], catalogue, NOW)
    assert let_in.events == (deed(7),)
    ((place, told),) = [(one.index, one.what) for one in let_in.refused]
    assert (place, why in told) == (1, True)


def test_a_clock_that_runs_ahead_is_set_to_now_and_noted(catalogue):
    let_in = admit([deed(time=NOW + 7_200)], [], catalogue, NOW)
    assert let_in.events == (deed(),)
    assert "runs ahead" in let_in.notes[0].what
    assert admit([deed(time=NOW + 1)], [], catalogue, NOW).notes == ()


def test_a_deed_from_long_ago_counts_as_a_day_old_and_is_noted(catalogue):
    let_in = admit([deed(time=NOW - 30 * 3_600)], [], catalogue, NOW)
    assert let_in.events == (deed(time=NOW - LATE_SECONDS),)
    assert let_in.notes[0].what == "is 30 hours old; it counts as done 24 hours ago"


def test_what_is_known_already_is_counted_and_passed_over(catalogue):
    let_in = admit([deed(1), deed(2), deed(2)], [deed(1)], catalogue, NOW)
    assert (let_in.events, let_in.duplicates, let_in.refused) == ((deed(2),), 2, ())


def test_deeds_at_the_pace_of_a_robot_are_refused_from_the_cap_on(catalogue):
    flood = [deed(number, time=NOW + number / 1_000 - 1) for number in range(MOST + 20)]
    let_in = admit(flood, [], catalogue, NOW)
    assert let_in.events == tuple(flood[:MOST])
    assert [one.index for one in let_in.refused] == list(range(MOST, MOST + 20))
    assert let_in.refused[0].what == "is more than the 300 within 60 seconds that are taken for one person's doing"
    assert admit([deed(9_999)], let_in.events, catalogue, NOW).events == ()
    assert admit([deed(9_999, time=NOW + 120)], let_in.events, catalogue, NOW + 120).refused == ()


def test_a_robot_that_dates_its_deeds_back_meets_the_cap_all_the_same(catalogue):
    flood = [deed(number, time=NOW - 40 * 86_400 * (1 + number)) for number in range(MOST + 5)]
    assert len(admit(flood, [], catalogue, NOW).events) == MOST


def test_a_day_holds_only_so_many_deeds_however_they_are_spread(catalogue):
    most = LIMITS[86_400.0]
    spread = [deed(number, time=NOW - 80_000 + 15 * number) for number in range(most + 3)]
    assert len(admit(spread, [], catalogue, NOW).events) == most


@given(events=events, known=events, data=st.data())
def test_the_order_in_which_deeds_come_changes_nothing(catalogue, events, known, data):
    shuffled = data.draw(st.permutations(events))
    assert admit(shuffled, known, catalogue, NOW).events == admit(events, known, catalogue, NOW).events


@given(events=events)
def test_what_passed_once_passes_again_unchanged(catalogue, events):
    once = admit(events, [], catalogue, NOW).events
    assert admit(once, [], catalogue, NOW).events == once


def test_the_page_tells_why_a_reaction_is_refused(recommender):
    visits, cookies = Visits(recommender), f"{COOKIE}={'a' * 32}"
    session = visits.session(cookies, "")
    told = {"kind": "like", "item": "gone", "position": 1, "slate": ""}
    with pytest.raises(ReadableError, match="names the item 'gone', which the catalogue does not have"):
        list(visits.react(cookies, session.id, told))
    assert recommender.log.of(session.user) == ()
