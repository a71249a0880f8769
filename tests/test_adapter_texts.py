"""What the adapters learn from: the sources as they stand, the splits by item and by style, a site's own log, the scenes."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters import texts
from bot.adapters.batches import batches, drawn
from bot.adapters.scenes import Stage, scenes_in
from bot.adapters.site_log import logged_pairs
from bot.claims import ClaimChecker
from bot.events import Event
from bot.session import Turn, Understanding
from retrieval.catalogue import read_catalogue
from retrieval.errors import ReadableError
from tests.bench.requests import HELD_OUT_FILES

HELD_OUT = texts.answers_in(HELD_OUT_FILES)
TEN_STYLES = {"plot", "mood", "theme", "person", "comparison", "constraint", "typo", "terse", "chatty", "multi-turn"}


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    return {name: Stage(name) for name in ("films", "shop")}


@pytest.fixture(scope="module")
def written() -> list[texts.Pair]:
    return [pair for name in ("films", "shop") for pair in texts.written_pairs(name, read_catalogue(name))]


def test_the_sources_hold_what_the_datasheet_says(written):
    assert len(written) >= 6_000
    assert {pair.style for pair in written} >= TEN_STYLES
    assert len(list(scenes_in(texts.SOURCES / "explanations.jsonl"))) >= 1_500


def test_no_written_request_names_the_title_of_its_own_film():
    films = read_catalogue("films")
    told = [
        p
        for p in texts.written_pairs("films", films)
        if len(films[p.key].title) > 12 and films[p.key].title.lower() in p.request.lower()
    ]
    assert told == []


@pytest.mark.parametrize("name", ["films", "shop"])
def test_held_out_items_and_styles_are_in_nothing_that_is_trained_on(name):
    pairs = texts.trained_pairs(name, HELD_OUT, 7)
    assert pairs
    assert not {pair.key for pair in pairs} & HELD_OUT
    assert not {pair.style for pair in pairs} & texts.UNTRAINED_STYLES
    training, validation = texts.split(pairs)
    assert validation and not {pair.key for pair in training} & {pair.key for pair in validation}


def test_no_scene_shows_a_held_out_item():
    shown = {item for scene in scenes_in(texts.SOURCES / "explanations.jsonl") for item in (*scene.items, *scene.likes)}
    assert not shown & HELD_OUT


def test_what_the_scenes_say_holds(stages):
    """The taught sentences of explanations pass the claim check that serves; it has grown stricter since they were taught."""
    fallen, taught = [], 0
    for scene in scenes_in(texts.SOURCES / "explanations.jsonl"):
        if scene.kind != "explain":
            continue
        stage = stages[scene.catalogue]
        checker = ClaimChecker(stage.slate(scene), scene.request, stage.catalogue)
        sentences = checker.sentences(scene.said)
        assert len(sentences) == len(scene.items), scene.said
        fallen += [sentence for sentence in sentences if checker.check(sentence) is None]
        taught += len(sentences)
    assert len(fallen) <= 0.03 * taught, fallen


def test_a_scene_is_told_as_the_product_tells_it(stages):
    scene = next(s for s in scenes_in(texts.SOURCES / "explanations.jsonl") if s.kind == "explain" and len(s.items) == 3)
    stage = stages[scene.catalogue]
    told = stage.told(scene)
    titles = [stage.catalogue[item].title for item in scene.items]
    assert [asked[-1].text for asked in told] == titles
    assert all(
        title in asked[-2].text and scene.request[:100] in asked[-2].text for title, asked in zip(titles, told, strict=True)
    )


def test_a_lesson_is_one_items_conversation_and_its_sentence(stages):
    scene = next(s for s in scenes_in(texts.SOURCES / "explanations.jsonl") if s.kind == "explain" and len(s.items) == 3)
    lessons = stages[scene.catalogue].lessons(scene)
    assert " ".join(said for _, said in lessons) == scene.said
    for (asked, said), item in zip(lessons, scene.items, strict=True):
        title = stages[scene.catalogue].catalogue[item].title
        assert title in asked[-1].text and title in said and asked[-1].type == "human"


def test_reading_is_reproducible():
    assert texts.trained_pairs("shop", HELD_OUT, 7) == texts.trained_pairs("shop", HELD_OUT, 7)
    assert texts.trained_pairs("films", HELD_OUT, 7) != texts.trained_pairs("films", HELD_OUT, 8)


PAIRS = [texts.Pair(f"r{key}{n}", f"item {key}", f"k{key}", "film", "plot") for key in range(12) for n in range(3)]
NEAR = {f"k{key}": [f"k{(key + step) % 12}" for step in (1, 2)] for key in range(12)}


class TestBatches:
    def test_no_item_comes_twice_in_a_batch_and_all_come_in_time(self):
        drawn = list(itertools.islice(batches(PAIRS, NEAR, 6, 1), 40))
        assert all(len({pair.key for pair in batch}) == len(batch) == 6 for batch in drawn)
        assert set(Counter(pair.request for batch in drawn for pair in batch)) == {pair.request for pair in PAIRS}

    def test_every_other_batch_is_of_near_items(self):
        drawn = list(itertools.islice(batches(PAIRS, NEAR, 6, 1), 200))

        def close(batch):
            keys = {pair.key for pair in batch}
            return sum(other in keys for key in keys for other in NEAR[key])

        assert sum(map(close, drawn[1::2])) > 1.3 * sum(map(close, drawn[::2]))

    def test_batches_are_drawn_by_seed(self):
        def first(seed):
            return next(batches(PAIRS, NEAR, 6, seed))

        assert first(1) == first(1) != first(2)

    def test_fewer_items_than_a_batch_make_a_smaller_batch(self):
        assert len(next(batches(PAIRS[:6], {}, 32, 1))) == 2


def test_a_sites_log_gives_the_items_that_were_taken_from_the_slate_that_answered(catalogue):
    items = list(catalogue.rows)[:3]
    turns = [
        Turn("t1", "s", "u", 1.0, "a quiet film", Understanding(meaning_text="a quiet film"), "slate-1"),
        Turn("t2", "s", "u", 2.0, "hello", Understanding(), "slate-2"),
    ]
    events = [
        Event("e1", "u", items[0], "like", 3.0, slate_id="slate-1"),
        Event("e2", "u", items[1], "dislike", 3.0, slate_id="slate-1"),
        Event("e3", "u", items[2], "purchase", 3.0, slate_id="slate-2"),
        Event("e4", "u", "gone", "like", 3.0, slate_id="slate-1"),
        Event("e5", "u", items[0], "click", 4.0, slate_id="slate-1"),
        Event("e6", "v", items[1], "like", 3.0, slate_id="slate-1"),
        Event("e7", "v", items[1], "dislike", 5.0, slate_id="slate-1"),
        Event("e8", "v", items[2], "view", 5.0, slate_id="slate-1"),
    ]
    found = logged_pairs(turns, events, catalogue)
    assert [(pair.request, pair.key, pair.answer) for pair in found] == [("a quiet film", items[0], catalogue[items[0]].text)]


def test_who_says_the_same_of_two_items_is_in_a_batch_once():
    pairs = [texts.Pair("the same words", f"item {key}", f"k{key}", "film", "logged") for key in range(3)]
    pairs += [texts.Pair(f"own words {key}", f"item {key}", f"k{key}", "film", "own") for key in range(3, 6)]
    drawn_ = list(itertools.islice(batches(pairs, {}, 4, 1), 5))
    assert all([pair.request for pair in batch].count("the same words") <= 1 for batch in drawn_)
    assert {len(batch) for batch in drawn_} == {4}


def test_a_domain_of_one_item_is_refused():
    with pytest.raises(ReadableError, match="nothing to learn from"):
        next(drawn({"films": [texts.Pair("a", "b", "k", "film", "own")]}, {}, 4, 1))


def test_a_catalogue_without_written_requests_has_something_to_validate_on():
    films = read_catalogue("films")
    training, validation = texts.split(texts.catalogue_pairs(films, frozenset(), 7))
    assert validation and training


def test_only_requests_for_films_speak_of_watching():
    shop = read_catalogue("shop")
    linked = replace(next(iter(shop)), links={"goes with": (list(shop)[1].id,)})
    two = replace(shop, items=(linked, list(shop)[1]))
    said = [pair.request for seed in range(60) for pair in texts.catalogue_pairs(two, frozenset(), seed)]
    assert any(two.items[1].title in text for text in said)
    assert not [text for text in said if "watch" in text or "films" in text]


def test_generic_records_are_found_by_request_and_by_title():
    pairs = texts.generic_pairs()
    rows = [json.loads(line) for line in Path(texts.SOURCES / "generic.jsonl").read_text().splitlines()]
    assert len(pairs) == 2 * len(rows) >= 1_800
    assert pairs[0].request == rows[0]["request"] and pairs[0].key == pairs[1].key
    assert pairs[1].request == rows[0]["title"] and pairs[1].answer == rows[0]["text"]
