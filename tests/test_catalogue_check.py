"""What looking a catalogue over finds: every kind of fault with the places where it is, and nothing in a sound catalogue."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import Understander
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.catalogue_check import check_catalogue
from retrieval.errors import CatalogueError
from retrieval.near_duplicates import ALIKE, near_duplicates
from tests.heard import heard, hears
from tests.made_up import film, shelf

LANTERN = "A lantern of brass that burns for nine hours and hangs from any branch you like."
KETTLE = "A kettle that whistles a low note when the water for your morning tea has boiled."
HAMMOCK = "Hang it between two trees, lie down with a book and forget the time until dinner."
GERMAN = "Eine Laterne aus Messing, die neun Stunden lang brennt und an jedem Ast hängen kann."
SOUND = (
    {"id": "a", "title": "Brass Lantern", "description": LANTERN, "tags": ["light", "garden"]},
    {"id": "b", "title": "Kettle", "description": KETTLE, "tags": ["kitchen"]},
)
THIRD = {"id": "c", "title": "Hammock", "description": HAMMOCK, "tags": ["garden"]}
FINE = (
    "Fire Engine 👩‍🚒", "صندلی می‌خواهم", "Größe ½ – “naïve” €5 №7", "日本のテント", "I <3 it", "fish & chips", "Q&A; 3 < 4 > 2",
)  # fmt: skip
CARE = {"care": "Wash it by hand in cool water.\n\nDry it in the shade."}  # prose of two paragraphs
LINKED = '[facets.goes_with]\nkind = "items"\n'
ODD = "\u202e\u2066\u200f \u200b\ufeff\u2060\u00ad \0\a\x1b\x7f \ufffd\ue000\U000e0001"  # bidi, zero-width, control, none


def written(folder: Path, *rows: object, toml: str = "") -> Catalogue:
    (folder / "shelf.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "catalogue.toml").write_text(toml, encoding="utf-8")
    return read_catalogue(folder / "shelf.jsonl")


def found(catalogue: Catalogue) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(finding.severity, finding.told, finding.where) for finding in check_catalogue(catalogue)]


@pytest.mark.parametrize("changed", [{}, *({"title": text} for text in FINE), CARE])
def test_nothing_is_found_in_a_sound_catalogue(tmp_path, changed):
    assert found(written(tmp_path, *SOUND, THIRD | changed)) == []


@pytest.mark.parametrize("name", ["films", "shop"])
def test_the_built_in_catalogues_have_no_errors(name):
    assert [finding for finding in found(read_catalogue(name)) if finding[0] == "error"] == []


@pytest.mark.parametrize(
    ("changed", "severity", "told", "where"),
    [
        ({"title": " "}, "error", "rows left out", "line 3 has no title"),
        ({"id": "a"}, "error", "rows left out", "line 3 repeats the id 'a' of line 1"),
        (SOUND[0] | {"id": "c", "title": "brass lantern"}, "error", "the same but for the id", "line 3 (c) as line 1 (a)"),
        ({"description": KETTLE}, "warning", "descriptions that say nearly the same", "line 3 (c) as line 2 (b): 100%"),
        ({"description": ""}, "warning", "no description", "line 3 (c)"),
        ({"description": "Four words say little."}, "warning", "descriptions of fewer than 5 words", "line 3 (c)"),
        ({"description": "It hangs. " * 500}, "warning", "descriptions cut at 4,000 characters", "line 3 (c)"),
        ({"description": GERMAN}, "warning", "descriptions in another language than most (en)", "line 3 (c) de"),
        ({"tags": ["Kitchen"]}, "warning", "facet values that differ in writing only", "tags: Kitchen / kitchen"),
        ({"tags": ["kit-chen"]}, "warning", "facet values that differ in writing only", "tags: kit-chen / kitchen"),
    ],
)  # fmt: skip
def test_a_fault_is_found_once_with_its_place(tmp_path, changed, severity, told, where):
    assert found(written(tmp_path, *SOUND, THIRD | changed)) == [(severity, told, (where,))]


@pytest.mark.parametrize("character", ODD.replace(" ", ""))
@pytest.mark.parametrize("field", ["id", "title", "description", "tags"])
def test_a_character_that_does_not_print_is_an_error_wherever_it_stands(tmp_path, field, character):
    odd = THIRD | {field: [f"gar{character}den"] if field == "tags" else f"{THIRD[field][:1]}{character}{THIRD[field]}"}
    ((severity, told, (where,)), *others) = found(written(tmp_path, *SOUND, odd))
    assert (severity, told) == ("error", "characters that do not print")
    assert where.startswith("line 3 (c")
    assert f"U+{ord(character):04X}" in where
    assert {told for _, told, _ in others} <= {"facet values that differ in writing only"}


@pytest.mark.parametrize("html", ["<b>", "</p>", "<br/>", "<a href='x'>", "<IMG SRC=x>", "&amp;", "&nbsp;", "&#39;", "&#x27;"])
def test_html_is_found_as_it_is_written(tmp_path, html):
    expected = ("warning", "HTML, which is shown as it is written", (f"line 3 (c) {html!r}",))
    assert found(written(tmp_path, *SOUND, THIRD | {"description": f"{HAMMOCK} {html}"})) == [expected]


@pytest.mark.parametrize("text", ["café", "£5", "it’s", "École"])
def test_text_read_in_the_wrong_encoding_is_found(tmp_path, text):
    ((severity, told, _),) = found(written(tmp_path, *SOUND, THIRD | {"title": text.encode().decode("cp1252")}))
    assert (severity, told) == ("warning", "text that was read in the wrong encoding")
    assert found(written(tmp_path, *SOUND, THIRD | {"title": text})) == []


def test_a_catalogue_in_another_language_is_told_what_is_understood(tmp_path):
    told = "most descriptions are in 'de', but only messages in English are understood"
    assert found(written(tmp_path, THIRD | {"description": GERMAN})) == [("warning", told, ())]


def test_an_item_that_stands_three_times_is_told_once_a_copy(tmp_path):
    catalogue = written(tmp_path, *SOUND, SOUND[0] | {"id": "c"}, SOUND[0] | {"id": "d"})
    copies = ("line 3 (c) as line 1 (a)", "line 4 (d) as line 1 (a)")
    assert found(catalogue) == [("error", "the same but for the id", copies)]


def test_links_are_ids_apart_from_the_words_of_an_item(tmp_path):
    catalogue = written(tmp_path, *SOUND, THIRD | {"goes_with": ["a", "b"]}, toml=LINKED)
    item = catalogue["c"]
    assert (item.links, item.words("goes_with"), catalogue["a"].links) == ({"goes_with": ("a", "b")}, (), {})
    assert item.all_text == written(tmp_path, THIRD)["c"].all_text
    assert found(catalogue) == []


@pytest.mark.parametrize(
    ("links", "severity", "where"),
    [
        (["a", "lost"], "error", "line 3 (c) goes_with 'lost'"),
        (["A"], "error", "line 3 (c) goes_with 'A'"),
        ("a|lost", "error", "line 3 (c) goes_with 'lost'"),
        (["d"], "error", "line 3 (c) goes_with 'd'"),
        (["c"], "warning", "line 3 (c) goes_with"),
        (["a", "b", "a"], "warning", "line 3 (c) goes_with"),
    ],
)
def test_a_link_that_leads_nowhere_or_back_is_found(tmp_path, links, severity, where):
    found_here = found(written(tmp_path, *SOUND, THIRD | {"goes_with": links}, {"id": "d"}, toml=LINKED))
    assert [(s, w) for s, told, w in found_here if told.startswith("links to")] == [(severity, (where,))]


@pytest.mark.parametrize(
    "toml", ['tags.synonyms]\n"light" = ["lamp"]\n"velvet" = ["plush"]\n', 'tags]\nhard = ["velvet", "Garden", "*"]\n']
)
def test_a_value_of_catalogue_toml_that_no_item_carries_is_an_error(tmp_path, toml):
    told = "values in catalogue.toml that no item carries"
    assert found(written(tmp_path, *SOUND, THIRD, toml=f"[facets.{toml}")) == [("error", told, ("facets.tags 'velvet'",))]


def test_errors_come_first_and_items_of_no_file_are_named_by_their_ids():
    items = film("a", description=f"<b>{KETTLE}"), film("b", description="Short."), film("c", ("dr\u202eama",), title="")
    severities, _, places = zip(*found(shelf(*items)), strict=True)
    assert severities == ("error", "warning", "warning", "warning")
    assert places == (("c U+202E RIGHT-TO-LEFT OVERRIDE",), ("a '<b>'",), ("c",), ("b",))


@pytest.mark.parametrize(
    ("message", "expected"),
    [("for my 2 year old", "garden"), ("for my three year old", "garden"), ("for my 4 year old", ""), ("light", "light")],
)
def test_a_span_in_a_synonym_stands_for_its_numbers_in_figures_and_words(tmp_path, message, expected):
    toml = '[facets.tags]\nhard = ["*"]\n[facets.tags.synonyms]\n"garden" = ["my {2-3} year old", "outside"]\n'
    catalogue = written(tmp_path, *SOUND, toml=toml)
    years = ("my 2 year old", "my two year old", "my 3 year old", "my three year old")
    assert catalogue.facets["tags"].synonyms == {"garden": (*years, "outside")}
    assert heard(Understander(catalogue).understand(message)) == hears(musts=expected)


def test_a_span_that_runs_backwards_is_refused_by_name(tmp_path):
    with pytest.raises(CatalogueError, match=r"catalogue\.toml, setting facets\.tags\.synonyms"):
        written(tmp_path, *SOUND, toml='[facets.tags.synonyms]\n"garden" = ["my {3-2} year old"]\n')


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], strict=False))


SENTENCES = st.lists(st.sampled_from(["a", "Red", "red", "lamp", "für"]), max_size=9).map(" ".join)


@given(st.lists(SENTENCES, max_size=8, unique_by=lambda text: frozenset(shingles(text))))
def test_pairs_are_those_whose_likeness_worked_out_plainly_is_enough_from_either_side(texts):
    sets, last = [shingles(text) for text in texts], len(texts) - 1
    both = [(a, b) for a, b in combinations(range(len(texts)), 2) if sets[a] & sets[b]]
    likeness = [(a, b, len(sets[a] & sets[b]) / len(sets[a] | sets[b])) for a, b in both]
    pairs = near_duplicates(texts)
    assert sorted(pairs) == [pair for pair in likeness if pair[2] >= ALIKE]
    assert sorted(pairs) == sorted((last - b, last - a, like) for a, b, like in near_duplicates(texts[::-1]))
    assert [like for *_, like in pairs] == sorted((like for *_, like in pairs), reverse=True)


@given(SENTENCES.filter(shingles), st.lists(SENTENCES, max_size=6))
def test_a_long_text_that_stands_twice_is_always_found(text, others):
    assert (0, len(others) + 1, 1.0) in near_duplicates([text, *others, text])


@pytest.mark.parametrize("copies", [50, 51, 80])
def test_however_often_a_text_is_copied_every_copy_is_found(copies):
    assert len({second for _, second, _ in near_duplicates([KETTLE] * copies)}) == copies - 1


def test_a_phrase_of_the_trade_makes_nothing_a_copy_and_no_copy_less_like():
    own = [
        " ".join(f"{word}{n}" for word in ["every", "shelf", "has", "its", "own", "tale", "of", "how", "it"]) for n in range(60)
    ]
    assert near_duplicates([f"Made by hand in our workshop by the river. {text}" for text in (*own, own[0])]) == [(0, 60, 1.0)]
