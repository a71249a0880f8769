"""Logged conversations from a JSON Lines file: what was said before a recommender's turn, and what was then recommended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from retrieval.catalogue import Catalogue
from retrieval.errors import CatalogueError
from retrieval.rows import BadRow, read_rows

Role = Literal["user", "assistant"]
ROLES = get_args(Role)
LISTS = ("mentioned", "targets", "accepted", "disliked")  # of item ids


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One recommender's turn. `context`: (role, text), oldest first; `mentioned`: item ids, None where none are given."""

    id: str
    turn: str
    context: tuple[tuple[str, str], ...]
    targets: tuple[str, ...]
    mentioned: tuple[str, ...] | None = None
    accepted: tuple[str, ...] | None = None
    disliked: tuple[str, ...] = ()

    @property
    def taken(self) -> tuple[str, ...]:
        """What is learnt from it: the targets that were accepted where that is told, else all but the disliked ones."""
        if self.accepted:
            return self.accepted
        return tuple(item for item in self.targets if item not in self.disliked)


def read_dialogues(file: Path, catalogue: Catalogue) -> Iterator[Dialogue | BadRow]:
    """The rows of a file in order. Items that the catalogue does not have are left out; a row with no target left is bad.

    Raises CatalogueError when the file cannot be read.
    """
    if file.suffix == ".csv":
        raise CatalogueError(f"{file}: dialogues are read from JSON Lines, one recommender's turn a line")
    for row in read_rows(file):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield _dialogue(row.fields, catalogue)
        except ValueError as error:
            yield BadRow(row.line, str(error))


def _dialogue(fields: Mapping[str, Any], catalogue: Catalogue) -> Dialogue:
    dialogue, turn = (str("" if fields.get(name) is None else fields[name]).strip() for name in ("dialog_id", "turn"))
    if not dialogue or not turn:
        raise ValueError(f"has no {'turn' if dialogue else 'dialog_id'}")
    ids = {name: _ids(fields.get(name), name) for name in LISTS}
    targets = ids["targets"]
    if not targets:
        raise ValueError("has no targets")
    known = {name: tuple(item for item in found or () if item in catalogue) for name, found in ids.items()}
    if not known["targets"]:
        raise ValueError(f"names the item {targets[0]!r}, which the catalogue does not have")
    given = {name: None if ids[name] is None else known[name] for name in ("mentioned", "accepted")}
    return Dialogue(
        dialogue, turn, _context(fields.get("context")), known["targets"], given["mentioned"], given["accepted"],
        known["disliked"],
    )  # fmt: skip


def _ids(value: Any, name: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise ValueError(f"has {name} {value!r}, which is not a list of item ids")
    return tuple(str(item) for item in value)


def _context(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise ValueError("has no context: a list of {role, text}")
    found: list[tuple[str, str]] = []
    for said in value:
        if not isinstance(said, dict) or said.get("role") not in ROLES or not isinstance(said.get("text"), str):
            raise ValueError(f"has {said!r} in its context, which is not {{role: user or assistant, text}}")
        found.append((said["role"], said["text"]))
    return tuple(found)
