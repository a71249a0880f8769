"""Reading catalogues: kinds of facets, catalogue.toml, rows left out, and files that cannot be used."""

import time
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.errors import CatalogueError

BOOKS = "id,title,description,year,tags\na,Apple,A fruit.,1999,red|round\nb,Bread,A loaf.,2004,brown\n"


def catalogue_of(folder: Path, content: str | bytes, toml: str | None = None, name: str = "books.csv") -> Catalogue:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    if toml is not None:
        (folder / "catalogue.toml").write_text(toml, encoding="utf-8")
    return read_catalogue(folder / name)


def problems_of(catalogue: Catalogue) -> list[tuple[int, str]]:
    return [(problem.line, problem.why) for problem in catalogue.problems]


def refusal(folder: Path, content: str | bytes, toml: str | None = None, name: str = "books.csv") -> str:
    with pytest.raises(CatalogueError) as raised:
        catalogue_of(folder, content, toml, name)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_three_formats_give_the_same_items(tmp_path):
    from_csv = catalogue_of(tmp_path, BOOKS)
    lines = (
        '{"id": "a", "title": "Apple", "description": "A fruit.", "year": 1999, "tags": ["red", "round"]}\n'
        '{"id": "b", "title": "Bread", "description": "A loaf.", "year": 2004, "tags": ["brown"]}\n'
    )
    from_json = catalogue_of(tmp_path, lines, name="books.jsonl")
    table = {"id": ["a", "b"], "title": ["Apple", "Bread"], "description": ["A fruit.", "A loaf."], "year": [1999, 2004]}
    pyarrow.parquet.write_table(pyarrow.table({**table, "tags": [["red", "round"], ["brown"]]}), tmp_path / "b.parquet")
    assert from_csv.items == from_json.items == read_catalogue(tmp_path / "b.parquet").items


def test_an_item_gives_its_words_numbers_and_text(tmp_path):
    item = catalogue_of(tmp_path, BOOKS)["a"]
    assert (item.words("tags"), item.number("year")) == (("red", "round"), 1999.0)
    assert (item.words("year"), item.number("tags"), item.words("nothing")) == ((), None, ())
    assert item.text == "Apple. red, round. A fruit."


def test_a_folder_that_holds_a_catalogue_is_read(tmp_path):
    catalogue_of(tmp_path, BOOKS, name="catalogue.csv")
    assert len(read_catalogue(tmp_path)) == 2


def test_kinds_are_seen_by_inspection(tmp_path):
    prose = "a sentence that runs on for far longer than any name of a category would"
    catalogue = catalogue_of(tmp_path, f"id,title,price,tags,blurb\na,Apple,1.5,red,{prose}\nb,Bread,,brown|old,{prose}\n")
    kinds = {name: facet.kind for name, facet in catalogue.facets.items()}
    assert kinds == {"price": "number", "tags": "category", "blurb": "text"}
    assert catalogue["b"].number("price") is None


def test_one_word_among_numbers_makes_a_category(tmp_path):
    assert catalogue_of(tmp_path, "id,title,size\na,Apple,3\nb,Bread,large\n").facets["size"].kind == "category"


def test_a_cell_of_spaces_is_empty(tmp_path):
    catalogue = catalogue_of(tmp_path, "id,title,price\na,Apple,1.5\nb,Bread, \n")
    assert (catalogue.facets["price"].kind, catalogue["b"].number("price")) == ("number", None)


def test_catalogue_toml_names_kinds_labels_and_words(tmp_path):
    toml = (
        'noun = "book"\nstarters = ["short ones"]\n[facets.year]\nkind = "category"\nlabel = "Printed"\ncard = true\n'
        'up = ["newer"]\n[facets.tags]\nhidden = true\n'
    )
    catalogue = catalogue_of(tmp_path, BOOKS, toml)
    year = catalogue.facets["year"]
    assert (catalogue.noun, catalogue.plural, catalogue.starters) == ("book", "books", ("short ones",))
    assert (year.kind, year.label, year.card, year.up) == ("category", "Printed", True, ("newer",))
    assert "tags" not in catalogue.facets
    assert catalogue["a"].words("tags") == ()


def test_postings_and_numbers_speak_of_rows(tmp_path):
    catalogue = catalogue_of(tmp_path, "id,title,year,tags\na,Apple,1999,Red|Round\nb,Bread,,red\n")
    assert {value: rows.tolist() for value, rows in catalogue.postings["tags"].items()} == {"red": [0, 1], "round": [0]}
    assert str(catalogue.numbers["year"].tolist()) == "[1999.0, nan]"


def test_a_repeated_id_is_reported_with_both_lines(tmp_path):
    catalogue = catalogue_of(tmp_path, BOOKS + "a,Another,,,\n")
    assert problems_of(catalogue) == [(4, "repeats the id 'a' of line 2")]
    assert catalogue["a"].title == "Apple"


def test_rows_without_id_or_title_are_left_out_with_their_lines(tmp_path):
    catalogue = catalogue_of(tmp_path, BOOKS + ",Nameless,,,\nc, ,,,\n")
    assert problems_of(catalogue) == [(4, "has no id"), (5, "has no title")]
    lines = '{"id": "a", "title": "Apple"}\n{"title": "Bread"}\n{"id": "c", "title": null}\n'
    assert problems_of(catalogue_of(tmp_path, lines, name="b.jsonl")) == [(2, "has no id"), (3, "has no title")]


def test_a_value_of_the_wrong_kind_is_reported_with_its_line(tmp_path):
    catalogue = catalogue_of(tmp_path, BOOKS + "c,Cheese,,soon,\n", '[facets.year]\nkind = "number"\n')
    assert problems_of(catalogue) == [(4, "has year 'soon', which is not a number")]
    assert "c" not in catalogue


def test_problems_of_all_kinds_stand_in_order_of_line(tmp_path):
    content = "id,title,year\na,Apple,soon\nb\nc,Cheese,3\n,Dates,4\n"
    catalogue = catalogue_of(tmp_path, content, '[facets.year]\nkind = "number"\n')
    assert [line for line, _ in problems_of(catalogue)] == [2, 3, 5]
    assert [item.id for item in catalogue] == ["c"]


@pytest.mark.parametrize("value", ["1" + "0" * 400, "-1" + "0" * 400, "1e999"])
def test_a_number_too_large_to_hold_is_no_crash(tmp_path, value):
    lines = f'{{"id": "a", "title": "Apple", "year": {value}}}\n{{"id": "b", "title": "Bread", "year": 3}}\n'
    assert "b" in catalogue_of(tmp_path, lines, '[facets.year]\nkind = "number"\n', "books.jsonl")


def test_half_a_character_in_a_json_escape_does_not_reach_an_item(tmp_path):
    lines = '{"id": "a", "title": "Apple"}\n{"id": "b", "title": "\\ud800 Bread"}\n'
    for item in catalogue_of(tmp_path, lines, name="books.jsonl"):
        assert item.text.encode()


def test_a_title_too_long_to_be_one_is_cut(tmp_path):
    catalogue = catalogue_of(tmp_path, f"id,title,description\na,{'x' * 5000},{'y' * 9000}\n")
    assert (len(catalogue["a"].title), len(catalogue["a"].description)) == (300, 4000)


def test_a_missing_column_is_named_with_the_ones_there_are(tmp_path):
    assert refusal(tmp_path, "id,name\na,Apple\n").endswith("books.csv has no column 'title'; its columns are id, name")
    assert "no column 'id'" in refusal(tmp_path, "sku,title\na,Apple\n")
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(CatalogueError, match=r"b\.parquet has no column 'title'"):
        read_catalogue(tmp_path / "b.parquet")


def test_a_missing_column_is_named_though_the_first_row_is_bad_as_well(tmp_path):
    assert "no column 'title'" in refusal(tmp_path, "id,name\na,Apple,1\nb,Bread\n")


@pytest.mark.parametrize(("name", "content"), [("a.csv", ""), ("a.csv", "id,title\n"), ("a.jsonl", ""), ("a.jsonl", "\n\n")])
def test_a_file_without_items_is_called_empty(tmp_path, name, content):
    assert f"{name} is empty" in refusal(tmp_path, content, name=name)


def test_a_file_without_a_usable_row_tells_the_first_problem(tmp_path):
    assert "a.jsonl has no usable row; the first problem: line 1 is not JSON" in refusal(tmp_path, "x\n[1]\n", name="a.jsonl")


@pytest.mark.parametrize("source", ["no-such-catalogue", "folder", ".", ""])
def test_a_place_without_a_catalogue_is_refused(tmp_path, monkeypatch, source):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogueError):
        read_catalogue(source)


def test_an_unknown_name_tells_the_built_in_ones():
    with pytest.raises(CatalogueError, match=r"no catalogue 'flims'.*films"):
        read_catalogue("flims")


@pytest.mark.parametrize(
    ("toml", "telling"),
    [
        ('[facets.colour]\nlabel = "Colour"\n', "'colour', a column that books.csv does not have; its columns are tags, year"),
        ('nuon = "book"\n', "catalogue.toml, setting nuon"),
        ('[facets.year]\nlabelled = "Year"\n', "catalogue.toml, setting facets.year.labelled"),
        ('[facets.year]\nkind = "numbr"\n', "facets.year.kind: input should be 'category', 'number', 'text' or 'items'"),
        ('[facets.tags]\nphrase = "{} and {}"\n', "setting facets.tags.phrase"),
        ('noun = "book\n', "catalogue.toml is not a readable TOML file"),
        ("[facets\n", "line 1"),
    ],
)
def test_a_fault_in_catalogue_toml_is_named_with_its_setting(tmp_path, toml, telling):
    assert telling in refusal(tmp_path, BOOKS, toml)


def test_a_column_with_no_value_yet_is_not_called_missing(tmp_path):
    catalogue = catalogue_of(tmp_path, "id,title,tags\na,Apple,\n", "[facets.tags]\ncard = true\n")
    assert catalogue["a"].words("tags") == ()


def test_the_built_in_films_load_within_a_second_and_without_a_problem():
    begun = time.perf_counter()
    films = read_catalogue("films")
    assert time.perf_counter() - begun < 1
    assert films.problems == ()
    assert len(films) >= 300
    assert films.noun == "film"
