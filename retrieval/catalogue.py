"""Catalogues of any domain, and how one is read from a file. `Item` and `Facet` are handed on from items.py."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.catalogue_toml import CatalogueToml, FacetToml, read_toml
from retrieval.errors import CatalogueError
from retrieval.facet_kinds import inspect_kind, is_empty, parse_value
from retrieval.items import Facet, Item
from retrieval.rows import BadRow, Row, read_rows

BUILT_IN = Path(__file__).parent / "catalogues"
RESERVED = {"id", "title", "description"}
# the settings of a facet in catalogue.toml that are taken as they are
SHARED = ("card", "embed", "weight", "unit", "units", "synonyms", "hard", "called", "phrase", "ask", "up", "down")
MAX_TITLE_CHARACTERS = 300  # longer titles are cut: nothing that long is a title
MAX_DESCRIPTION_CHARACTERS = 4_000  # longer text is cut: no embedding model here reads further


@dataclass(frozen=True)
class Catalogue:
    """Items in file order with their facets; `problems` are the rows left out."""

    items: tuple[Item, ...]
    facets: Mapping[str, Facet]
    noun: str = "item"
    plural: str = "items"
    starters: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()  # short messages to go on with after a slate
    consumed: str = "Seen it"  # the button that says: I know this already
    problems: tuple[BadRow, ...] = ()
    lines: tuple[int, ...] = ()  # the line (1-based) that each item was read from
    folder: Path = Path()  # where local images are looked for

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.rows

    def __getitem__(self, item_id: str) -> Item:
        return self.items[self.rows[item_id]]

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Item id to its row (0-based) in every array that speaks of this catalogue."""
        return {item.id: row for row, item in enumerate(self.items)}

    @cached_property
    def postings(self) -> Mapping[str, Mapping[str, npt.NDArray[np.int64]]]:
        """For each category facet, its values (lower-case) with the rows that carry them."""
        found: dict[str, dict[str, list[int]]] = {f.name: {} for f in self.facets.values() if f.kind == "category"}
        for row, item in enumerate(self.items):
            for name, values in found.items():
                for word in item.words(name):
                    values.setdefault(word.lower(), []).append(row)
        return {name: {v: np.unique(rows) for v, rows in values.items()} for name, values in found.items()}

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The facets that say what kind of thing an item is: those that weigh more than others."""
        return frozenset(facet.name for facet in self.facets.values() if facet.weight > 1)

    @cached_property
    def numbers(self) -> Mapping[str, npt.NDArray[np.float64]]:
        """For each number facet, one number a row; NaN where the item has none."""
        names = [f.name for f in self.facets.values() if f.kind == "number"]
        return {n: np.array([np.nan if (x := i.number(n)) is None else x for i in self.items]) for n in names}


def read_catalogue(source: str | Path) -> Catalogue:
    """Read a catalogue from a CSV, JSON Lines or Parquet file, a folder holding `catalogue.*`, or the name of a built-in one.

    Rows that cannot be used (no id, no title, a repeated id, a value of the wrong kind) are left out and stand in
    `problems` with their line. Raises CatalogueError when the file as a whole cannot be used.
    """
    path = _locate(source)
    toml = read_toml(path.with_name("catalogue.toml"))
    rows, problems = _usable_rows(path)
    facets = _facets(path, rows, toml)
    items: dict[int, Item] = {}
    for row in rows:
        try:
            items[row.line] = _item(row, facets, toml.image)
        except ValueError as error:
            problems.append(BadRow(row.line, str(error)))
    problems.sort(key=lambda bad: bad.line)
    if not items:
        raise CatalogueError(
            f"{path} has no usable row; the first problem: line {problems[0].line} {problems[0].why}"
            if problems
            else f"{path} is empty: it holds no item"
        )
    return Catalogue(
        tuple(items.values()), facets, toml.noun, toml.plural or toml.noun + "s", toml.starters, toml.replies, toml.consumed,
        tuple(problems), tuple(items), path.parent,
    )  # fmt: skip


def _locate(source: str | Path) -> Path:
    path = Path(source)
    for folder in (BUILT_IN / str(source), path):
        found = sorted(f for f in folder.glob("catalogue.*") if f.suffix != ".toml") if folder.is_dir() else []
        if found:
            return found[0]
    if path.is_dir():
        raise CatalogueError(f"the folder {path} holds no catalogue.jsonl, catalogue.csv or catalogue.parquet")
    if not path.suffix and not path.exists():
        known = ", ".join(sorted(f.name for f in BUILT_IN.iterdir() if f.is_dir()))
        raise CatalogueError(f"there is no catalogue {str(source)!r}: give a file, or a built-in one ({known})")
    return path


def _usable_rows(path: Path) -> tuple[list[Row], list[BadRow]]:
    rows: list[Row] = []
    problems: list[BadRow] = []
    seen: dict[str, int] = {}
    columns: set[str] = set()
    for row in read_rows(path):
        if isinstance(row, BadRow):
            problems.append(row)
            continue
        item_id, title = (_text(row, column) for column in ("id", "title"))
        columns.update(row.fields)
        if not item_id or not title:
            problems.append(BadRow(row.line, "has no title" if item_id else "has no id"))
        elif item_id in seen:
            problems.append(BadRow(row.line, f"repeats the id {item_id!r} of line {seen[item_id]}"))
        else:
            seen[item_id] = row.line
            rows.append(row)
    missing = [column for column in ("id", "title") if column not in columns]
    if columns and missing:
        raise CatalogueError(f"{path} has no column {missing[0]!r}; its columns are {', '.join(sorted(columns))}")
    return rows, problems


def _text(row: Row, column: str) -> str:
    value = row.fields.get(column)
    return "" if value is None else " ".join(str(value).split())


def _facets(path: Path, rows: list[Row], toml: CatalogueToml) -> dict[str, Facet]:
    columns: dict[str, list[object]] = {}
    reserved = RESERVED | {toml.image}
    for row in rows:
        for name, value in row.fields.items():
            if name not in reserved and not is_empty(value):
                columns.setdefault(name, []).append(value)
    there = {name for row in rows for name in row.fields}
    unknown = sorted({*toml.facets, *({toml.image} if "image" in toml.model_fields_set else ())} - there)
    if unknown and rows:
        raise CatalogueError(
            f"{path.with_name('catalogue.toml')} names {unknown[0]!r}, a column that {path.name} does not have; "
            f"its columns are {', '.join(sorted(there - reserved)) or 'none'}"
        )
    told = {name: toml.facets.get(name, FacetToml()) for name in columns}
    return {
        name: Facet(
            name=name,
            kind=told[name].kind or inspect_kind(values),
            label=told[name].label or name.replace("_", " ").capitalize(),
            **{shared: getattr(told[name], shared) for shared in SHARED},
        )
        for name, values in columns.items()
        if not told[name].hidden
    }


def _item(row: Row, facets: Mapping[str, Facet], image: str) -> Item:
    values = {name: parse_value(name, facet.kind, row.fields.get(name)) for name, facet in facets.items()}
    links = {name: value for name, value in values.items() if facets[name].kind == "items" and isinstance(value, tuple)}
    return Item(
        id=_text(row, "id"),
        title=_text(row, "title")[:MAX_TITLE_CHARACTERS],
        description=_text(row, "description")[:MAX_DESCRIPTION_CHARACTERS],
        facets={name: value for name, value in values.items() if value is not None and name not in links},
        silent=frozenset(name for name, facet in facets.items() if not facet.embed),
        links=links,
        image=_text(row, image),
    )
