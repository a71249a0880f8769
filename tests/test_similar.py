"""Items like the ones a user took to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.facet_match import FacetMatch
from retrieval.similar import Similar
from tests.made_up import FACETS, film, shelf, shelves, unit_vectors

FILMS = shelf(
    film("one", ("comedy", "western"), ("quiet",)),
    film("twin", ("Comedy", "western"), ("quiet",)),
    film("cousin", ("comedy",)),
    film("stranger", ("horror",), ("dark",)),
)
VECTORS = np.array([[1, 0, 0], [1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]], dtype=np.float32)


def similar(catalogue: Catalogue = FILMS, vectors: np.ndarray = VECTORS) -> Similar:
    return Similar(catalogue, vectors, FacetMatch(catalogue))


def test_likeness_falls_from_twin_to_cousin_to_stranger():
    one, twin, cousin, stranger = similar().scores((("one", 1.0),)).tolist()
    assert one == twin == pytest.approx(1)
    assert 1 > cousin > stranger == pytest.approx(0)


def test_an_item_without_facets_is_wholly_like_itself():
    plain = Catalogue((Item("one", "One"), Item("two", "Two")), {})
    assert similar(plain, VECTORS[:2]).scores((("one", 1.0),)).tolist() == pytest.approx([1, 1])


def test_without_seeds_nothing_is_similar():
    assert similar().scores(()).tolist() == [0, 0, 0, 0]


def test_a_liked_seed_lifts_its_like_and_a_disliked_one_lowers_them():
    liked, disliked = similar().scores((("one", 1.0),)), similar().scores((("one", -1.0),))
    assert liked[1] > liked[2] > liked[3]
    np.testing.assert_allclose(disliked, -liked)


def test_a_liked_and_a_disliked_seed_weigh_against_each_other():
    scores = similar().scores((("twin", 1.0), ("stranger", -1.0)))
    assert scores[0] > 0 > scores[3]


def test_shared_values_are_those_that_both_carry_the_rarest_first_as_the_second_writes_them():
    assert similar().shared("one", "twin")[-1] == "Comedy"
    assert set(similar().shared("one", "twin")) == {"Comedy", "western", "quiet"}
    assert similar().shared("one", "cousin") == ("comedy",)
    assert similar().shared("one", "stranger") == ()


def test_shared_values_are_told_from_cards_where_cards_show_any():
    tagged = [Item(name, name, facets={"genres": ("comedy",), "shelf": ("b7",)}) for name in ("one", "two")]
    shown = Catalogue(tuple(tagged), {**FACETS, "shelf": Facet("shelf", "category", "Shelf")})
    assert similar(shown, VECTORS[:2]).shared("one", "two") == ("comedy",)
    plain = Catalogue(tuple(tagged), {name: Facet(name, "category", name) for name in ("genres", "shelf")})
    assert set(similar(plain, VECTORS[:2]).shared("one", "two")) == {"comedy", "b7"}


@given(shelves, st.data())
def test_likeness_stays_in_range_and_is_greatest_for_the_item_itself(catalogue, data):
    item = data.draw(st.sampled_from(catalogue.items))
    likeness = similar(catalogue, unit_vectors(len(catalogue))).scores(((item.id, 1.0),))
    assert (np.abs(likeness) <= 1 + 1e-5).all()
    assert likeness[catalogue.rows[item.id]] == pytest.approx(likeness.max(), abs=1e-5)


@given(shelves, st.data())
def test_what_two_items_share_is_a_fact_of_both(catalogue, data):
    one, other = (data.draw(st.sampled_from(catalogue.items)) for _ in range(2))
    facts = [{word for facet in ("genres", "mood") for word in item.words(facet)} for item in (one, other)]
    assert set(similar(catalogue, unit_vectors(len(catalogue))).shared(one.id, other.id)) == facts[0] & facts[1]
