"""Links of the catalogue ("for fans of"): they make items alike, whichever names the other, and are told as a reason."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.template import reason_text, sentence
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.facet_match import FacetMatch
from retrieval.index import Query
from retrieval.ranker import Ranker
from retrieval.ranking import Recommendation, rank
from retrieval.reasons import Reason
from retrieval.similar import LINK_SHARE, Similar
from retrieval.sources import Sources
from tests.made_up import FACETS, film, shelves, unit_vectors

LINKS = {"fans": Facet("fans", "items", "For fans of"), "after": Facet("after", "items", "Comes after")}
FILMS = (
    film("one", ("comedy",), ("quiet",)),
    film("two", ("comedy",), ("dark",)),
    film("three", ("comedy",), ("dark",)),
    film("four", ("horror",), ("eerie",)),
)
VECTORS = np.eye(4, dtype=np.float32) * 0.8 + 0.2
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
RANKER = Ranker.straight({"similar": 1.0, "examples": 1.0, "popular": 0.1})


def linked(**links: dict[str, tuple[str, ...]]) -> Catalogue:
    """The four films; `two={"fans": ("one",)}` is that the second is for fans of the first."""
    return with_links(FILMS, links)


def with_links(items: tuple[Item, ...], links: dict[str, dict[str, tuple[str, ...]]]) -> Catalogue:
    return Catalogue(tuple(replace(item, links=links.get(item.id, {})) for item in items), {**FACETS, **LINKS}, "film", "films")


def similar(catalogue: Catalogue) -> Similar:
    return Similar(catalogue, VECTORS, FacetMatch(catalogue))


def likeness(catalogue: Catalogue, one: str, other: str) -> float:
    found = similar(catalogue)
    assert found.likeness(one, other) == pytest.approx(float(found.scores(((one, 1.0),))[catalogue.rows[other]]), abs=1e-6)
    return found.likeness(one, other)


def shown_for(catalogue: Catalogue, liked: str) -> dict[str, Recommendation]:
    """What stands on a slate for one liked item, by id."""
    sources = Sources.of(catalogue, VECTORS)
    query = Query(seeds=((liked, 1.0),), exclusions=frozenset({liked}))
    slate = rank(query, sources.retrieve(query), sources, RANKER, 0.0, "slate-1")
    return {recommendation.item.id: recommendation for recommendation in slate.recommendations}


def reasons_for(catalogue: Catalogue, liked: str, item: str) -> tuple[Reason, ...]:
    return shown_for(catalogue, liked)[item].reasons


@pytest.mark.parametrize("links", [{"two": {"fans": ("one",)}}, {"one": {"fans": ("two",)}}])
def test_a_link_either_way_makes_two_items_more_alike_in_both_directions(links):
    plain, joined = linked(), linked(**links)
    for one, other in (("one", "two"), ("two", "one")):
        assert likeness(joined, one, other) > likeness(plain, one, other)


def test_a_link_outweighs_a_small_difference_of_content():
    assert likeness(linked(), "one", "two") == pytest.approx(likeness(linked(), "one", "three"), abs=1e-6)
    assert likeness(linked(three={"fans": ("one",)}), "one", "three") > likeness(linked(), "one", "two")


def test_even_items_with_nothing_in_common_are_alike_when_linked():
    assert likeness(linked(four={"fans": ("one",)}), "one", "four") >= LINK_SHARE


def test_a_link_told_from_both_sides_or_in_two_facets_counts_once():
    once = likeness(linked(two={"fans": ("one",)}), "one", "two")
    assert likeness(linked(two={"fans": ("one",)}, one={"fans": ("two",)}), "one", "two") == pytest.approx(once)
    assert likeness(linked(two={"fans": ("one", "one"), "after": ("one",)}), "one", "two") == pytest.approx(once)


def test_links_of_others_do_not_change_what_two_items_are_to_each_other():
    assert likeness(linked(four={"fans": ("three",)}), "one", "two") == pytest.approx(likeness(linked(), "one", "two"))


@pytest.mark.parametrize("named", ["gone", "one"])
def test_a_link_to_a_lost_item_or_to_the_item_itself_is_passed_over(named):
    odd = similar(linked(one={"fans": (named,)})).scores((("one", 1.0),))
    np.testing.assert_allclose(odd, similar(linked()).scores((("one", 1.0),)))


@st.composite
def linked_shelves(draw) -> Catalogue:
    shelf = draw(shelves)
    ids = [item.id for item in shelf]
    named = st.lists(st.sampled_from([*ids, "gone"]), max_size=4).map(tuple)
    return with_links(shelf.items, {item: {"fans": draw(named)} for item in ids})


@given(linked_shelves(), st.data())
def test_no_item_is_more_like_another_than_that_one_is_like_itself(catalogue, data):
    item = data.draw(st.sampled_from(catalogue.items))
    found = Similar(catalogue, unit_vectors(len(catalogue)), FacetMatch(catalogue)).scores(((item.id, 1.0),))
    assert found[catalogue.rows[item.id]] == pytest.approx(1, abs=1e-5)
    assert (found <= 1 + 1e-5).all() and (found >= -1 - 1e-5).all()


@given(linked_shelves(), st.data())
def test_links_lift_the_linked_above_all_that_is_no_more_alike_without_them(catalogue, data):
    item = data.draw(st.sampled_from(catalogue.items))
    vectors = unit_vectors(len(catalogue))
    plain = with_links(catalogue.items, {})
    before = Similar(plain, vectors, FacetMatch(plain)).scores(((item.id, 1.0),))
    after = Similar(catalogue, vectors, FacetMatch(catalogue)).scores(((item.id, 1.0),))
    joined = {other.id for other in catalogue if item.id in other.links["fans"] or other.id in item.links["fans"]}
    for one in joined - {item.id}:
        for other in set(catalogue.rows) - joined - {item.id}:
            if before[catalogue.rows[other]] <= before[catalogue.rows[one]]:
                assert after[catalogue.rows[other]] < after[catalogue.rows[one]]


def test_a_link_is_told_by_its_label_from_the_side_that_names_the_other():
    told = similar(linked(two={"fans": ("one",)}, three={"after": ("one",)}))
    assert (told.link("one", "two"), told.link("one", "three")) == ("For fans of", "Comes after")
    assert (told.link("two", "one"), told.link("one", "four")) == ("", "")


def test_an_item_for_fans_of_a_liked_one_says_so():
    catalogue = linked(two={"fans": ("one",)}, four={"fans": ("one",)})
    (reason,) = reasons_for(catalogue, "one", "two")
    assert (reason.kind, reason.fact, reason.link, reason.shared) == ("similar", "one", "For fans of", ("comedy",))
    assert reason_text(reason, catalogue) == "like Film one: both have comedy; listed for fans of Film one"
    (bare,) = reasons_for(catalogue, "one", "four")
    assert reason_text(bare, catalogue) == "like Film one: listed for fans of Film one"
    assert "for fans of Film one" in sentence(shown_for(catalogue, "one")["four"], catalogue)


def test_an_item_that_is_only_named_by_the_liked_one_does_not_claim_the_link():
    catalogue = linked(one={"fans": ("two", "four")})
    (reason,) = reasons_for(catalogue, "one", "two")
    assert reason.link == "" and "fans" not in reason_text(reason, catalogue)
    assert reasons_for(catalogue, "one", "four") == ()


def test_a_linked_item_stands_before_one_that_is_as_much_alike_without_a_link():
    assert next(iter(shown_for(linked(three={"fans": ("one",)}), "one"))) == "three"
    assert next(iter(shown_for(linked(two={"fans": ("one",)}), "one"))) == "two"
