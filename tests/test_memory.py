"""What past conversations teach: the nearest moments vote, items go together; one moment at a time, and quickly."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.bags import Bags
from retrieval.collaborative import Together
from retrieval.meanings import Meanings
from retrieval.memory import Memory, Moment
from retrieval.neighbours import MEANT, VIEWS, Neighbours, cut
from tests.made_up import film, random_shelf, shelf

SHELF = shelf(*(film(letter) for letter in "abcdef"))
ROWS = SHELF.rows


def talk(text: str) -> dict[str, str]:
    return {"message": text, "last": text, "said": text, "all": text}


def memory(*moments: Moment) -> Memory:
    found = Memory(SHELF)
    for moment in moments:
        found.add(moment)
    return found


SEA = Moment("c1", talk("something about the sea and ships"), (), ("a",))
TALKS = ("something about the sea and ships", "a war story with soldiers", "ships of war", "quiet")
WAR = Moment("c2", talk("a war story with soldiers"), ("b",), ("c",))


def test_what_was_taken_after_like_words_is_proposed():
    found = memory(SEA, WAR).scores(talk("a story about ships at sea"), [])
    for source in VIEWS:
        assert found[source][ROWS["a"]] > found[source][ROWS["c"]], source
        assert found[source].min() >= 0 and found[source].max() < 1


def test_nothing_is_proposed_for_words_never_met_or_by_an_empty_memory():
    assert not set(VIEWS) & set(memory(SEA, WAR).scores(talk("xyzzy"), []))
    assert not set(VIEWS) & set(memory().scores(talk("the sea"), []))
    assert not set(VIEWS) & set(memory(SEA).scores({}, []))


def test_many_near_moments_speak_louder_than_one():
    again = [Moment(f"d{n}", SEA.texts, (), ("a",)) for n in range(5)]
    one, many = (memory(*moments).scores(SEA.texts, [])["past_all"][ROWS["a"]] for moments in ([SEA], [SEA, *again]))
    assert many > one > 0


def test_what_was_named_before_is_not_what_was_taken_then():
    found = memory(Moment("c", talk("the sea"), ("a",), ("a", "b"))).scores(talk("the sea"), [])
    assert found["past_all"][ROWS["a"]] == 0 < found["past_all"][ROWS["b"]]


def test_items_of_one_conversation_go_together_and_what_was_taken_comes_after():
    found = memory(WAR).scores({}, [ROWS["b"]])
    assert found["together"][ROWS["c"]] > 0 and found["after"][ROWS["c"]] > 0
    assert found["after"][ROWS["b"]] == 0
    assert memory(WAR).scores({}, [ROWS["c"]])["after"].max() == 0


def test_items_that_the_catalogue_does_not_have_are_passed_over():
    found = memory(Moment("c", talk("sea"), ("gone", "b"), ("gone too", "c")))
    assert found.scores({}, [ROWS["b"]])["together"][ROWS["c"]] > 0
    assert len(memory(Moment("c", talk("sea"), (), ("gone",)))) == 0


@given(st.lists(st.tuples(st.sampled_from("xy"), st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5))), max_size=6))
def test_saying_a_moment_twice_changes_nothing_in_what_goes_together(moments):
    once, twice = Together(6), Together(6)
    for moment in moments:
        once.add(*moment)
    for moment in [*moments, *moments]:
        twice.add(*moment)
    for row in range(6):
        for source, scores in once.scores([row]).items():
            assert scores == pytest.approx(twice.scores([row])[source]), source


def test_the_item_named_last_counts_most_and_fades_back():
    together = Together(4)
    together.add("c1", [0], [2])
    together.add("c2", [1], [3])
    found = together.scores([0, 1])
    assert found["together"][3] > found["together"][2] > 0
    assert found["together_newest"][2] == 0 < found["together_newest"][3]


def test_bags_grown_text_by_text_are_those_made_at_once():
    texts = [cut(text) for text in ("the sea and ships", "a war", "ships of war", "", "sea sea sea")]
    grown = Bags()
    for words in texts:
        grown.add(words)
        grown.likeness(["sea"])  # a matrix in between
    at_once = Bags(texts)
    assert grown.likeness(cut("ships at sea")) == pytest.approx(at_once.likeness(cut("ships at sea")), abs=0.05)
    lengths = np.sqrt(at_once.matrix.multiply(at_once.matrix).sum(axis=1)).ravel()
    assert np.asarray(lengths).ravel() == pytest.approx([1, 1, 1, 0, 1])


def test_words_are_stemmed_and_joined_in_pairs_letters_run_over_their_ends():
    assert cut("Ships sailing") == ["ship", "sail", "ship sail"]
    assert cut("a sea", letters=True) == [" a s", "a se", " sea", "sea "]


def meaning_of(text: str) -> np.ndarray:
    """Sea or war, whatever the words."""
    return np.array([1.0, 0.0] if {"sea", "ocean", "ships"} & set(text.split()) else [0.0, 1.0], dtype=np.float32)


def test_what_was_taken_after_talk_of_like_meaning_is_proposed_though_no_word_is_the_same():
    found = Memory(SHELF, meaning_of)
    for moment in (SEA, WAR):
        found.add(moment)
    proposed = found.scores(talk("ocean"), [])
    assert proposed.keys() & {*VIEWS, MEANT} == {MEANT}
    assert np.flatnonzero(proposed[MEANT]).tolist() == [ROWS["a"]]
    assert MEANT not in memory(SEA, WAR).scores(talk("ocean"), [])


def test_a_meaning_is_forgotten_with_its_conversation_and_others_are_found_as_before():
    found = Memory(SHELF, meaning_of)
    for moment in (SEA, WAR):
        found.add(moment)
    found.forget({"c1"})
    assert MEANT not in found.scores(talk("ocean"), [])
    assert np.flatnonzero(found.scores(talk("battle"), [])[MEANT]).tolist() == [ROWS["c"]]


def test_meanings_grow_past_their_first_room():
    meanings = Meanings(meaning_of)
    for at in range(2_500):
        meanings.add("sea" if at == 2_100 else "" if at == 7 else "war")
    assert meanings.likeness("ocean").nonzero()[0].tolist() == [2_100]
    assert meanings.likeness("battle")[[6, 7, 8]].tolist() == [1, 0, 1]


def test_a_moment_is_taken_in_within_a_millisecond_at_ten_thousand_items():
    catalogue = random_shelf(10_000)
    grown, dice = Memory(catalogue), np.random.default_rng(7)
    words = [f"word{n}" for n in range(3_000)]
    ids = [item.id for item in catalogue]

    def moment(number: int) -> Moment:
        named, taken = (tuple(ids[at] for at in dice.integers(0, len(ids), count)) for count in (4, 1))
        return Moment(f"c{number // 3}", talk(" ".join(words[at] for at in dice.integers(0, len(words), 60))), named, taken)

    moments = [moment(number) for number in range(1_200)]
    for each in moments[:1_000]:
        grown.add(each)
    spent: list[float] = []
    for each in moments[1_000:]:
        started = time.thread_time()  # of this thread alone: other work on the machine does not count
        grown.add(each)
        spent.append(time.thread_time() - started)
    assert np.median(spent) < 0.001


def test_a_grown_memory_answers_quickly_and_with_what_it_has_just_met():
    neighbours, dice = Neighbours(100), np.random.default_rng(7)
    for _ in range(2_000):
        neighbours.add(talk(" ".join(f"w{at}" for at in dice.integers(0, 2_000, 30))), [int(dice.integers(0, 100))])
    neighbours.scores(talk("w1 w2"))
    neighbours.add(talk("w1 w2"), [7])
    started = time.perf_counter()
    found = neighbours.scores(talk("w1 w2"))
    assert time.perf_counter() - started < 0.2
    assert found["past_all"].argmax() == 7


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(TALKS), st.integers(0, 5), st.integers(0, 5)), max_size=8),
    st.integers(0, 3),
)
def test_a_forgotten_conversation_was_never_there(told, gone):
    moments = [Moment(f"c{c}", talk(text), ("abcdef"[named],), ("abcdef"[taken],)) for c, text, named, taken in told]
    found, without = memory(*moments), memory(*(moment for moment in moments if moment.conversation != f"c{gone}"))
    found.scores(SEA.texts, [0, 1])  # so that something has been weighed already
    found.forget({f"c{gone}"})
    assert len(found) == len(without)
    for text in TALKS:
        one, other = (each.scores(talk(text), [0, 1]) for each in (found, without))
        assert one.keys() == other.keys()
        assert all(one[source] == pytest.approx(other[source], abs=1e-5) for source in one)


def test_no_word_of_a_forgotten_conversation_is_kept():
    found = memory(SEA, WAR)
    assert b"soldier" in pickle.dumps(found)
    found.forget({"c2"})
    assert b"soldier" not in pickle.dumps(found)
