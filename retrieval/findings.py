"""What looking a catalogue over brings to light, and how a place in it is named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from retrieval.catalogue import Catalogue
from retrieval.items import Item

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault with every place where it is, in file order. An error is to be mended, a warning to be looked at."""

    severity: Severity
    told: str
    where: tuple[str, ...] = ()


def found(severity: Severity, told: str, where: Iterable[str]) -> Iterator[Finding]:
    """The finding, if it is anywhere."""
    places = tuple(where)
    if places:
        yield Finding(severity, told, places)


def place(catalogue: Catalogue, item: Item) -> str:
    """Where an item stands: its line, where it was read from a file, and its id."""
    return f"line {catalogue.lines[catalogue.rows[item.id]]} ({item.id})" if catalogue.lines else item.id
