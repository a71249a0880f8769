"""The last place of a slate left to chance: as often as said, each candidate alike, and logged with how likely it was."""

from collections import Counter
from dataclasses import replace

import pytest

from bot.settings import read_settings
from retrieval.exploration import explored
from tests.conversing import NOW, QUIET_SPACE, answer

PICKED, CANDIDATES = [0, 1, 2, 4, 6], 12
DRAWS = 4_000


def test_without_exploration_nothing_changes():
    assert explored(PICKED, CANDIDATES, 0.0, "slate") == (PICKED, 1.0)


def test_where_there_is_nothing_else_or_nothing_at_all_nothing_changes():
    assert explored([0, 1], 2, 1.0, "slate") == ([0, 1], 1.0)
    assert explored([], 0, 1.0, "slate") == ([], 1.0)


def test_each_item_comes_as_often_as_its_propensity_says():
    drawn = [explored(PICKED, CANDIDATES, 0.3, f"slate-{n}") for n in range(DRAWS)]
    told = dict((found[-1], propensity) for found, propensity in drawn)
    seen = Counter(found[-1] for found, _ in drawn)
    assert set(seen) == set(range(CANDIDATES)) - {0, 1, 2, 4}
    assert sum(told.values()) == pytest.approx(1)
    assert all(seen[last] / DRAWS == pytest.approx(propensity, abs=0.025) for last, propensity in told.items())


def test_only_the_last_place_is_open_and_the_same_slate_draws_the_same():
    for n in range(50):
        found, _ = explored(PICKED, CANDIDATES, 1.0, f"slate-{n}")
        assert found[:-1] == PICKED[:-1] and found[-1] not in PICKED
        assert explored(PICKED, CANDIDATES, 1.0, f"slate-{n}")[0] == found


def test_what_was_shown_by_chance_is_logged_and_erased_with_its_user(recommender, log):
    curious = replace(recommender, exploration=0.5, k=3)
    ann = log.start_session("ann", NOW)
    slates = [answer(curious, ann, f"{QUIET_SPACE} {n}").slate for n in range(12)]
    assert [log.propensity(slate.id) for slate in slates] == [slate.recommendations[-1].propensity for slate in slates]
    assert 0.5 in {slate.recommendations[-1].propensity for slate in slates}
    assert any(slate.recommendations[-1].propensity < 0.5 for slate in slates)
    assert all(r.propensity == 1 for slate in slates for r in slate.recommendations[:-1])
    log.forget("ann")
    assert {log.propensity(slate.id) for slate in slates} == {1.0}


def test_nothing_is_left_to_chance_unless_it_is_set(recommender, log, monkeypatch):
    assert log.propensity(answer(recommender, log.start_session("ann", NOW), QUIET_SPACE).slate.id) == 1
    assert (
        (read_settings().exploration, read_settings().diversity)
        == (recommender.exploration, recommender.diversity)
        == (0, 0.15)
    )
    monkeypatch.setenv("PARLEY_EXPLORATION", "0.2")
    assert read_settings().exploration == 0.2
