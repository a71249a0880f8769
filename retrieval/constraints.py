"""Hard constraints over facets: which rows keep them, and which one gives way when nothing fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

Operator = Literal["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin"]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition on one facet, with the user's words that set it. Category values are lower-case.

    `others`: for `$in`, values of further facets that do as well ("French" is a country or a language).
    """

    facet: str
    operator: Operator
    value: float | str | tuple[str, ...]
    evidence: str = ""
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def alternatives(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every facet with its values that the condition names; none for one on a number."""
        if isinstance(self.value, int | float):
            return ()
        return ((self.facet, self.value if isinstance(self.value, tuple) else (self.value,)), *self.others)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The facet values that the condition names."""
        return frozenset((facet, value) for facet, values in self.alternatives for value in values)


def rows_allowed(catalogue: Catalogue, constraints: Sequence[Constraint]) -> Mask:
    """Boolean mask, one per row of the catalogue: True where every constraint holds.

    A row without the facet fails every condition but `$ne` and `$nin`: what is not known is not promised.
    Raises KeyError for a facet that the catalogue does not have.
    """
    allowed = np.ones(len(catalogue), dtype=np.bool_)
    for constraint in constraints:
        allowed &= _rows_of(catalogue, constraint)
    return allowed


def relax(catalogue: Catalogue, constraints: Sequence[Constraint], wanted: Mask) -> tuple[Mask, tuple[Constraint, ...]]:
    """The rows of `wanted` that keep the constraints, and the constraints given up so that at least one row does.

    Given up first is the least important one: a condition on what to have before a condition on what to keep out, and
    among equals the one said first, since the last word is what the user means now.
    """
    kept = list(constraints)
    given_up: list[Constraint] = []
    allowed = rows_allowed(catalogue, kept) & wanted
    while not allowed.any() and kept:
        by_importance = sorted(kept, key=lambda c: (c.operator in ("$nin", "$ne"), kept.index(c)))
        enough = (c for c in by_importance if (rows_allowed(catalogue, [k for k in kept if k != c]) & wanted).any())
        least = next(enough, by_importance[0])
        kept.remove(least)
        given_up.append(least)
        allowed = rows_allowed(catalogue, kept) & wanted
    for constraint in reversed(given_up):  # what the others made superfluous to give up is kept after all
        if (rows_allowed(catalogue, [*kept, constraint]) & wanted).any():
            kept.append(constraint)
            given_up.remove(constraint)
    return rows_allowed(catalogue, kept) & wanted, tuple(given_up)


def _rows_of(catalogue: Catalogue, constraint: Constraint) -> Mask:
    if constraint.facet in catalogue.numbers:
        return _number_rows(catalogue.numbers[constraint.facet], constraint)
    if constraint.facet not in catalogue.postings:
        raise KeyError(f"the catalogue has no facet {constraint.facet!r} to filter on")
    if not constraint.alternatives or constraint.operator not in ("$eq", "$in", "$ne", "$nin"):
        raise ValueError(f"{constraint.facet!r} is a category: {constraint.operator} {constraint.value!r} does not fit it")
    mask = np.zeros(len(catalogue), dtype=np.bool_)
    for facet, values in constraint.alternatives:
        for value in values:
            mask[catalogue.postings.get(facet, {}).get(value.lower(), np.empty(0, np.int64))] = True
    return ~mask if constraint.operator in ("$ne", "$nin") else mask


def _number_rows(column: npt.NDArray[np.float64], constraint: Constraint) -> Mask:
    if not isinstance(constraint.value, int | float):
        raise ValueError(f"{constraint.facet!r} is a number: {constraint.value!r} does not fit it")
    compare = {
        "$eq": np.equal, "$ne": np.not_equal, "$gt": np.greater,
        "$gte": np.greater_equal, "$lt": np.less, "$lte": np.less_equal,
    }  # fmt: skip
    if constraint.operator not in compare:
        raise ValueError(f"{constraint.facet!r} is a number: {constraint.operator} does not fit it")
    return compare[constraint.operator](column, constraint.value)
