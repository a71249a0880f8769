"""What is said of items, aspect by aspect, against a talk; and items like those that a talk names."""

import numpy as np
import pytest

from retrieval.aspects import MANY, Aspects, numbers_of
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.index import Query
from retrieval.likeness import Likeness
from retrieval.named import Named
from retrieval.said import Said
from retrieval.sources import Sources
from tests.made_up import film, shelf, unit_vectors

FACETS = {
    "genre": Facet("genre", "category", "Genre"), "cast": Facet("cast", "category", "Starring"),
    "tags": Facet("tags", "category", "Tags"), "year": Facet("year", "number", "Year"),
}  # fmt: skip


def item(number: int, genre: str, cast: str, description: str = "", year: float | None = None) -> Item:
    facets = {"genre": (genre,), "cast": (cast,), "tags": (f"odd tag {number}",)}
    return Item(f"i{number}", f"Title {number}", description, facets | ({} if year is None else {"year": year}))


CROWD = [item(n, ("drama", "comedy")[n % 2], f"Person Number{n}", year=1950.0 + n) for n in range(MANY + 5)]
CATALOGUE = Catalogue(
    (item(900, "western", "Ida Blom", "Lantern at sea.", 1999.0), item(901, "western", "Ola Berg", "Lantern at home."), *CROWD),
    FACETS,
)  # fmt: skip
ASPECTS = Aspects.of(CATALOGUE)
TALK = {
    "message": "and Ida Blom?",
    "last": "a western. and Ida Blom?",
    "said": "lantern western and Ida Blom",
    "all": "Ola Berg",
}


def best(scores: np.ndarray) -> list[str]:
    return [CATALOGUE.items[row].id for row in np.flatnonzero(scores == scores.max())]


def test_few_values_are_kinds_many_large_ones_are_names_and_the_rest_is_plain():
    assert ASPECTS.kinds[0] == ["western"]
    assert ASPECTS.names[0] == ["ida blom"]
    assert {"lantern", "odd"} <= set(ASPECTS.plain[0])
    assert "western" not in ASPECTS.plain[0] and "ida" not in ASPECTS.plain[0]


def test_each_stretch_of_the_talk_wakes_its_sources():
    found = Said(ASPECTS).scores(TALK)
    assert best(found["names_message"]) == best(found["names_said"]) == ["i900"]
    assert best(found["names_all"]) == ["i901"]
    assert best(found["kinds_last"]) == ["i900", "i901"]
    assert found["plain_said"][:2].min() > 0 == found["plain_said"][2:].max()


def test_a_talk_of_no_words_says_nothing():
    assert Said(ASPECTS).scores({}) == {}
    assert not any(scores.any() for scores in Said(ASPECTS).scores(dict.fromkeys(TALK, "…")).values())


def test_a_name_counts_only_where_it_is_said_in_full():
    named = Named([["ida blom"], ["ida blom", "ola berg"], ["ida"]])
    assert named.said("with IDA BLOM, please") == ["ida blom"]
    assert named.said("with Ida, Blom is late? Berg Ola") == ["ida blom"]  # a comma does not part a name
    assert not named.scores("Ida").any()


def test_a_rare_name_counts_more_than_a_common_one():
    named = Named([["ida blom"], ["ida blom", "ola berg"], []])
    ida, ola = named.scores("Ida Blom"), named.scores("Ola Berg")
    assert ola[1] > ida[1] == ida[0] > 0


def test_like_the_named_items_are_those_that_share_an_aspect_with_them():
    found = Likeness(ASPECTS, numbers_of(CATALOGUE)).scores([0])
    assert {name for name, scores in found.items() if scores[1] > 0} == {"like_plain", "like_kinds", "like_title"}
    assert found["like_names"][0] == pytest.approx(1) and not found["like_names"][1:].any()
    assert Likeness(ASPECTS, numbers_of(CATALOGUE)).scores([]) == {}


def test_the_item_named_last_counts_most():
    likeness = Likeness(ASPECTS, numbers_of(CATALOGUE))
    early, late = likeness.scores([0, 3])["like_names"], likeness.scores([3, 0])["like_names"]
    assert late[0] > early[0] > 0
    assert likeness.scores([3, 0])["like_names_newest"][3] == 0


def test_near_in_numbers_is_what_is_about_as_new_and_what_is_unknown_is_not_near():
    near = Likeness(ASPECTS, numbers_of(CATALOGUE)).scores([2])["like_numbers"]  # of 1950
    assert near[2] > near[12] > near[52] and near[1] == 0


def test_a_catalogue_without_facets_or_numbers_has_its_titles_and_texts():
    bare = Catalogue((Item("a", "Blue Kite", "A lake."), Item("b", "Red Kite", "A lake.")), {})
    sources = Sources.of(bare, unit_vectors(2))
    found = sources.retrieve(Query(named=("a",), texts={"message": "kite", "last": "kite", "said": "kite", "all": "kite"}))
    assert {"title_said", "like_title", "like_plain"} <= set(found.names) and "like_numbers" not in found.names


def test_an_item_without_any_number_is_left_alone():
    assert numbers_of(shelf(film("a"), film("b"))).shape == (2, 0)
