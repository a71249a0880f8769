"""Conditions on numbers, as people say them."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.numbers import find_numbers
from retrieval.catalogue import Catalogue, Facet, Item


def films() -> Catalogue:
    minutes = {"min": 1, "mins": 1, "minute": 1, "minutes": 1, "hour": 60, "hours": 60, "h": 60}
    facets = {
        "year": Facet("year", "number", "Year"),
        "runtime": Facet("runtime", "number", "Runtime", unit="min", units=minutes),
        "genres": Facet("genres", "category", "Genres"),
    }
    items = [
        Item(f"film-{year}", f"Film {year}", "", {"year": float(year), "runtime": 90.0 + year % 60, "genres": ("drama",)})
        for year in range(1950, 2025, 5)
    ]
    return Catalogue(tuple(items), facets, "film", "films")


def pans() -> Catalogue:
    facets = {
        "price": Facet("price", "number", "Price", unit="$", units={"$": 1, "dollar": 1, "dollars": 1, "usd": 1}),
        "weight": Facet("weight", "number", "Weight", unit="kg", units={"kg": 1, "kilos": 1, "g": 0.001, "grams": 0.001}),
        "rating": Facet("rating", "number", "Rating"),
    }
    items = [Item(f"pan-{n}", f"Pan {n}", "", {"price": 10.0 * n, "weight": 0.5 * n, "rating": n / 2}) for n in range(1, 10)]
    return Catalogue(tuple(items), facets, "product")


FILMS, PANS = films(), pans()
FILM_CONDITIONS = [
    ("after 2010", ["year > 2010"]),
    ("made before 1980 please", ["year < 1980"]),
    ("since 2000", ["year >= 2000"]),
    ("until 1970", ["year <= 1970"]),
    ("no older than 2000", ["year >= 2000"]),
    ("no later than 1999", ["year <= 1999"]),
    ("newer than 2015", ["year > 2015"]),
    ("older than 1960", ["year < 1960"]),
    ("not after 2000", ["year <= 2000"]),
    ("nothing before 1990", ["year >= 1990"]),
    ("from 2010 on", ["year >= 2010"]),
    ("2010 or later", ["year >= 2010"]),
    ("1999 or earlier", ["year <= 1999"]),
    ("in 1999", ["year == 1999"]),
    ("a drama from 1975", ["year == 1975"]),
    ("between 1990 and 1999", ["year >= 1990", "year <= 1999"]),
    ("from 1960 to 1975", ["year >= 1960", "year <= 1975"]),
    ("from the nineties", ["year >= 1990", "year <= 1999"]),
    ("a 90s drama", ["year >= 1990", "year <= 1999"]),
    ("in the 1980s", ["year >= 1980", "year <= 1989"]),
    ("the late seventies", ["year >= 1975", "year <= 1979"]),
    ("early 2000s", ["year >= 2000", "year <= 2004"]),
    ("under 2 hours", ["runtime < 120"]),
    ("under two hours", ["runtime < 120"]),
    ("less than 90 minutes", ["runtime < 90"]),
    ("less than 90min", ["runtime < 90"]),
    ("at most 100 min", ["runtime <= 100"]),
    ("at least 2 hours long", ["runtime >= 120"]),
    ("longer than 1.5 hours", ["runtime > 90"]),
    ("under one and a half hours", ["runtime < 90"]),
    ("under an hour and a half", ["runtime < 90"]),
    ("max 2 hours", ["runtime <= 120"]),
    ("no more than 100 minutes", ["runtime <= 100"]),
    ("not longer than 100 minutes", ["runtime <= 100"]),
    ("90 minutes or less", ["runtime <= 90"]),
    ("between 90 and 120 minutes", ["runtime >= 90", "runtime <= 120"]),
    ("after 2010 and under 100 minutes", ["year > 2010", "runtime < 100"]),
    ("Under 2 Hours, BEFORE 1980", ["runtime < 120", "year < 1980"]),
]
PAN_CONDITIONS = [
    ("under $30", ["price < 30"]),
    ("between $20 and $50", ["price >= 20", "price <= 50"]),
    ("at most 49.50 dollars", ["price <= 49.5"]),
    ("under $1,200", ["price < 1200"]),
    ("more than 20 dollars", ["price > 20"]),
    ("lighter than 2 kg", ["weight < 2"]),
    ("at most 800 grams", ["weight <= 0.8"]),
    ("a rating above 4", ["rating > 4"]),
    ("under 30 dollars and lighter than 1.5 kilos", ["price < 30", "weight < 1.5"]),
]
NO_CONDITIONS = [
    "", "something quiet", "the 2nd one", "two films please", "I am 40 years old", "set in the 1980s", "a war film set in 1962",
    "not from the nineties", "one more like that", "my 3 kids and I", "24/7", "it is 9 in the evening",
]  # fmt: skip
SIGNS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "$eq": "=="}
WORDS = [
    "after", "before", "between", "and", "from", "to", "under", "at least", "no older than", "not", "1990", "2000", "90s",
    "nineties", "2", "hours", "min", "$", "1/2", "and a half", "the", "early", "set in", "1,200", "3.5", "or less", "until",
    "0", "99999999999999999999", "½", "²", "٣",
]  # fmt: skip


def conditions(text: str, catalogue: Catalogue) -> list[str]:
    found = find_numbers(text, catalogue)
    return [f"{c.facet} {SIGNS[c.operator]} {c.value:g}" for number in found for c in number.constraints]


@pytest.mark.parametrize(("text", "expected"), FILM_CONDITIONS)
def test_a_condition_on_a_film_is_found(text, expected):
    assert conditions(text, FILMS) == expected


@pytest.mark.parametrize(("text", "expected"), PAN_CONDITIONS)
def test_a_condition_on_a_product_is_found(text, expected):
    assert conditions(text, PANS) == expected


@pytest.mark.parametrize("text", NO_CONDITIONS)
def test_a_number_that_sets_no_condition_is_left_alone(text):
    assert conditions(text, FILMS) == []


def test_a_number_is_no_condition_on_a_facet_that_the_catalogue_lacks():
    assert conditions("after 2010 and under 2 hours", PANS) == []


def test_a_condition_keeps_the_words_that_set_it():
    (found,) = find_numbers("a drama under 2 hours, please", FILMS)
    assert "a drama under 2 hours, please"[found.start : found.end] == "under 2 hours"
    assert found.constraints[0].evidence == "under 2 hours"


@given(st.integers(1951, 2024), st.sampled_from(["after", "before", "since", "until"]))
def test_every_year_is_understood(year, word):
    assert conditions(f"something {word} {year}, quiet", FILMS)[0].endswith(str(year))


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=12).map(" ".join))
def test_no_text_breaks_it_and_no_two_conditions_overlap(text):
    for catalogue in (FILMS, PANS):
        found = find_numbers(text, catalogue)
        assert all(0 <= number.start < number.end <= len(text) for number in found)
        assert all(left.end <= right.start for left, right in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("says", "years"),
    [("from the last ten years", 10), ("of the past few years", 5), ("from the last decade", 10), ("in the last 3 years", 3)],
)
def test_the_last_years_are_counted_from_today(catalogue, says, years):
    (found,) = find_numbers(f"a film {says}", catalogue)
    (constraint,) = found.constraints
    assert (constraint.facet, constraint.operator, constraint.value) == ("year", "$gte", date.today().year - years)


@pytest.mark.parametrize("says", ["I haven't seen a good film in the last five years", "we watched it over the past decade"])
def test_when_something_was_watched_is_no_condition(catalogue, says):
    assert find_numbers(says, catalogue) == ()
