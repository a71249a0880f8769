"""What people have taken to lately."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.popularity import HALF_LIFE_DAYS, Popularity
from tests.made_up import random_shelf

DAY = 86_400.0
NOW = 1.7e9
SHELF = random_shelf(4)
IDS = [item.id for item in SHELF]
deeds = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from((-1.0, 0.25, 1.0)), st.floats(NOW - 900 * DAY, NOW)), max_size=12
)


def observed_by(*observed: tuple[str, float, float]) -> Popularity:
    popular = Popularity(SHELF)
    for item_id, weight, time in observed:
        popular.observe(item_id, weight, time)
    return popular


def popularity(*observed: tuple[str, float, float]) -> np.ndarray:
    return observed_by(*observed).scores()["popular"]


def test_before_any_deed_the_order_is_that_of_the_file():
    scores = popularity()
    assert (scores > 0).all()
    assert np.argsort(-scores).tolist() == [0, 1, 2, 3]


def test_one_deed_outweighs_the_order_of_the_file():
    assert np.argmax(popularity((IDS[3], 1.0, NOW))) == 3


def test_a_deed_a_half_life_older_counts_half():
    scores = popularity((IDS[0], 1.0, NOW - HALF_LIFE_DAYS * DAY), (IDS[1], 1.0, NOW))
    assert scores[0] / scores[1] == pytest.approx(0.5, abs=2e-3)


def test_a_late_deed_outweighs_an_early_one_of_equal_weight():
    assert np.argmax(popularity((IDS[0], 1.0, NOW - 30 * DAY), (IDS[1], 1.0, NOW))) == 1


def test_deeds_add_up():
    assert np.argmax(popularity((IDS[0], 1.0, NOW), (IDS[1], 0.6, NOW), (IDS[1], 0.6, NOW))) == 1


def test_a_deed_on_an_unknown_item_is_passed_over():
    assert np.array_equal(popularity(("of another catalogue", 1.0, NOW)), popularity())


def test_dislikes_never_make_a_score_negative():
    assert (popularity((IDS[0], -5.0, NOW)) >= 0).all()


@given(deeds, st.randoms())
def test_the_order_in_which_deeds_arrive_changes_nothing(observed, dice):
    shuffled = dice.sample(observed, len(observed))
    np.testing.assert_allclose(popularity(*shuffled), popularity(*observed), atol=1e-5)


@given(deeds, st.sampled_from(IDS))
def test_one_more_deed_never_lowers_the_rank_of_its_item(observed, item_id):
    row = IDS.index(item_id)
    before, after = popularity(*observed), popularity(*observed, (item_id, 1.0, NOW))
    assert (after > after[row]).sum() <= (before > before[row]).sum()


@given(deeds, st.floats(NOW - 900 * DAY, NOW + 900 * DAY))
def test_what_was_popular_at_a_time_is_what_was_counted_by_then(observed, at):
    found = observed_by(*observed).scores(at)
    by_then = observed_by(*(deed for deed in observed if deed[2] < at))
    expected = by_then.scores(at)
    for name, counts in expected.items():
        np.testing.assert_allclose(found[name], counts, atol=1e-5, err_msg=name)


def test_a_slow_count_remembers_what_a_quick_one_has_forgotten():
    found = observed_by((IDS[0], 1.0, NOW - 365 * DAY), (IDS[1], 1.0, NOW)).scores()
    quick, slow = ((found[name][0] / found[name][1]) for name in ("busy_15", "busy_720"))
    assert quick < 1e-6 < 0.5 < slow < 1 and found["busy_ever"].tolist() == [1, 1, 0, 0]


def test_what_is_well_liked_is_not_what_is_busy():
    found = observed_by(*[(IDS[0], -1.0, NOW)] * 9, *[(IDS[1], 1.0, NOW)] * 3, (IDS[2], 1.0, NOW)).scores()
    assert np.argmax(found["busy_60"]) == 0
    assert np.argsort(-found["well_liked"]).tolist()[:2] == [1, 2] and found["well_liked"][0] == 0


def test_counts_of_half_a_century_neither_overflow_nor_forget_the_newest():
    found = observed_by((IDS[0], 1.0, 0.0), *((IDS[1], 1.0, year * 365 * DAY) for year in range(55))).scores()
    assert all(np.isfinite(counts).all() for counts in found.values())
    assert found["busy_15"][1] == pytest.approx(1) and found["busy_ever"][1] == 55


@given(deeds, deeds)
def test_a_forgotten_person_never_did_anything(of_ann, of_bob):
    popular = Popularity(SHELF)
    for item_id, weight, time in of_ann:
        popular.observe(item_id, weight, time, "ann")
    for item_id, weight, time in of_bob:
        popular.observe(item_id, weight, time, "bob")
    popular.forget("ann")
    for now in (None, NOW - 100 * DAY):
        found, without = popular.scores(now), observed_by(*of_bob).scores(now)
        assert found.keys() == without.keys()
        assert all(found[source] == pytest.approx(without[source], abs=1e-4) for source in found)
    popular.observe(IDS[0], 1.0, NOW, "ann")
    assert popular.scores()["popular"] == pytest.approx(popularity(*of_bob, (IDS[0], 1.0, NOW)), abs=1e-4)
