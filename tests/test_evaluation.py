"""Metrics of rankings, against what they come to by hand."""

import numpy as np
import pytest

from retrieval.evaluation import CUTS, Instance, accuracy, variety

ABC = ["a", "b", "c", "d"]


def one(ranking: list[str], target: str, group: str = "g") -> dict[str, float]:
    return {name: figure.mean for name, figure in accuracy([Instance(group, ranking, target)]).items()}


def test_a_choice_in_third_place():
    found = one(ABC, "c")
    assert (found["R@1"], found["R@5"], found["MRR"]) == (0, 1, pytest.approx(1 / 3))
    assert found["NDCG@10"] == pytest.approx(1 / np.log2(4))
    assert found["expected loss"] == pytest.approx(1 - 1 / np.log2(4))


def test_a_choice_in_first_place_and_one_that_is_not_there():
    assert set(one(ABC, "a").values()) == {0.0, 1.0}
    assert one(ABC, "a")["expected loss"] == 0
    assert one(ABC, "z") == {**{f"R@{cut}": 0 for cut in CUTS}, "MRR": 0, "NDCG@10": 0, "expected loss": 1}
    assert one([], "z") == one(ABC, "z")


def test_figures_are_means_over_instances_and_lie_within_their_intervals():
    found = accuracy([Instance(f"g{n}", ABC, "a" if n % 2 else "z") for n in range(40)])
    assert found["R@1"].mean == 0.5
    assert 0.3 < found["R@1"].low < 0.5 < found["R@1"].high < 0.7
    assert accuracy([]) == {}


def test_instances_of_one_group_are_drawn_together():
    apart = accuracy([Instance(f"g{n}", ABC, "a" if n < 20 else "z") for n in range(40)])["R@1"]
    together = accuracy([Instance(f"g{n // 20}", ABC, "a" if n < 20 else "z") for n in range(40)])["R@1"]
    assert together.high - together.low > apart.high - apart.low


def test_variety_of_what_is_shown():
    rows, vectors = {item: row for row, item in enumerate(ABC)}, np.eye(4, dtype=np.float32)
    same = variety([["a"], ["a"]], 4, {"a": 4}, rows, vectors)
    each = variety([["a", "b"], ["c", "d"]], 4, {"a": 4}, rows, vectors)
    assert (same["coverage@10"], each["coverage@10"]) == (0.25, 1)
    assert (same["Gini"], each["Gini"]) == (0.75, 0)
    assert same["novelty"] == pytest.approx(-np.log2(5 / 8))
    assert each["novelty"] == pytest.approx((-np.log2(5 / 8) - 3 * np.log2(1 / 8)) / 4)
    assert each["diversity"] == 1


def test_without_vectors_diversity_is_left_out_and_nothing_shown_is_no_error():
    assert "diversity" not in variety([["a", "b"]], 4, {}, {"a": 0, "b": 1}, np.zeros((4, 1), dtype=np.float32))
    assert variety([[]], 4, {}, {}, np.zeros((4, 1), dtype=np.float32)) == {"coverage@10": 0, "Gini": 0, "novelty": 0}
