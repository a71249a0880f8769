"""Titles as people say them: without the article, without one half, by their one telling word; and what is no title."""

import pytest

from bot.understanding import Understander
from retrieval.catalogue import Catalogue, Item, read_catalogue
from tests.heard import heard, hears

FILMS = read_catalogue("films")
RINGS = {film.id for film in FILMS if film.title.startswith("The Lord of the Rings")}


@pytest.fixture(scope="module")
def films() -> Understander:
    return Understander(FILMS)


def named(understander: Understander, message: str) -> list[str]:
    return [mention.item_id for mention in understander.understand(message).mentions]


def short_shelf() -> Understander:
    """Titles with an article, with a colon, and with a word that stands nowhere else."""
    told = [
        ("kite", "The Paper Kite", "A kite of paper flies over the village."),
        ("ship", "Cold Harbour: The Last Ship", "A ship leaves the cold harbour."),
        ("dodo", "My Neighbour Umbulu", "The neighbour keeps a strange bird."),
        ("guests", "The Guests", "The guests of the house do not leave."),
        ("owl", "An Owl at Noon", "An owl is awake by day."),
    ]
    return Understander(Catalogue(tuple(Item(*parts) for parts in told), {}, "film", "films"))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Paper Kite", hears(likes="kite")),
        ("I loved Paper Kite", hears(likes="kite")),
        ("more like paper kite", hears(likes="kite")),
        ("Owl at Noon please", hears(likes="owl")),
        ("Cold Harbour", hears(likes="ship")),
        ("I hated Last Ship", hears(dislikes="ship")),
        ("I have seen The Last Ship", hears(seen="ship")),
        ("loved Umbulu", hears(likes="dodo")),
        ("Guests", hears(likes="guests")),
        ("I loved Guests", hears(likes="guests")),
        ("the guests were noisy", hears()),
        ("we have guests tonight", hears()),
        ("my neighbour is loud", hears()),
    ],
)
def test_a_title_is_known_by_its_short_forms_where_it_is_meant_as_one(message, expected):
    assert heard(short_shelf().understand(message)) == expected


@pytest.mark.parametrize(
    ("message", "film"),
    [
        ("Godfather", "the-godfather-1972"),
        ("I loved Godfather", "the-godfather-1972"),
        ("Matrix", "the-matrix-1999"),
        ("something like matrix", "the-matrix-1999"),
        ("more films like Big Lebowski", "the-big-lebowski-1998"),
        ("We saw Pianist last week", "the-pianist-2002"),
        ("loved Totoro", "my-neighbor-totoro-1988"),
        ("Loved Totoro", "my-neighbor-totoro-1988"),
        ("loved totoro", "my-neighbor-totoro-1988"),
        ("I loved Amelie", "amelie-2001"),
        ("Fellowship of the Ring", "the-lord-of-the-rings-the-fellowship-of-the-ring-2001"),
        ("A Space Odyssey", "2001-a-space-odyssey-1968"),
        ("like Fury Road", "mad-max-fury-road-2015"),
        ("Mission Impossible", "mission-impossible-1996"),
        ("Dr Strangelove", "dr-strangelove-1964"),
        ("loved the others", "the-others-2001"),
        ("I loved The Thing", "the-thing-1982"),
        ("I loved Triangle of Sadness", "triangle-of-sadness-2022"),
        ("I loved Monsters, Inc.", "monsters-inc-2001"),
    ],
)
def test_a_film_is_known_by_what_people_call_it(films, message, film):
    assert named(films, message) == [film]


def test_a_series_named_as_a_whole_is_one_of_its_films(films):
    for message in ("Lord of the Rings", "the lord of the rings", "I loved Lord of the Rings"):
        (film,) = named(films, message)
        assert film in RINGS


@pytest.mark.parametrize("message", [
    "a trip to Vegas", "I have been to Vegas", "thing is, I want something funny", "Thing is, I want something funny",
    "The thing is, I am tired", "the others were better", "The others were better", "something for the others",
    "it is late", "Up for anything", "give me seven", "Room for two", "Alien films", "my friend Anna", "Good evening",
])  # fmt: skip
def test_words_of_a_title_in_another_sense_name_no_film(films, message):
    assert named(films, message) == []


@pytest.mark.parametrize("message", [
    "No, a comedy", "Nope, something funny", "Sorry, I meant a comedy", "Excellent, more of that", "Boy, I am tired",
    "Help, I want something funny", "There's too much horror here", "You've shown me too many comedies",
    "Once, I saw a comedy", "Stuff about space",
])  # fmt: skip
def test_the_word_that_a_sentence_begins_with_names_no_film(films, message):
    assert named(films, message) == []


@pytest.mark.parametrize("message", [
    "set in Chicago", "a film from Brazil", "something for Halloween", "about World War I", "set in Seoul", "Roman soldiers",
    "the Victorian era", "about Rwanda",
])  # fmt: skip
def test_a_place_or_a_time_is_no_title(films, message):
    assert named(films, message) == []


def test_the_word_of_liking_before_a_title_is_no_wish(films):
    assert heard(films.understand("Loved Amélie")) == hears(likes="amelie-2001")


def test_every_title_is_known_when_it_is_said_whole(films):
    assert [film.title for film in FILMS if not _is_named(films, film.title)] == []


def test_every_title_with_an_article_is_known_without_it(films):
    shorts = [film.title.partition(" ")[2] for film in FILMS if film.title.startswith(("The ", "A ", "An "))]
    assert [short for short in shorts if "." not in short and "," not in short and not _is_named(films, short)] == []


def _is_named(films: Understander, title: str) -> bool:
    return any(title.lower() in FILMS[item].title.lower() for item in named(films, f"I loved {title}"))
