"""Typing mistakes near the catalogue's own words are set right; English and names are left alone."""

import pytest

from bot.spelling import Spelling

OWN = {"waterproof", "hiking", "boots", "brown", "thermos", "euros", "down", "sleeping", "japanese", "stars", "animation"}
USED = {"splashdown", "ox"}


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(OWN, USED)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("watrproof hikking boots. brwon", "waterproof hiking boots. brown"), ("a theroms, 40 eruos", "a thermos, 40 euros"),
        ("goose dwon", "goose down"), ("slepping bag", "sleeping bag"), ("japanse animaton", "japanese animation"),
    ],
)  # fmt: skip
def test_a_slip_is_set_right(spelling, typed, meant):
    assert spelling.corrected(typed) == meant


@pytest.mark.parametrize(
    "said", ["it starts at home", "the Splashdwn and Mr Hikin", "splashdown ox", "a whippet shivers", "dawn", "qwxz"]
)
def test_english_names_and_what_is_near_nothing_stay(spelling, said):
    assert spelling.corrected(said) == said
