"""Reasons: each names a fact that the item has and a part of the score that is real."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, Wish
from retrieval.index import Query
from retrieval.lexical import stems
from retrieval.ranker import Ranker
from retrieval.ranking import Recommendation, rank
from retrieval.reasons import MOST, Reason
from retrieval.sources import Sources
from tests.made_up import film, keeps, queries, random_shelf, shelf, sources_of

SOURCES = sources_of(random_shelf(40))
CATALOGUE = SOURCES.index.catalogue
RANKER = Ranker.straight({"taste": 0.07, "lexical": 1.0, "wishes": 1.5, "similar": 1.0, "popular": 0.2, "dense_words": 1.0})
SMALL = sources_of(
    shelf(
        film("one", ("comedy", "western"), ("quiet",), 1950, description="A parade by the river."),
        film("two", ("comedy", "western"), ("dark",), 1955),
        film("three", ("drama",), (), 1959),
    )
)


def slate_for(query: Query, sources: Sources = SOURCES) -> dict[str, Recommendation]:
    slate = rank(query, sources.retrieve(query), sources, RANKER, 0.0, "slate-1")
    return {recommendation.item.id: recommendation for recommendation in slate.recommendations}


def _asked_values(constraint: Constraint) -> set[str]:
    return {value for _, values in constraint.alternatives for value in values}


def reasons_for(item_id: str, query: Query) -> tuple[Reason, ...]:
    return slate_for(query, SMALL)[item_id].reasons


def test_a_wish_that_is_met_is_a_reason_with_the_words_that_said_so():
    query = Query(wishes=(Wish("mood", "quiet", 1.0, "nothing loud"), Wish("genres", "drama", 1.0, "a drama")))
    assert reasons_for("one", query) == (Reason("wish", "quiet", "mood", "nothing loud"),)


def test_a_liked_item_is_a_reason_for_what_shares_its_values():
    (reason,) = reasons_for("two", Query(seeds=(("one", 1.0),)))
    assert (reason.kind, reason.fact, reason.evidence) == ("similar", "one", "Film one")
    assert set(reason.shared) == {"comedy", "western"}


def test_an_old_favourite_is_a_reason_after_what_is_wished_for_now():
    query = Query(wishes=(Wish("genres", "comedy", 1.0, "a comedy"),), taste=(("one", 1.0),))
    wish, favourite = reasons_for("two", query)
    assert (wish.kind, favourite.kind, favourite.fact) == ("wish", "similar", "one")


def test_an_item_is_no_reason_for_itself_and_a_disliked_one_for_none():
    assert reasons_for("one", Query(seeds=(("one", 1.0),))) == ()
    assert reasons_for("two", Query(seeds=(("one", -1.0),))) == ()


def test_words_found_in_the_item_are_a_reason_in_the_users_own_form():
    assert reasons_for("one", Query(text="the parades")) == (Reason("words", "parades", evidence="parades"),)


def test_a_constraint_kept_is_a_reason_and_a_relaxed_one_is_not():
    kept, relaxed = Constraint("year", "$lt", 1957.0, "old ones"), Constraint("mood", "$eq", "solemn", "solemn")
    found = reasons_for("two", Query(constraints=(relaxed, kept)))
    assert [(reason.kind, reason.facet, reason.evidence) for reason in found] == [("constraint", "year", "old ones")]


def test_a_direction_is_a_reason_for_the_items_that_lie_that_way():
    query = Query(wishes=(Wish("year", HIGH, 1.0, "newer"),))
    assert reasons_for("three", query) == (Reason("wish", HIGH, "year", "newer"),)
    assert reasons_for("one", query) == ()


def test_the_same_fact_is_not_told_twice():
    found = reasons_for("one", Query(text="quiet", wishes=(Wish("mood", "quiet", 1.0, "quiet"),)))
    assert [reason.fact for reason in found] == ["quiet"]


def test_without_a_word_or_a_deed_there_is_no_reason():
    assert [recommendation.reasons for recommendation in slate_for(Query(), SMALL).values()] == [(), (), ()]


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_every_reason_names_a_fact_that_the_item_really_has(query):
    for recommendation in slate_for(query).values():
        item = recommendation.item
        facts = {word for facet in ("genres", "mood") for word in item.words(facet)}
        assert len(recommendation.reasons) <= MOST
        for reason in recommendation.reasons:
            if reason.kind == "similar":
                seed = CATALOGUE[reason.fact]
                assert set(reason.shared) <= facts & {word for facet in ("genres", "mood") for word in seed.words(facet)}
            elif reason.kind == "words":
                assert set(stems(reason.fact)) <= set(stems(item.text))
            elif reason.kind == "wish":
                assert reason.fact in facts or (reason.facet == "year" and item.number("year") is not None)
            else:
                asked = [c for c in query.constraints if reason.fact in (f"{c.operator} {c.value}", *_asked_values(c) & facts)]
                assert any(keeps(item, constraint) for constraint in asked)


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_every_reason_rests_on_a_part_of_the_items_score(query):
    part = {"wish": "wishes", "similar": "similar", "words": "lexical"}
    for recommendation in slate_for(query).values():
        told = {part[reason.kind] for reason in recommendation.reasons if reason.kind in part}
        assert told <= set(recommendation.contributions)


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_without_the_wish_that_a_reason_names_the_wishes_speak_less_for_the_item(query):
    def spoken(asked: Query, item_id: str) -> float:
        return float(SOURCES.facets.scores(asked.wishes)[CATALOGUE.rows[item_id]])

    for item_id, recommendation in slate_for(query).items():
        for reason in recommendation.reasons:
            if reason.kind == "wish":
                others = tuple(w for w in query.wishes if (w.facet, w.value) != (reason.facet, reason.fact))
                assert spoken(replace(query, wishes=others), item_id) < spoken(query, item_id)


@pytest.mark.parametrize("wish", [Wish("genres", "comedy", 1.0), Wish("mood", "eerie", 0.5), Wish("year", HIGH, 1.0)])
def test_removing_the_only_wish_takes_away_the_contribution_it_explains(wish):
    query = Query(k=40, text="river", wishes=(wish,))
    before, after = slate_for(query), slate_for(replace(query, wishes=()))
    named = [item_id for item_id, told in before.items() if "wish" in {reason.kind for reason in told.reasons}]
    assert named
    for item_id in named:
        assert before[item_id].contributions["wishes"] > 0
        assert "wishes" not in after[item_id].contributions
        assert after[item_id].score < before[item_id].score


def test_removing_the_wish_that_a_reason_names_changes_the_place_it_explains():
    western, dark = Wish("genres", "western", 1.0), Wish("mood", "dark", 0.5)
    assert next(iter(slate_for(Query(wishes=(western, dark)), SMALL))) == "two"
    assert next(iter(slate_for(Query(wishes=(western, Wish("mood", "quiet", 0.5))), SMALL))) == "one"
    both, without = slate_for(Query(wishes=(western, dark)), SMALL), slate_for(Query(wishes=(western,)), SMALL)
    assert both["two"].contributions["wishes"] > without["two"].contributions["wishes"]
