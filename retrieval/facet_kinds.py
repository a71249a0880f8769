"""What kind of facet a column is, and how one of its values is read."""

import math
from collections.abc import Iterable
from typing import Any, Literal

FacetKind = Literal["category", "number", "text", "items"]  # items: ids of other items of the catalogue
FacetValue = str | float | tuple[str, ...]

CATEGORY_CHARACTERS = 40  # a value longer than this is prose, not the name of a category
CATEGORY_SHARE = 0.8  # share of a column's values that must be short for it to be a category
LIST_MARK = "|"  # separates the values of a list in CSV


def inspect_kind(values: Iterable[Any]) -> FacetKind:
    """The kind of a column by looking at its non-empty values: all numbers, mostly short words, or prose."""
    present = [value for value in values if not is_empty(value)]
    if present and all(_as_number(value) is not None for value in present):
        return "number"
    short = sum(all(len(word) <= CATEGORY_CHARACTERS for word in _as_words(value)) for value in present)
    return "category" if short >= CATEGORY_SHARE * len(present) else "text"


def parse_value(name: str, kind: FacetKind, value: Any) -> FacetValue | None:
    """`value` as facet `name` of `kind` holds it; None when it is empty. Raises ValueError when it does not fit."""
    if is_empty(value):
        return None
    if kind == "number":
        number = _as_number(value)
        if number is None:
            raise ValueError(f"has {name} {value!r}, which is not a number")
        return number
    words = _as_words(value)
    return " ".join(words) if kind == "text" else tuple(words)


def is_empty(value: Any) -> bool:
    """Whether a field counts as not given."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value in ([], ()) or (isinstance(value, float) and math.isnan(value))


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _as_words(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    parts = value if isinstance(value, list | tuple) else str(value).split(LIST_MARK)
    return [word for part in parts if (word := " ".join(str(part).split()))]
