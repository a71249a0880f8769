"""Maximal marginal relevance and its one dial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import Kinds, divergence
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


def test_what_is_missing_of_a_persons_mix_is_preferred_to_more_of_the_same():
    kinds = Kinds([["drama"], ["drama"], ["western"], ["western"]])
    wanted = kinds.wanted([0, 1, 2])
    vectors = np.eye(4, dtype=np.float32)
    assert diversify([1.0, 0.9, 0.8, 0.0], vectors, 2, 0.3, kinds.of(range(4)), wanted) == [0, 2]
    assert diversify([1.0, 0.9, 0.8, 0.0], vectors, 2, 0.0, kinds.of(range(4)), wanted) == [0, 1]
    only_dramas = kinds.wanted([0, 1, 0])
    assert diversify([1.0, 0.9, 0.8, 0.0], vectors, 2, 0.3, kinds.of(range(4)), only_dramas) == [0, 1]


def test_the_shares_of_kinds_are_those_of_the_items_and_unknown_for_too_few():
    kinds = Kinds([["drama", "western"], ["drama"], [], ["western", "western"]])
    assert kinds.of([0, 1, 2, 3]).tolist() == [[0.5, 0.5], [1, 0], [0, 0], [0, 1]]
    assert kinds.wanted([0, 1, 3]).tolist() == pytest.approx([0.5, 0.5])
    assert kinds.wanted([0, 1]) is None


def test_divergence_is_nothing_for_the_same_mix_and_grows_with_what_is_missing():
    wanted = np.array([0.5, 0.5, 0], dtype=np.float32)
    same, skewed, missing, beside = divergence(wanted, np.array([[0.5, 0.5, 0], [0.8, 0.2, 0], [1, 0, 0], [0, 0, 1]]))
    assert same == pytest.approx(0, abs=1e-6)
    assert same < skewed < missing < beside < 5


def test_a_catalogue_without_kinds_is_served():
    kinds = Kinds([[], []])
    assert kinds.of([0, 1]).tolist() == [[0], [0]] and kinds.wanted([0, 1, 0]).tolist() == [0]
    assert diversify([1.0, 0.5], np.eye(2, dtype=np.float32), 2, 0.3, kinds.of([0, 1]), kinds.wanted([0, 1, 0])) == [0, 1]
