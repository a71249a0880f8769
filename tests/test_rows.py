"""Reading rows: every format, and every kind of row that has to be left out."""

import csv
import json
import tempfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import CatalogueError
from retrieval.rows import BadRow, Row, read_rows

GOOD_CSV = b"id,title\na,Apple\n"
GOOD_JSON = b'{"id": "a", "title": "Apple"}\n'


def rows_of(folder: Path, name: str, content: bytes | str) -> list[Row | BadRow]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(path))


def bad_rows(rows: list[Row | BadRow]) -> list[BadRow]:
    return [row for row in rows if isinstance(row, BadRow)]


def test_rows_of_a_csv_file_carry_their_line_numbers(tmp_path):
    rows = rows_of(tmp_path, "shop.csv", "id,title\na,Apple\nb,Bread\n")
    assert rows == [Row(2, {"id": "a", "title": "Apple"}), Row(3, {"id": "b", "title": "Bread"})]


def test_rows_of_a_json_lines_file_carry_their_line_numbers_and_types(tmp_path):
    rows = rows_of(tmp_path, "shop.jsonl", '{"id": 1, "tags": ["x", "y"]}\n\n{"id": 2, "price": 3.5}\n')
    assert rows == [Row(1, {"id": 1, "tags": ["x", "y"]}), Row(3, {"id": 2, "price": 3.5})]


def test_rows_of_a_parquet_file_are_numbered_from_one(tmp_path):
    path = tmp_path / "shop.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a", "b"], "tags": [["x", "y"], None], "price": [1.5, 2.0]}), path)
    assert list(read_rows(path)) == [
        Row(1, {"id": "a", "tags": ["x", "y"], "price": 1.5}), Row(2, {"id": "b", "tags": None, "price": 2.0}),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), [("a.csv", GOOD_CSV), ("a.jsonl", GOOD_JSON), ("a.ndjson", GOOD_JSON)])
def test_a_byte_order_mark_is_no_part_of_the_first_field(tmp_path, name, content):
    (row,) = rows_of(tmp_path, name, b"\xef\xbb\xbf" + content)
    assert row.fields == {"id": "a", "title": "Apple"}


def test_the_suffix_may_be_in_capitals(tmp_path):
    assert len(rows_of(tmp_path, "SHOP.CSV", GOOD_CSV)) == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"b", "fewer values than the 2 columns"),
        (b"b,Bread,brown", "more values than the 2 columns"),
        (b"b,caf\xe9", "not UTF-8"),
        (b"b,Br\0ead", "zero bytes"),
        (b"b,\x00\x01\x02\xfe\xff", "binary"),
        (b'b,"Bread"x', "not CSV"),
    ],
)
def test_a_bad_csv_row_is_reported_with_its_line_and_the_next_is_read(tmp_path, bad, why):
    rows = rows_of(tmp_path, "shop.csv", GOOD_CSV + bad + b"\nc,Cheese\n")
    (problem,) = bad_rows(rows)
    assert why in problem.why
    assert problem.line == 3
    assert rows[-1] == Row(4, {"id": "c", "title": "Cheese"})


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'{"id": "b", "title": }', "not JSON"),
        (b"b,Bread", "not JSON"),
        (b'["b", "Bread"]', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"id": "b", "title": "caf\xe9"}', "not UTF-8"),
        (b'{"id": "b", "title": "\0"}', "zero bytes"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": "b", "title": "Bread', "not JSON"),
    ],
)
def test_a_bad_json_line_is_reported_with_its_line_and_the_next_is_read(tmp_path, bad, why):
    rows = rows_of(tmp_path, "shop.jsonl", GOOD_JSON + bad + b'\n{"id": "c"}\n')
    (problem,) = bad_rows(rows)
    assert (problem.line, rows[-1]) == (2, Row(3, {"id": "c"}))
    assert why in problem.why


def test_an_unclosed_quote_is_reported_with_the_line_where_it_opens(tmp_path):
    rows = rows_of(tmp_path, "shop.csv", GOOD_CSV + b'b,"Bread\nc,Cheese\nd,Dates\n')
    assert rows[0] == Row(2, {"id": "a", "title": "Apple"})
    assert [problem.line for problem in bad_rows(rows)] == [3]


def test_a_row_over_several_lines_does_not_shift_the_lines_reported_after_it(tmp_path):
    rows = rows_of(tmp_path, "shop.csv", 'id,title\na,"Apple\npie"\nb\n')
    assert rows[0].fields["title"] == "Apple\npie"
    assert [problem.line for problem in bad_rows(rows)] == [4]


def test_a_field_of_megabytes_is_reported_and_the_rows_after_it_are_read(tmp_path):
    rows = rows_of(tmp_path, "shop.csv", GOOD_CSV + b"b," + b"x" * 1_100_000 + b"\nc,Cheese\n")
    assert [problem.line for problem in bad_rows(rows)] == [3]
    assert rows[-1].fields["id"] == "c"


@pytest.mark.parametrize("name", ["shop.csv", "shop.jsonl"])
def test_an_empty_file_has_no_rows(tmp_path, name):
    assert rows_of(tmp_path, name, b"") == []


@pytest.mark.parametrize("content", [b"", b"PAR1junkPAR1", b"id,title\na,Apple\n"])
def test_a_file_that_is_not_parquet_is_refused_by_name(tmp_path, content):
    with pytest.raises(CatalogueError, match=r"shop\.parquet is not a Parquet file"):
        rows_of(tmp_path, "shop.parquet", content)


def test_parquet_text_that_is_not_utf8_is_no_crash(tmp_path):
    ends = pyarrow.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0")
    title = pyarrow.Array.from_buffers(pyarrow.string(), 2, [None, ends, pyarrow.py_buffer(b"a\xff\xfe")])
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a", "b"], "title": title}), tmp_path / "shop.parquet")
    try:
        rows = list(read_rows(tmp_path / "shop.parquet"))
    except CatalogueError as error:
        assert "shop.parquet" in str(error)
    else:
        assert [problem.line for problem in bad_rows(rows)] == [2]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"nowhere\.csv does not exist"):
        list(read_rows(tmp_path / "nowhere.csv"))


def test_a_folder_named_like_a_file_is_refused(tmp_path):
    (tmp_path / "shop.csv").mkdir()
    with pytest.raises(CatalogueError, match=r"shop\.csv .*not a file"):
        list(read_rows(tmp_path / "shop.csv"))


def test_another_suffix_is_refused_with_the_ones_that_are_read(tmp_path):
    with pytest.raises(CatalogueError, match=r"shop\.xlsx has the suffix '\.xlsx'.*\.csv, \.jsonl or \.parquet"):
        rows_of(tmp_path, "shop.xlsx", GOOD_CSV)


def test_a_binary_file_under_a_csv_name_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match=r"shop\.csv, line 1: .*not a CSV file"):
        rows_of(tmp_path, "shop.csv", bytes(range(256)) * 20)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_any_text_written_as_csv_is_read_back(pairs):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "title"), *pairs])
        assert [(row.fields["id"], row.fields["title"]) for row in read_rows(path)] == pairs


@given(st.lists(st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS, max_size=2), min_size=1), max_size=4))
def test_any_object_written_as_json_lines_is_read_back(objects):
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(Path(folder), "shop.jsonl", "\n".join(json.dumps(fields) for fields in objects))
        assert rows == [Row(line, fields) for line, fields in enumerate(objects, 1)]


@settings(deadline=None)
@given(st.sampled_from(["shop.csv", "shop.jsonl", "shop.parquet"]), st.binary(max_size=200), st.booleans())
def test_any_bytes_give_rows_or_one_clear_error(name, junk, with_head):
    with tempfile.TemporaryDirectory() as folder:
        try:
            rows = rows_of(Path(folder), name, (GOOD_CSV if with_head else b"") + junk)
        except CatalogueError as error:
            assert name in str(error)
        else:
            assert all(row.line >= 1 for row in rows)
