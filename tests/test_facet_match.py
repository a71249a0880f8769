"""Facet values wished for, the rare ones counting more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facet_match import HIGH, LOW, FacetMatch, Wish
from tests.made_up import film, shelf, shelves, wishes

FILMS = shelf(
    film("one", ("comedy",), ("quiet",), 1950),
    film("two", ("Comedy", "western"), (), 1955),
    film("three", ("comedy", "drama"), ("dark",), 1959),
    film("undated", ("drama",)),
)
MATCH = FacetMatch(FILMS)


def scores(*wished: Wish) -> dict[str, float]:
    return dict(zip(FILMS.rows, MATCH.scores(wished).tolist(), strict=True))


def test_items_that_carry_the_value_score_and_the_others_do_not():
    found = scores(Wish("genres", "drama", 1.0))
    assert found["three"] == found["undated"] > 0
    assert found["one"] == found["two"] == 0


def test_a_rare_value_counts_more_than_a_common_one():
    found = scores(Wish("genres", "comedy", 1.0), Wish("genres", "western", 1.0))
    assert found["two"] > 2 * found["one"] > 0


def test_rarity_is_one_for_a_single_item_and_falls_with_every_other():
    falling = [MATCH.rarity(count) for count in range(1, len(FILMS) + 1)]
    assert falling[0] == 1
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] > 0


def test_a_wish_of_negative_weight_counts_against():
    assert scores(Wish("mood", "dark", -0.5)) == {"one": 0, "two": 0, "three": -0.5, "undated": 0}


def test_wanting_more_of_a_number_favours_the_greater():
    found = scores(Wish("year", HIGH, 1.0))
    assert 1 > found["three"] > found["two"] > found["one"] > 0


def test_wanting_less_of_a_number_favours_the_smaller():
    found = scores(Wish("year", LOW, 1.0))
    assert 1 > found["one"] > found["two"] > found["three"] > 0


@pytest.mark.parametrize("end", [HIGH, LOW])
def test_an_unknown_number_is_neither_much_nor_little(end):
    assert scores(Wish("year", end, 1.0))["undated"] == 0


def test_an_unknown_facet_or_value_scores_nothing():
    assert set(scores(Wish("colour", "red", 1.0), Wish("genres", "opera", 1.0)).values()) == {0}


def test_met_names_the_wishes_met_the_one_that_counts_most_first():
    common, rare, unmet = Wish("genres", "comedy", 1.0), Wish("genres", "western", 1.0), Wish("mood", "dark", 1.0)
    assert MATCH.met((common, unmet, rare), "two") == (rare, common)
    assert MATCH.met((common, unmet, rare), "undated") == ()


def test_met_never_names_what_is_not_wanted():
    assert MATCH.met((Wish("genres", "comedy", -1.0),), "one") == ()


def test_met_names_a_direction_only_for_items_on_the_right_side():
    newer, older = Wish("year", HIGH, 0.5), Wish("year", LOW, 0.5)
    assert MATCH.met((newer, older), "three") == (newer,)
    assert MATCH.met((newer, older), "one") == (older,)
    assert MATCH.met((newer, older), "undated") == ()


wish_lists = st.lists(wishes, max_size=4, unique_by=lambda wish: (wish.facet, wish.value)).map(tuple)


@given(shelves, wish_lists)
def test_wishes_add_up_in_any_order(catalogue, wished):
    match = FacetMatch(catalogue)
    apart = sum((match.scores((wish,)) for wish in wished), np.zeros(len(catalogue)))
    np.testing.assert_allclose(match.scores(wished), apart, atol=1e-5)
    np.testing.assert_allclose(match.scores(wished[::-1]), apart, atol=1e-5)


@given(shelves, wish_lists)
def test_every_wish_met_is_a_fact_of_the_item(catalogue, wished):
    match = FacetMatch(catalogue)
    for item in catalogue:
        for wish in match.met(wished, item.id):
            assert wish.weight > 0
            assert item.number("year") is not None if wish.facet == "year" else wish.value in item.words(wish.facet)
