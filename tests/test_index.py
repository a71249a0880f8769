"""The index by vector: Chroma and numpy give the same nearest items."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index import ItemIndex
from tests.chroma_folders import ANY, CATALOGUE, COUNT, LARGE, VECTORS, assert_same, connected, exact
from tests.made_up import random_shelf, unit_vectors


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[ItemIndex, ItemIndex]:
    return connected(tmp_path_factory.mktemp("chroma")), exact()


def test_exact_search_gives_the_greatest_cosines_in_order():
    found = exact().nearest(VECTORS[7], ANY, 10)
    expected = np.argsort(-(VECTORS @ VECTORS[7]))[:10]
    assert [row for row, _ in found] == expected.tolist()
    assert found[0] == (7, pytest.approx(1))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 20))
def test_chroma_and_numpy_give_the_same_nearest(both, seed, k):
    (vector,) = unit_vectors(1, seed=seed)
    assert_same(both[0].nearest(vector, ANY, k), both[1].nearest(vector, ANY, k))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sets(st.integers(0, COUNT - 1)), st.booleans())
def test_a_row_that_is_not_allowed_is_found_by_neither_engine(both, seed, some, keep_out):
    (vector,) = unit_vectors(1, seed=seed)
    allowed = np.array([(row in some) != keep_out for row in range(COUNT)])
    found = both[0].nearest(vector, allowed, 10)
    assert_same(found, both[1].nearest(vector, allowed, 10))
    assert len(found) == min(10, allowed.sum())
    assert all(allowed[row] for row, _ in found)


def test_nothing_allowed_finds_nothing(both):
    assert [index.nearest(VECTORS[0], ~ANY, 5) for index in both] == [[], []]


def test_few_rows_allowed_in_a_large_catalogue_are_all_found(tmp_path):
    vectors = unit_vectors(LARGE)
    index = connected(tmp_path, random_shelf(LARGE), vectors)
    allowed = np.argsort(np.argsort(vectors @ vectors[0])) < LARGE * 0.06  # the farthest: over-fetching misses them
    found = index.nearest(vectors[0], allowed, 5)
    assert_same(found, ItemIndex(index.catalogue, vectors, "exact").nearest(vectors[0], allowed, 5))


def test_numpy_answers_before_chroma_is_connected():
    index = ItemIndex(CATALOGUE, VECTORS, "chroma")
    assert index.engine == "exact"
    assert index.nearest(VECTORS[3], ANY, 1) == [(3, pytest.approx(1))]


def test_a_small_catalogue_is_searched_exactly_unless_told_otherwise(tmp_path):
    index = ItemIndex(CATALOGUE, VECTORS)
    index.connect(tmp_path)
    assert index.engine == "exact"


def test_vectors_that_do_not_match_the_catalogue_are_refused():
    with pytest.raises(ValueError, match="299 vectors for 300 items"):
        ItemIndex(CATALOGUE, VECTORS[:-1])


def test_a_catalogue_of_one_item_is_built_reopened_and_searched(tmp_path):
    for _ in range(2):
        index = connected(tmp_path, random_shelf(1), VECTORS[:1])
        assert index.nearest(VECTORS[0], ANY[:1], 5) == [(0, pytest.approx(1))]


def test_items_with_the_same_vector_leave_the_collection_sound(tmp_path, caplog):
    for _ in range(2):
        connected(tmp_path, random_shelf(40), np.repeat(VECTORS[:4], 10, axis=0))
    assert caplog.messages == []


def test_a_changed_catalogue_gets_a_collection_of_its_own(tmp_path):
    renamed = replace(CATALOGUE, items=(replace(CATALOGUE.items[0], title="Renamed"), *CATALOGUE.items[1:]))
    connected(tmp_path)
    connected(tmp_path, renamed, VECTORS[::-1])
    assert connected(tmp_path).nearest(VECTORS[0], ANY, 1)[0][0] == 0
