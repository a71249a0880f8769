"""Fusion of candidate sources, and the slate that comes of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facet_match import Wish
from retrieval.index import Query
from retrieval.ranker import Ranker
from retrieval.ranking import Slate, fuse, rank
from retrieval.sources import Retrieved
from tests.made_up import film, keeps, queries, random_shelf, shelf, sources_of

SOURCES = sources_of(random_shelf(40))
CATALOGUE = SOURCES.index.catalogue
WEIGHTS = {"lexical": 1.0, "wishes": 1.5, "similar": 1.0, "popular": 0.2, "dense_words": 1.0}
RANKER = Ranker.straight(WEIGHTS)
LETTERS = shelf(*(film(letter) for letter in "abcdefgh"))
Found = dict[str, dict[str, float]]  # by source, scores by item
dials = st.floats(0, 1)


def slate_for(query: Query, dial: float = 0.0) -> Slate:
    return rank(query, SOURCES.retrieve(query), SOURCES, RANKER, dial, "slate-1")


def retrieved(found: Found) -> Retrieved:
    table = np.array([[found[source].get(item.id, 0) for source in found] for item in LETTERS], dtype=np.float32)
    return Retrieved(LETTERS, np.arange(len(LETTERS)), tuple(found), table.reshape(len(LETTERS), len(found)))


def fused_of(found: Found, ranker: Ranker = RANKER) -> list[tuple[str, float, dict[str, float]]]:
    return fuse(retrieved(found), ranker, (), len(LETTERS))


def fused_scores(found: Found) -> dict[str, float]:
    return {item_id: score for item_id, score, _ in fused_of(found)}


one_source = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from((0.1, 0.2, 0.3, 0.4)), max_size=8)
some_sources = st.fixed_dictionaries({}, optional=dict.fromkeys(WEIGHTS, one_source))


@given(some_sources)
def test_contributions_sum_to_the_score_and_the_best_stands_first(found):
    fused = fused_of(found)
    for item_id, score, shares in fused:
        assert score == pytest.approx(sum(shares.values()))
        assert set(shares) == {source for source in found if item_id in found[source]}
    assert [score for _, score, _ in fused] == sorted((score for _, score, _ in fused), reverse=True)
    assert len({item_id for item_id, _, _ in fused}) == len(fused)


@given(some_sources, st.randoms())
def test_the_order_of_the_sources_does_not_matter(found, dice):
    shuffled = {source: found[source] for source in dice.sample(list(found), len(found))}
    assert fused_scores(shuffled) == pytest.approx(fused_scores(found))


@given(some_sources)
def test_equal_scores_of_a_source_share_the_same_contribution(found):
    shares = {item_id: parts for item_id, _, parts in fused_of(found)}
    for source, proposed in found.items():
        by_score: dict[float, set[float]] = {}
        for item_id, score in proposed.items():
            by_score.setdefault(score, set()).add(shares[item_id][source])
        assert all(len(same) == 1 for same in by_score.values())
        falling = [same.pop() for _, same in sorted(by_score.items(), reverse=True)]
        assert falling == sorted(falling, reverse=True)


@given(some_sources, st.sampled_from(sorted(WEIGHTS)))
def test_adding_a_source_never_lowers_an_items_score(found, source):
    fewer = {name: proposed for name, proposed in found.items() if name != source}
    after = fused_scores(found)
    assert all(after[item_id] >= score for item_id, score in fused_scores(fewer).items())


def test_agreement_of_two_sources_beats_the_first_place_of_one():
    found = {"lexical": {"a": 3.0, "b": 2.0}, "similar": {"c": 3.0, "b": 2.0}}
    assert fused_of(found)[0][0] == "b"


def test_a_source_without_weight_counts_nothing():
    found = {"gossip": {"a": 9.0}, "lexical": {"b": 1.0}}
    assert [(item_id, shares) for item_id, _, shares in fused_of(found)] == [("b", {"lexical": 1.0}), ("a", {})]


def test_nothing_found_fuses_to_nothing():
    assert fused_of({}) == fused_of({"lexical": {}}) == []


def test_a_curve_may_count_the_first_deviations_more_than_the_later_ones():
    spoken, to_one, to_three, to_ten, straight = 1.0, 0.5, 0.25, 0.125, 0.0625
    ranker = Ranker({"lexical": (spoken, to_one, to_three, to_ten, straight)})
    scores = {item: score for item, score, _ in fused_of({"lexical": {"a": 0.5, "b": 2.0, "c": 20.0}}, ranker)}
    assert scores == {
        "a": pytest.approx(spoken + 0.5 * (to_one + to_three + to_ten + straight)),
        "b": pytest.approx(spoken + to_one + 2 * (to_three + to_ten + straight)),
        "c": pytest.approx(spoken + to_one + 3 * to_three + 10 * to_ten + 20 * straight),
    }


def test_what_counts_once_items_are_named_counts_nothing_before():
    ranker, found = (
        Ranker.straight({"lexical": 1.0}, {"lexical": -3.0, "similar": 1.0}),
        {"lexical": {"a": 1.0}, "similar": {"b": 1.0}},
    )
    first = {named: fuse(retrieved(found), ranker, named, 1)[0][0] for named in ((), ("h",))}
    assert first == {(): "a", ("h",): "b"}


@settings(deadline=None)
@given(queries(CATALOGUE), dials)
def test_no_excluded_item_and_no_violated_constraint_ever_appears(query, dial):
    slate = slate_for(query, dial)
    assert query.exclusions.isdisjoint(slate.item_ids)
    kept = [constraint for constraint in query.constraints if constraint not in slate.relaxed]
    for recommendation in slate.recommendations:
        assert all(keeps(recommendation.item, constraint) for constraint in kept)


@settings(deadline=None)
@given(queries(CATALOGUE), dials)
def test_a_slate_is_as_long_as_asked_where_there_are_items(query, dial):
    slate = slate_for(query, dial)
    allowed = [
        item.id for item in CATALOGUE
        if item.id not in query.exclusions and all(keeps(item, c) for c in query.constraints if c not in slate.relaxed)
    ]  # fmt: skip
    assert len(slate.item_ids) == len(set(slate.item_ids)) == min(query.k, len(allowed))


@settings(deadline=None)
@given(queries(CATALOGUE), dials)
def test_ranks_scores_and_contributions_of_a_slate_agree(query, dial):
    recommendations = slate_for(query, dial).recommendations
    assert [r.rank for r in recommendations] == list(range(1, len(recommendations) + 1))
    assert [r.score for r in recommendations] == sorted((r.score for r in recommendations), reverse=True)
    for recommendation in recommendations:
        assert recommendation.score == pytest.approx(sum(recommendation.contributions.values()))
        assert set(recommendation.contributions) <= set(WEIGHTS)
        assert 0 < recommendation.propensity <= 1


@settings(deadline=None)
@given(queries(CATALOGUE))
def test_at_dial_zero_the_slate_is_the_head_of_the_fusion(query):
    fused = fuse(SOURCES.retrieve(query), RANKER, query.named, len(CATALOGUE))
    assert list(slate_for(query).item_ids) == [item_id for item_id, _, _ in fused[: query.k]]


def test_turning_the_dial_makes_a_slate_more_various():
    query = Query(k=4, wishes=(Wish("genres", "comedy", 1.0),))

    def closeness(slate: Slate) -> float:
        vectors = SOURCES.index.vectors[[CATALOGUE.rows[item_id] for item_id in slate.item_ids]]
        return float(np.triu(vectors @ vectors.T, 1).max())

    assert closeness(slate_for(query, 0.9)) < closeness(slate_for(query, 0.0))


def test_everything_excluded_gives_an_empty_slate():
    assert slate_for(Query(exclusions=frozenset(CATALOGUE.rows))).recommendations == ()


def test_the_same_query_gives_the_same_slate():
    query = Query(k=6, text="quiet river", wishes=(Wish("mood", "dark", 0.5),))
    assert slate_for(query, 0.3) == slate_for(replace(query), 0.3)
