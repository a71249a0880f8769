"""The built-in films: whole, typed, told apart, and worth filtering on."""

import re
from collections import Counter

import pytest

from retrieval.catalogue import read_catalogue

GENRES = {
    "action", "adventure", "animation", "biography", "comedy", "crime", "documentary", "drama", "family", "fantasy",
    "film noir", "history", "horror", "martial arts", "music", "musical", "mystery", "romance", "science fiction", "sport",
    "superhero",
    "thriller", "war", "western",
}  # fmt: skip


@pytest.fixture(scope="module")
def films():
    return read_catalogue("films")


def test_there_are_many_from_everywhere_and_every_age(films):
    years = [film.number("year") for film in films]
    assert len(films) >= 1_200 and not films.problems
    assert sum(year >= 2015 for year in years) >= 200 and min(years) < 1920
    assert len(films.postings["country"]) >= 25
    assert all(len(films.postings["genres"][genre]) >= 15 for genre in GENRES)


def test_every_film_has_what_a_card_shows(films):
    for film in films:
        assert film.number("year") and 10 <= film.number("runtime") <= 450, film.id
        assert film.words("directors") and film.words("country") and film.words("mood") and film.words("themes"), film.id
        assert set(film.words("genres")) <= GENRES, film.id


def test_descriptions_are_two_to_four_sentences_that_keep_the_title_to_themselves(films):
    for film in films:
        sentences = len(re.findall(r"[.!?](?:\s|$)", film.description))
        assert 2 <= sentences <= 4 and 28 <= len(film.description.split()) <= 75, film.id
        assert film.description.isprintable(), film.id


def test_no_film_stands_twice(films):
    pairs = Counter((film.title.lower(), film.number("year")) for film in films)
    descriptions = Counter(film.description for film in films)
    assert max(pairs.values()) == 1 and max(descriptions.values()) == 1


def test_ids_are_the_titles_and_years(films):
    for film in films:
        assert re.fullmatch(r"[a-z0-9-]+-\d{4}", film.id) and film.id.endswith(f"{film.number('year'):g}"), film.id


def test_what_is_for_children_is_not_marked_otherwise(films):
    for film in films:
        if "suitable for children" in film.words("content"):
            assert not {"gore", "nudity", "sexual content", "drug use"} & set(film.words("content")), film.id
            assert "horror" not in film.words("genres"), film.id


def test_every_film_is_for_fans_of_three_to_five_others(films):
    for film in films:
        fans_of = film.links["for_fans_of"]
        assert 3 <= len(fans_of) <= 5 and len(set(fans_of)) == len(fans_of), film.id
        assert film.id not in fans_of and all(other in films for other in fans_of), film.id
