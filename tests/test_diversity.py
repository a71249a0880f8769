"""Maximal marginal relevance and its one dial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.diversity import diversify
from tests.made_up import unit_vectors

relevances = st.lists(st.floats(0, 1), max_size=12).map(lambda scores: sorted(scores, reverse=True))


def picked(relevance: list[float], k: int, dial: float) -> list[int]:
    return diversify(relevance, unit_vectors(len(relevance)), k, dial)


@given(relevances, st.integers(0, 15))
def test_at_dial_zero_the_order_of_relevance_is_kept(relevance, k):
    assert picked(relevance, k, 0) == list(range(min(k, len(relevance))))


@given(relevances, st.integers(0, 15), st.floats(0, 1))
def test_nothing_is_picked_twice_and_no_more_than_asked(relevance, k, dial):
    found = picked(relevance, k, dial)
    assert len(found) == min(k, len(relevance))
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(len(relevance)))


@given(relevances.filter(bool), st.integers(1, 15), st.floats(0, 1))
def test_the_most_relevant_is_always_picked_first(relevance, k, dial):
    assert picked(relevance, k, dial)[0] == 0


@given(relevances, st.floats(0, 1), st.floats(0.1, 100))
def test_the_scale_of_relevance_does_not_matter_at_equal_dial(relevance, dial, scale):
    exact = [round(score * 64) / 64 for score in relevance]
    doubled = [score * 2 ** round(np.log2(scale)) for score in exact]
    assert picked(exact, 5, dial) == picked(doubled, 5, dial)


def test_a_near_copy_gives_way_as_the_dial_turns():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert diversify([1.0, 0.9, 0.0], vectors, 2, 0.0) == [0, 1]
    assert diversify([1.0, 0.9, 0.0], vectors, 2, 0.6) == [0, 2]


def test_at_dial_one_the_farthest_from_all_picked_comes_next():
    turned = np.array([[np.cos(a), np.sin(a)] for a in np.radians([0, 10, 180, 90])], dtype=np.float32)
    assert diversify([1.0, 0.9, 0.2, 0.1], turned, 3, 1.0) == [0, 2, 3]


@pytest.mark.parametrize("dial", [-0.1, 1.1, float("nan")])
def test_a_dial_out_of_range_is_refused_with_its_value(dial):
    with pytest.raises(ValueError, match=f"{dial}.*\\[0, 1\\]"):
        picked([1.0, 0.5], 2, dial)
