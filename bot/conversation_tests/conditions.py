"""Conditions on a value: `{$gte: 3}`, `{$in: [horror, comedy]}`; a plain value means `$eq`."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import ge, gt, le, lt
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Scalar = bool | int | float | str


class Strict(BaseModel):
    """What a conversation file holds: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Strict):
    """What a value has to meet, every part of it. Of a list of values one is enough; `$ne` and `$nin` hold of all."""

    eq: Scalar | None = Field(None, alias="$eq")
    ne: Scalar | None = Field(None, alias="$ne")
    gt: float | None = Field(None, alias="$gt")
    gte: float | None = Field(None, alias="$gte")
    lt: float | None = Field(None, alias="$lt")
    lte: float | None = Field(None, alias="$lte")
    in_: list[Scalar] | None = Field(None, alias="$in", min_length=1)
    nin: list[Scalar] | None = Field(None, alias="$nin", min_length=1)

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not self.given:
            raise ValueError("a condition needs an operator: $eq, $ne, $gt, $gte, $lt, $lte, $in or $nin")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """Its operators with their values."""
        return self.model_dump(by_alias=True, exclude_none=True)

    def meets(self, value: Any) -> bool:
        """Whether a value keeps it. A value that is not there (None, an empty list) keeps `$ne` and `$nin` alone."""
        values = value if isinstance(value, list | tuple) else [] if value is None else [value]
        return all(TESTS[operator](list(values), bound) for operator, bound in self.given.items())

    def __str__(self) -> str:
        """As it is written: a plain value for `$eq`."""
        given = self.given
        return str(given["$eq"]) if list(given) == ["$eq"] else "{" + ", ".join(f"{o}: {v}" for o, v in given.items()) + "}"


def _shorthand(written: Any) -> Any:
    return written if isinstance(written, dict | Condition) else {"$eq": written}


Bound = Annotated[Condition, BeforeValidator(_shorthand, json_schema_input_type=Condition | Scalar)]
Facets = Annotated[dict[str, Bound], Field(min_length=1)]  # by facet


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; case does not count, nor whether a number has a point."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-9
    return str(one).lower() == str(other).lower()


def _compared(compare: Callable[[float, float], bool], values: list[Any], bound: float) -> bool:
    return any(isinstance(v, int | float) and not isinstance(v, bool) and compare(v, bound) for v in values)


def _among(values: list[Any], bounds: list[Any]) -> bool:
    return any(same(value, bound) for value in values for bound in bounds)


TESTS: Mapping[str, Callable[[list[Any], Any], bool]] = {
    "$eq": lambda values, bound: _among(values, [bound]),
    "$ne": lambda values, bound: not _among(values, [bound]),
    "$in": _among,
    "$nin": lambda values, bounds: not _among(values, bounds),
    **{f"${name}": partial(_compared, compare) for name, compare in (("gt", gt), ("gte", ge), ("lt", lt), ("lte", le))},
}
