"""What others did around the items of a history: beside, after, near; one deed at a time."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sequential import MOST_PEOPLE, RECENT, Histories

HISTORIES = {"ann": [0, 1, 2], "bob": [0, 1, 3], "cid": [4, 0, 5], "dee": [6, 7]}


def lived(histories: dict[str, list[int]], items: int = 8) -> Histories:
    found = Histories(items)
    for person, rows in histories.items():
        for row in rows:
            found.add(person, row)
    return found


def test_beside_an_item_stands_what_others_have_with_it():
    found = lived(HISTORIES).scores([0])
    assert set(np.flatnonzero(found["others_beside"])) == {0, 1, 2, 3, 4, 5}
    assert found["others_beside"][1] > found["others_beside"][2] > 0


def test_after_an_item_comes_what_followed_it_and_not_what_came_before():
    found = lived(HISTORIES).scores([0])
    assert found["others_follows"][1] > found["others_follows"][5] > 0
    assert found["others_follows"][4] == found["others_onwards"][4] == 0 < found["others_near"][4]


def test_what_followed_sooner_counts_more():
    found = lived({"ann": [0, 1, 2], "bob": [3, 0]}).scores([0])
    assert found["others_follows"][1] == pytest.approx(2 * found["others_follows"][2])


def test_the_newest_item_counts_most():
    found = lived({"ann": [0, 2], "bob": [1, 3]})
    late, early = found.scores([1, 0])["others_beside"], found.scores([0, 1])["others_beside"]
    assert late[2] > late[3] and early[3] > early[2]
    assert set(np.flatnonzero(found.scores([1, 0])["others_beside_newest"])) == {0, 2}


def test_a_history_of_ones_own_says_nothing():
    found = lived(HISTORIES).scores([6], "dee")
    assert not any(scores.any() for scores in found.values())
    assert lived(HISTORIES).scores([6], "somebody else")["others_beside"][7] > 0


def test_without_a_history_or_with_items_nobody_has_there_is_nothing():
    assert lived(HISTORIES).scores([]) == {}
    assert not any(scores.any() for scores in lived(HISTORIES, 9).scores([8]).values())


def test_one_deed_moves_what_truly_goes_together_and_nothing_else():
    histories = lived(HISTORIES)
    before = histories.scores([7])["others_beside"]
    histories.add("ann", 7)
    after = histories.scores([7])["others_beside"]
    assert set(np.flatnonzero(after > before)) - {7} == {0, 1, 2}
    assert set(np.flatnonzero(after < before)) <= {6, 7}  # a share of a larger crowd
    untouched = histories.scores([4])["others_beside"]
    assert untouched == pytest.approx(lived(HISTORIES).scores([4])["others_beside"], rel=0.2)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 7)), max_size=20))
def test_the_same_deed_twice_changes_nothing(deeds):
    once, twice = Histories(8), Histories(8)
    for deed in deeds:
        once.add(*deed)
    for deed in [*deeds, *deeds]:
        twice.add(*deed)
    for row in range(8):
        for name, scores in once.scores([row]).items():
            assert scores == pytest.approx(twice.scores([row])[name]), name


def test_only_the_newest_items_and_people_are_looked_at():
    found = lived({"ann": [0, 1], "bob": list(range(2, 2 + RECENT))}, 40)
    assert found.scores([0, *range(20, 20 + RECENT)])["others_beside"][1] == 0
    crowd = lived({f"p{n}": [0, 1 + n % 3] for n in range(MOST_PEOPLE + 50)}, 8)
    assert crowd.scores([0])["others_beside"].max() > 0


def test_a_deed_is_taken_in_within_a_millisecond_and_a_history_scored_within_fifty():
    dice, grown = np.random.default_rng(7), Histories(10_000)
    popular = (10_000 * dice.random(60_000) ** 3).astype(int)
    for at, row in enumerate(popular):
        grown.add(f"p{at % 600}", int(row))
    spent: list[float] = []
    for at in range(200):
        started = time.perf_counter()
        grown.add(f"p{at}", 9_000 + at)
        spent.append(time.perf_counter() - started)
    assert np.median(spent) < 0.001
    started = time.perf_counter()
    grown.scores([int(row) for row in popular[:10]])
    assert time.perf_counter() - started < 0.25


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 7)), max_size=25), st.sampled_from("abcd"))
def test_a_forgotten_history_was_never_there(deeds, gone):
    found, without = Histories(8), Histories(8)
    for person, row in deeds:
        found.add(person, row)
        if person != gone:
            without.add(person, row)
    found.scores([0, 1])
    found.forget(gone)
    for recent in ([0], [1, 2, 3]):
        one, other = found.scores(recent), without.scores(recent)
        assert all(one[source] == pytest.approx(other[source]) for source in one)
