"""BM25 over the items' words."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue, Item
from retrieval.lexical import Lexical, common_words, stem, stems
from tests.made_up import WORDS, random_shelf

SHOP = Catalogue(
    (
        Item("lamp", "Reading Lamp", "A lamp that clamps to a desk."),
        Item("desk", "Oak Desk", "A wide desk with two drawers."),
        Item("chair", "Desk Chair", "Turns and rolls; fits every desk."),
        Item("kettle", "Whistling Kettle", "Grandmother's favourite."),
    ),
    {},
)
LEXICAL = Lexical(SHOP)


def best(text: str) -> str:
    return SHOP.items[int(np.argmax(LEXICAL.scores(text)))].id


def test_the_item_that_carries_the_words_scores_highest():
    assert best("a whistling kettle") == "kettle"
    assert best("something to read by, a lamp") == "lamp"


def test_a_rare_word_counts_more_than_a_common_one():
    scores = LEXICAL.scores("desk drawers")
    assert scores[1] > max(scores[0], scores[2]) > 0
    assert LEXICAL.scores("kettle")[3] > LEXICAL.scores("desk").max()


def test_words_are_found_in_other_forms_and_in_capitals():
    assert best("KETTLES") == "kettle"
    assert best("drawer") == "desk"
    assert best("grandmother") == best("grandmother’s") == "kettle"
    assert stem("drawers") == stem("Drawer")


def test_a_text_without_a_word_of_the_catalogue_scores_nothing():
    for text in ("", "the of and", "zeppelin", "!?", "🙂"):
        assert LEXICAL.scores(text).tolist() == [0, 0, 0, 0]


def test_common_words_tell_items_apart_by_nothing():
    assert "the" in common_words()
    assert stems("The lamp and the desk") == ["lamp", "desk"]


def test_a_word_said_twice_counts_once():
    assert np.array_equal(LEXICAL.scores("kettle kettle"), LEXICAL.scores("kettle"))


def test_matched_gives_the_users_own_words_that_the_item_carries():
    assert LEXICAL.matched("Kettles that whistle for my desk", 3) == ("kettles", "whistle")
    assert LEXICAL.matched("the and of", 3) == ()


def test_a_catalogue_without_a_word_to_search_is_searched_in_vain():
    for titles in (["???"], ["???", "!!!"], ["It"]):
        wordless = Catalogue(tuple(Item(title, title) for title in titles), {})
        assert Lexical(wordless).scores("it ??? lamp").tolist() == [0] * len(titles)


def test_one_item_is_a_catalogue_too():
    lexical = Lexical(Catalogue((Item("lamp", "Lamp"),), {}))
    assert lexical.scores("lamp")[0] > 0
    assert lexical.scores("desk")[0] == 0


FILMS = Lexical(random_shelf(20))


@settings(deadline=None)
@given(st.lists(st.sampled_from((*WORDS, "zeppelin", "the")), max_size=4).map(" ".join))
def test_an_item_scores_above_zero_exactly_when_a_word_is_matched(text):
    scores = FILMS.scores(text)
    assert (scores >= 0).all()
    assert [bool(FILMS.matched(text, row)) for row in range(len(scores))] == (scores > 0).tolist()


@given(st.text(max_size=200))
def test_any_text_is_scored(text):
    assert np.isfinite(LEXICAL.scores(text)).all()
