"""The built-in shop: whole, typed, wide enough to choose from, and spoken of as people speak of things to buy."""

import re

import numpy as np
import pytest

from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.constraints import rows_allowed
from retrieval.facet_match import HIGH, LOW
from tests.heard import heard, hears

SHOP = read_catalogue("shop")
TOLD = (
    "brand", "category", "department", "price", "weight", "sturdiness", "rating", "stock", "availability", "material",
    "colour", "use", "features", "for", "season",
)  # fmt: skip
RANGES = {"price": (1, 2_000), "weight": (5, 100_000), "sturdiness": (1, 10), "rating": (1, 5), "stock": (0, 1_000)}
SHELVES = [shelf for shelf, rows in SHOP.postings["category"].items() if len(rows) >= 5]
SIZES = {"capacity", "people"}  # "bigger" is either, as the thing has it
DIRECTIONS = [(word, facet.name, LOW) for facet in SHOP.facets.values() for word in facet.down]
DIRECTIONS += [(word, facet.name, HIGH) for facet in SHOP.facets.values() for word in facet.up]
DIRECTIONS += [
    ("something cheaper please", "price", LOW), ("a cheaper one", "price", LOW), ("more affordable", "price", LOW),
    ("less expensive", "price", LOW), ("not so expensive", "price", LOW), ("not expensive", "price", LOW),
    ("the cheapest", "price", LOW), ("more expensive", "price", HIGH),
    ("make it lighter", "weight", LOW), ("the lightest", "weight", LOW), ("less heavy", "weight", LOW),
    ("not so heavy", "weight", LOW), ("nothing heavy", "weight", LOW),
    ("more durable", "sturdiness", HIGH), ("the strongest", "sturdiness", HIGH), ("the sturdiest", "sturdiness", HIGH),
    ("a bigger one", "capacity", HIGH), ("the biggest", "capacity", HIGH), ("not too big", "capacity", LOW),
    ("something smaller", "capacity", LOW), ("with better reviews", "rating", HIGH),
]  # fmt: skip
CONDITIONS = [
    ("under 30 €", "price_$lt_30"), ("under 30€", "price_$lt_30"), ("under €30", "price_$lt_30"),
    ("below 20€", "price_$lt_20"), ("below 20 euros", "price_$lt_20"), ("less than 30 bucks", "price_$lt_30"),
    ("cheaper than 20 €", "price_$lt_20"), ("cheaper than 20", "price_$lt_20"), ("at most 100 euros", "price_$lte_100"),
    ("40 euros max", "price_$lte_40"), ("not more than 50 €", "price_$lte_50"),
    ("between 20 and 50 €", "price_$gte_20 price_$lte_50"), ("between 20€ and 50€", "price_$gte_20 price_$lte_50"),
    ("from 20 to 50 euros", "price_$gte_20 price_$lte_50"), ("30-50 €", "price_$gte_30 price_$lte_50"),
    ("at least 50 litres", "capacity_$gte_50"), ("more than 2 l", "capacity_$gt_2"),
    ("bigger than 20 litres", "capacity_$gt_20"), ("smaller than 20 litres", "capacity_$lt_20"),
    ("lighter than 1 kg", "weight_$lt_1000"), ("under 1kg", "weight_$lt_1000"), ("lighter than 1.5 kg", "weight_$lt_1500"),
    ("at most 800 grams", "weight_$lte_800"), ("heavier than 2 kilos", "weight_$gt_2000"),
    ("at least 4.5 stars", "rating_$gte_4.5"), ("4 stars or more", "rating_$gte_4"),
    ("for at least 4 people", "people_$gte_4"), ("for 4 people", "people_$gte_4"), ("in stock", "in_stock"),
    ("available now", "in_stock"), ("in stock and under 30 €", "in_stock price_$lt_30"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Understander:
    return Understander(SHOP)


def test_there_are_many_products_and_no_row_is_left_out():
    assert len(SHOP) >= 300 and SHOP.problems == ()
    assert (SHOP.noun, SHOP.plural) == ("product", "products")


def test_every_product_has_what_is_asked_of_it():
    for product in SHOP:
        assert [facet for facet in TOLD if facet not in product.facets] == [], product.id
        assert re.fullmatch(r"[a-z0-9-]+", product.id), product.id


def test_no_product_stands_twice():
    for told in (
        [product.title.lower() for product in SHOP],
        [product.description for product in SHOP],
        [
            (product.words("brand"), product.words("category"), product.facets["price"], product.facets["weight"])
            for product in SHOP
        ],
    ):
        assert len(set(told)) == len(SHOP)


def test_descriptions_are_two_to_four_sentences_that_keep_the_title_to_themselves():
    for product in SHOP:
        sentences = len(re.findall(r"[.!?](?:\s|$)", product.description))
        assert 2 <= sentences <= 4 and 28 <= len(product.description.split()) <= 75, product.id
        assert product.title.lower() not in product.description.lower() and product.description.isprintable(), product.id


@pytest.mark.parametrize("facet", RANGES)
def test_numbers_lie_where_they_can(facet):
    least, most = RANGES[facet]
    assert [product.id for product in SHOP if not least <= product.number(facet) <= most] == []


def test_what_is_said_of_availability_agrees_with_the_stock():
    for product in SHOP:
        stock, said = product.number("stock"), set(product.words("availability"))
        assert ("in stock" in said) == (stock > 0) and ("out of stock" in said) == (stock == 0), product.id
        assert "last pieces" not in said or stock <= 5, product.id


def test_on_every_shelf_there_is_a_choice():
    assert {shelf: len(rows) for shelf, rows in SHOP.postings["category"].items() if len(rows) < 2} == {}


@pytest.mark.parametrize("shelf", SHELVES)
def test_from_the_middle_of_a_shelf_cheaper_and_lighter_lead_somewhere(shelf):
    rows = SHOP.postings["category"][shelf]
    for facet in ("price", "weight"):
        numbers = np.sort(SHOP.numbers[facet][rows])
        assert numbers[0] <= 0.8 * np.median(numbers) and len(set(numbers)) >= 0.8 * len(numbers), facet
        assert numbers[-1] >= 1.5 * numbers[0], facet


@pytest.mark.parametrize("shelf", ["tents", "backpacks", "bags", "bottles", "coolers", "cookware"])
def test_where_size_matters_bigger_leads_somewhere(shop, shelf):
    sizes = [SHOP.numbers[wish.facet][SHOP.postings["category"][shelf]] for wish in shop.understand("bigger").wishes]
    assert any(len(set(numbers[~np.isnan(numbers)])) >= 3 for numbers in sizes)


@pytest.mark.parametrize(("words", "facet", "direction"), DIRECTIONS, ids=[words for words, _, _ in DIRECTIONS])
def test_more_or_less_of_something_is_a_direction_on_the_right_facet(shop, words, facet, direction):
    understanding = shop.understand(words)
    assert understanding.understood and understanding.constraints == ()
    found = {(wish.facet, wish.value) for wish in understanding.wishes if wish.value.startswith("$")}
    assert (facet, direction) in found and {value for _, value in found} == {direction}
    assert {name for name, _ in found} <= (SIZES if facet in SIZES else {facet})


def test_a_light_to_see_by_is_not_one_that_weighs_little(shop):
    for message in ("a bedside light", "a bike light", "a light for the tent"):
        assert "weight" not in {wish.facet for wish in shop.understand(message).wishes}, message


@pytest.mark.parametrize(("words", "conditions"), CONDITIONS, ids=[words for words, _ in CONDITIONS])
def test_a_limit_is_a_condition(shop, words, conditions):
    assert heard(shop.understand(words)).musts == hears(musts=conditions).musts


def test_what_is_in_stock_is_what_there_are_pieces_of(shop):
    for message in ("in stock", "available now", "nothing out of stock"):
        allowed = rows_allowed(SHOP, shop.understand(message).constraints)
        assert (allowed == (SHOP.numbers["stock"] > 0)).all(), message


def test_a_shelf_at_home_is_not_the_shelf_of_the_shop(shop):
    assert shop.understand("a lamp to put on the shelf").constraints == ()


@pytest.mark.parametrize("name", ["shop", "films"])
def test_every_starter_is_understood_and_something_keeps_its_conditions(name):
    catalogue = read_catalogue(name)
    understander = Understander(catalogue)
    assert len(catalogue.starters) >= 3
    for starter in catalogue.starters:
        understanding = understander.understand(starter)
        assert understanding.understood and (understanding.wishes or understanding.constraints), starter
        assert rows_allowed(catalogue, understanding.constraints).sum() >= 5, starter


def test_a_starter_is_heard_to_the_last_word(shop):
    told = heard(shop.understand("A light tent for two under 300 euros"))
    assert told == hears(wants="$low tents", musts="price_$lt_300 people_$gte_2")
    assert heard(shop.understand("Warm bedding, but no wool")) == hears(wants="warm bedding", bans="wool")
