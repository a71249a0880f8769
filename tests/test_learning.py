"""Learning how much each source counts: what tells is weighed up, what does not is left, little evidence moves little."""

import json
from dataclasses import replace

import numpy as np
import pytest

from retrieval.errors import ReadableError
from retrieval.index import Query
from retrieval.learning import Lesson, learn, remembered
from retrieval.memory import Moment
from retrieval.ranker import PARTS, Ranker
from retrieval.ranking import fuse
from retrieval.sources import Retrieved
from tests.made_up import random_shelf, sources_of

SOURCES = sources_of(random_shelf(200))
CATALOGUE = SOURCES.index.catalogue
RANKER = Ranker.straight({"telling": 0.1, "noise": 0.1, "after_naming": 0.1})


def lessons(count: int, seed: int = 0) -> list[Lesson]:
    """Moments in which "telling" scores what was taken high; once items are named it is "after_naming" instead."""
    dice = np.random.default_rng(seed)
    return [_lesson(number, dice) for number in range(count)]


def _lesson(number: int, dice: np.random.Generator) -> Lesson:
    table = dice.exponential(size=(len(CATALOGUE), 3)).astype(np.float32)
    taken, named = (int(row) for row in dice.choice(len(CATALOGUE), 2, replace=False))
    table[taken, 2 if number % 2 else 0] += 4
    retrieved = Retrieved(CATALOGUE, np.arange(len(CATALOGUE)), ("telling", "noise", "after_naming"), table)
    told = (f"film-{named}",) if number % 2 else ()
    return Lesson(Moment(f"c{number}", {}, told, (f"film-{taken}",)), lambda _: retrieved)


def hits(ranker: Ranker, of: list[Lesson]) -> float:
    found = [fuse(lesson.retrieve(SOURCES), ranker, lesson.moment.named, 10) for lesson in of]
    return float(np.mean([of_.moment.taken[0] in {item for item, _, _ in ten} for of_, ten in zip(of, found, strict=True)]))


def slope(ranker: Ranker, name: str, named: tuple[str, ...] = ()) -> float:
    """What four deviations of a source add."""
    scores = np.zeros((1, len(ranker.names)), dtype=np.float32)
    scores[0, ranker.names.index(name)] = 4
    return float(ranker.totals(scores, named)[0])


def test_what_tells_is_weighed_up_and_noise_down():
    learnt = learn(lessons(200), SOURCES, RANKER)
    assert slope(learnt, "telling") > 4 * abs(slope(learnt, "noise"))
    assert hits(learnt, lessons(100, seed=1)) > 1.3 * hits(RANKER, lessons(100, seed=1))


def test_what_tells_only_once_items_are_named_counts_only_then():
    learnt = learn(lessons(200), SOURCES, RANKER)
    assert slope(learnt, "after_naming", ("film-1",)) > 2 * slope(learnt, "after_naming")
    assert slope(learnt, "telling") > 2 * slope(learnt, "telling", ("film-1",))


def test_little_evidence_moves_little_and_none_nothing():
    few, many = (learn(lessons(count), SOURCES, RANKER) for count in (2, 200))
    assert 0 < np.abs(few.matrix - RANKER.matrix).max() < np.abs(many.matrix - RANKER.matrix).max()
    assert learn([], SOURCES, RANKER) == RANKER


def test_a_moment_whose_item_was_named_or_is_gone_teaches_nothing():
    named, gone = lessons(2)
    named = replace(named, moment=replace(named.moment, named=named.moment.taken))
    gone = replace(gone, moment=replace(gone.moment, taken=("long gone",)))
    assert learn([named, gone], SOURCES, RANKER) == RANKER


def test_learning_is_reproducible():
    assert learn(lessons(50), SOURCES, RANKER) == learn(lessons(50), SOURCES, RANKER)


def test_a_conversation_is_never_scored_by_a_memory_of_itself():
    seen: dict[str, bool] = {}
    texts = {"message": "a quiet river", "last": "a quiet river", "said": "a quiet river", "all": "a quiet river"}

    def lesson(number: int) -> Lesson:
        words = {stretch: f"{text} number{number}" for stretch, text in texts.items()}
        moment = Moment(f"c{number // 2}", words, (), (f"film-{number}",))  # two moments a conversation
        query = Query(texts=words)

        def retrieve(sources):
            found = sources.retrieve(query)
            own = CATALOGUE.rows[f"film-{number}"], CATALOGUE.rows[f"film-{number ^ 1}"]
            votes = found.scores[:, found.names.index("past_all")]
            seen[f"film-{number}"] = any(votes[found.rows == row].any() for row in own)
            return found

        return Lesson(moment, retrieve)

    learn([lesson(number) for number in range(40)], SOURCES, RANKER)
    assert len(seen) == 40 and not any(seen.values())


def test_a_memory_can_be_put_into_the_sources_without_touching_them():
    moment = Moment("c", {"message": "a river", "last": "", "said": "", "all": ""}, (), ("film-1",))
    said, done = (Lesson(moment, lambda sources: sources.retrieve(Query()), kept) for kept in (True, False))
    assert (len(remembered(SOURCES, [said]).memory), len(SOURCES.memory)) == (1, 0)
    assert len(remembered(SOURCES, [done]).memory) == 0


def test_a_source_that_never_spoke_keeps_its_weights():
    silent = Ranker({**RANKER.always, "silent": (0.1, 0.2, 0.3, 0.4, 0.5)}, {"silent": (0.0, -0.1, 0.0, 0.0, 0.05)})
    found = learn(lessons(60), SOURCES, silent)
    assert [getattr(found, part)["silent"] for part in PARTS] == [
        pytest.approx(getattr(silent, part)["silent"]) for part in PARTS
    ]
    assert found.always["telling"] != RANKER.always["telling"]


def test_a_ranker_comes_back_from_its_file(tmp_path):
    ranker = Ranker({"a": (1.0, 0.5, 0.0, 0.0, 0.1)}, {"b": (0.0, 0.0, 0.0, 0.0, -0.25)})
    ranker.write(tmp_path / "ranker.json")
    assert Ranker.read(tmp_path / "ranker.json") == ranker


def test_a_ranker_of_an_earlier_parley_is_told_to_be_learnt_anew(tmp_path):
    (tmp_path / "ranker.json").write_text('{"always": {"a": 1.0}, "always_bent": {"a": 0.5}, "named": {}, "named_bent": {}}')
    with pytest.raises(ReadableError, match="parley learn"):
        Ranker.read(tmp_path / "ranker.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({part: {"a": ["much"] * 5} for part in PARTS}), '{"always": 3}'])
def test_a_ranker_that_cannot_be_read_is_told_with_its_file(tmp_path, text):
    (tmp_path / "ranker.json").write_text(text)
    with pytest.raises(ReadableError, match=r"ranker\.json"):
        Ranker.read(tmp_path / "ranker.json")


def test_curves_go_into_a_matrix_and_back():
    ranker = Ranker(
        {"a": (1.0, 0.5, 0.0, 0.0, 0.0), "b": (0.0,) * 5}, {"a": (0.0, 0.0, 0.125, 0.0, 0.0), "b": (0.0, 0.0, 0.0, 0.25, -0.25)}
    )
    assert Ranker.from_matrix(ranker.names, ranker.matrix) == ranker


def test_a_total_is_the_sum_of_its_contributions():
    ranker = learn(lessons(50), SOURCES, RANKER)
    scores = np.random.default_rng(0).exponential(2, size=(30, 3)).astype(np.float32)
    for named in ((), ("film-1",)):
        assert ranker.totals(scores, named) == pytest.approx(ranker.contributions(scores, named).sum(axis=1), rel=1e-4)
