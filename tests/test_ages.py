"""The age of a child in a message: a condition on the built-in films. The age of anybody else: none."""

import pytest

from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.constraints import rows_allowed
from tests.heard import heard, hears

WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
FOR_CHILDREN = hears(musts="suitable_for_children")
FILMS = read_catalogue("films")


@pytest.fixture(scope="module")
def films() -> Understander:
    return Understander(FILMS)


@pytest.mark.parametrize("message", [
    "my 8-year-old", "something for my 8 year old", "for a six year old", "for a six-year-old", "with an eight-year-old",
    "for an 11 year old", "My 8-Year-Old", "a film with my five-year-old", "for my 6 year old's evening", "for my kids",
    "for our six-year-old", "for my 8-year-olds", "for 8 year olds", "for six-year-olds", "my 8 and 10 year olds",
])  # fmt: skip
def test_a_childs_age_asks_for_what_suits_children_and_for_nothing_else(films, message):
    assert heard(films.understand(message)) == FOR_CHILDREN


@pytest.mark.parametrize("age", [*map(str, range(2, 13)), *WORDS])
def test_every_age_from_two_to_twelve_is_a_childs_in_figures_and_in_words(films, age):
    article = "an" if age in ("8", "11", "eight", "eleven") else "a"
    for message in (f"my {age}-year-old", f"for my {age} year old", f"for {article} {age} year old"):
        assert heard(films.understand(message)) == FOR_CHILDREN, message


@pytest.mark.parametrize("message", [
    "for my eight year old daughter", "with my seven-year-old nephew", "for a 9 year old girl", "for my 4-year-old son",
])  # fmt: skip
def test_a_child_told_with_an_age_is_a_child_too(films, message):
    assert heard(films.understand(message)).musts == FOR_CHILDREN.musts


@pytest.mark.parametrize("message", [
    "a 40 year old man", "I am a 40 year old man", "for a 40-year-old", "about a 40 year old woman", "a 90 year old film",
    "for my 80-year-old mother", "for my 20 year old", "for an 80 year old", "a film about an eight year old",
    "my 40 year old son", "for my 25-year-old daughter", "an 18 year old girl", "about a sixteen year old girl",
])  # fmt: skip
def test_anybody_elses_age_is_no_condition(films, message):
    assert films.understand(message).constraints == ()


def test_the_age_in_a_title_is_part_of_the_title(films):
    assert heard(films.understand("The 40-Year-Old Virgin")) == hears(likes="the-40-year-old-virgin-2005")


def test_what_is_not_for_children_is_asked_for_too(films):
    assert heard(films.understand("not for kids")) == hears(bans="suitable_for_children")


def test_an_age_and_a_length_are_two_conditions(films):
    told = heard(films.understand("for my 8-year-old, under 90 minutes"))
    assert told == hears(musts="suitable_for_children runtime_$lt_90")


def test_there_is_much_to_show_a_child_and_all_of_it_is_marked_so(films):
    conditions = films.understand("for my 8-year-old").constraints
    shown = [film for film, kept in zip(FILMS, rows_allowed(FILMS, conditions), strict=True) if kept]
    assert len(shown) >= 100
    assert all("suitable for children" in film.words("content") for film in shown)


def test_a_synonym_with_a_span_of_numbers_is_one_for_each_of_them(tmp_path):
    (tmp_path / "catalogue.jsonl").write_text('{"id": "a", "title": "A", "suits": "children"}\n')
    (tmp_path / "catalogue.toml").write_text('[facets.suits.synonyms]\nchildren = ["aged {2-3}", "{11-13} years", "kids"]\n')
    synonyms = read_catalogue(tmp_path).facets["suits"].synonyms["children"]
    assert synonyms == (
        "aged 2", "aged two", "aged 3", "aged three", "11 years", "eleven years", "12 years", "twelve years", "13 years", "kids"
    )  # fmt: skip
