"""Rows of a CSV, JSON Lines or Parquet file, each with its line number; a row that cannot be read is reported, not raised."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from retrieval.errors import CatalogueError

MAX_FIELD_CHARACTERS = 1_000_000  # above it a CSV field is junk (an unclosed quote, a binary file), not text


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: its line (1-based, the header is line 1 in CSV) and its fields by column name."""

    line: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row left out: its line (1-based) and why, in words."""

    line: int
    why: str


def read_rows(path: Path) -> Iterator[Row | BadRow]:
    """Yield the rows of `path` in order; the format follows its suffix (.csv, .jsonl, .ndjson, .parquet).

    Raises CatalogueError when the file is missing, of another format, or not readable as a whole.
    """
    readers = {".csv": _csv_rows, ".jsonl": _json_rows, ".ndjson": _json_rows, ".parquet": _parquet_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CatalogueError(f"{path} has the suffix {path.suffix!r}; a .csv, .jsonl or .parquet file is needed")
    if not path.is_file():
        raise CatalogueError(f"{path} does not exist or is not a file")
    try:
        yield from reader(path)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror or error}") from error


def _open_text(path: Path) -> IO[str]:
    # Bytes that are not UTF-8 come through as lone surrogates, so that one bad row does not cost the file.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _unreadable(text: str) -> str | None:
    if "\0" in text:
        return "holds zero bytes: binary, not text"
    if any("\udc80" <= character <= "\udcff" for character in text):
        return "is not UTF-8 text"
    return None


def _csv_rows(path: Path) -> Iterator[Row | BadRow]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with _open_text(path) as file:
        reader = csv.DictReader(file, strict=True)
        try:
            header = reader.fieldnames or ()
        except csv.Error as error:
            raise CatalogueError(f"{path} is not a CSV file: {error}") from error
        if any(_unreadable(name) for name in header):
            raise CatalogueError(f"{path}, line 1: the header is not text, so this is not a CSV file")
        while True:
            line = reader.reader.line_num + 1  # where the row begins: a quoted value may span lines
            try:
                fields: dict[Any, Any] = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(line, f"is not CSV: {error}")
                continue
            yield _checked_csv_row(line, fields, len(header))


def _checked_csv_row(line: int, fields: dict[Any, Any], columns: int) -> Row | BadRow:
    if None in fields:
        return BadRow(line, f"has more values than the {columns} columns of the header")
    if any(value is None for value in fields.values()):
        return BadRow(line, f"has fewer values than the {columns} columns of the header")
    why = _unreadable("".join(fields.values()))
    return BadRow(line, why) if why else Row(line, fields)


def _json_rows(path: Path) -> Iterator[Row | BadRow]:
    with _open_text(path) as file:
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            why = _unreadable(text)
            if why:
                yield BadRow(line, why)
                continue
            try:
                fields = json.loads(text)
            except (ValueError, RecursionError) as error:
                yield BadRow(line, f"is not JSON: {error}")
                continue
            if not isinstance(fields, dict):
                yield BadRow(line, "is not a JSON object")
            elif "\\ud" in text.lower() and _has_half_characters(fields):
                yield BadRow(line, "holds half of a character (a lone surrogate)")
            else:
                yield Row(line, fields)


def _has_half_characters(fields: dict[str, Any]) -> bool:
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _parquet_rows(path: Path) -> Iterator[Row | BadRow]:
    import pyarrow  # loaded only for Parquet: it is large
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            line = 0
            for batch in file.iter_batches():
                for fields in batch.to_pylist():
                    line += 1
                    yield Row(line, fields)
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path} is not a Parquet file: {error}") from error
