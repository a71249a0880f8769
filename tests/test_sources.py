"""All candidate sources asked one query."""

import pytest
from hypothesis import given, settings

from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from retrieval.index import Query
from retrieval.sources import FARTHEST
from tests.made_up import film, keeps, queries, random_shelf, shelf, sources_of, unit_vectors

SOURCES = sources_of(random_shelf(40))
CATALOGUE = SOURCES.index.catalogue


def proposals(query: Query, source: str) -> list[str]:
    return [candidate.item_id for candidate in SOURCES.retrieve(query).candidates.get(source, ())]


def test_a_newcomer_who_says_nothing_is_served_in_the_order_of_the_file():
    found = SOURCES.retrieve(Query()).candidates
    assert list(found) == ["popular"]
    assert [candidate.item_id for candidate in found["popular"]] == [item.id for item in CATALOGUE]


def test_each_part_of_a_query_wakes_its_source():
    query = Query(
        text="a quiet river", vectors={"words": unit_vectors(1)[0]}, wishes=(Wish("genres", "comedy", 1.0),),
        seeds=(("film-3", 1.0),),
    )  # fmt: skip
    assert set(SOURCES.retrieve(query).candidates) == {"lexical", "wishes", "similar", "popular", "dense_words"}


def test_a_vector_finds_its_own_item_first():
    query = Query(vectors={"last": SOURCES.index.vectors[9], "long": SOURCES.index.vectors[4]})
    assert (proposals(query, "dense_last")[0], proposals(query, "dense_long")[0]) == ("film-9", "film-4")


def test_an_item_met_by_dislikes_alone_is_not_proposed_for_them():
    query = Query(wishes=(Wish("genres", "comedy", -1.0),), seeds=(("film-3", -1.0),))
    assert proposals(query, "wishes") == []
    assert "film-3" not in proposals(query, "similar")


def test_an_exclusion_of_an_item_that_is_gone_is_harmless():
    assert len(proposals(Query(exclusions=frozenset({"film-0", "long gone"})), "popular")) == len(CATALOGUE) - 1


def test_a_constraint_gives_way_when_only_excluded_items_keep_it():
    sources = sources_of(shelf(film("a", ("comedy",)), film("b", ("drama",))))
    comedy = Constraint("genres", "$eq", "comedy", "funny please")
    assert sources.retrieve(Query(constraints=(comedy,))).relaxed == ()
    found = sources.retrieve(Query(constraints=(comedy,), exclusions=frozenset({"a"})))
    assert found.relaxed == (comedy,)
    assert [candidate.item_id for candidate in found.candidates["popular"]] == ["b"]


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_no_source_proposes_what_is_excluded_or_breaks_a_constraint(query):
    found = SOURCES.retrieve(query)
    kept = [constraint for constraint in query.constraints if constraint not in found.relaxed]
    for proposed in found.candidates.values():
        for candidate in proposed:
            assert candidate.item_id not in query.exclusions
            assert all(keeps(CATALOGUE[candidate.item_id], constraint) for constraint in kept)


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_every_source_gives_its_best_first_without_repeats(query):
    for source, proposed in SOURCES.retrieve(query).candidates.items():
        scores = [candidate.score for candidate in proposed]
        assert scores == sorted(scores, reverse=True)
        assert len({candidate.item_id for candidate in proposed}) == len(proposed) > 0
        assert {candidate.source for candidate in proposed} == {source}


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_something_is_proposed_unless_everything_is_excluded(query):
    found = SOURCES.retrieve(query).candidates
    assert bool(found) == (not query.exclusions >= set(CATALOGUE.rows))


def test_a_word_that_few_items_carry_speaks_louder_than_one_that_half_of_them_do():
    crowd = [film(f"crowd-{n}", (), description="rain" if n % 2 else "sun") for n in range(60)]
    sources = sources_of(shelf(*crowd, film("found", (), description="volcano")))
    loudest = {word: sources.retrieve(Query(text=word)).candidates["lexical"][0].score for word in ("rain", "volcano")}
    assert loudest["volcano"] > 2 * loudest["rain"] > 0


def test_where_chroma_searches_what_one_source_proposes_is_scored_by_all(tmp_path):
    sources = sources_of(CATALOGUE, "chroma")
    sources.index.connect(tmp_path)
    query = Query(text="film-7", wishes=(Wish("genres", "comedy", 1.0),), vectors={"words": unit_vectors(1)[0]})
    chroma, exact = sources.retrieve(query), SOURCES.retrieve(query)
    assert (sources.index.engine, SOURCES.index.engine) == ("chroma", "exact")
    assert chroma.names == exact.names
    assert chroma.scores == pytest.approx(exact.scores, abs=1e-4)


def test_a_score_stands_out_so_far_and_no_farther():
    crowd = [film(f"crowd-{n}", (), description="rain") for n in range(3_000)]
    sources = sources_of(shelf(*crowd, film("found", (), description="volcano")))
    assert sources.retrieve(Query(text="volcano")).candidates["lexical"][0].score == FARTHEST


def test_a_catalogue_of_one_item_is_served():
    sources = sources_of(random_shelf(1))
    found = sources.retrieve(Query(text="film", vectors={"words": unit_vectors(1)[0]}, seeds=(("film-0", 1.0),)))
    assert {candidate.item_id for proposed in found.candidates.values() for candidate in proposed} == {"film-0"}


def test_a_deed_lifts_its_item_at_once():
    sources = sources_of(random_shelf(5))
    sources.popularity.observe("film-4", 1.0, 1e9)
    best = sources.retrieve(Query()).candidates["popular"][0]
    assert (best.item_id, best.score) == ("film-4", pytest.approx(1))
