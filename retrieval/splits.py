"""Which facet tells most about what is wanted: the expected information of asking for it, over the candidates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue, Facet

OPTIONS = 4  # values offered of a category
PARTS = 3  # ranges offered of a number
RAREST = 0.04  # share of the belief that an option must have to be offered
Belief = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Split:
    """A question that could be asked: `values` of a category, or the inner `bounds` of a number's ranges; `bits` it tells."""

    facet: str
    bits: float
    values: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


def belief(totals: Belief) -> Belief:
    """How likely each candidate is the wanted one: the softmax that the ranker's weights are fitted by."""
    likely = np.exp(totals - totals.max())
    return likely / likely.sum()


def splits(catalogue: Catalogue, likely: Belief, facets: Sequence[Facet]) -> list[Split]:
    """What could be asked about `facets`, most telling first. `likely`: one share a row of the catalogue, adding up to 1."""
    found = [_of_number(catalogue, likely, f) if f.kind == "number" else _of_category(catalogue, likely, f) for f in facets]
    return sorted((split for split in found if split), key=lambda split: -split.bits)


def _of_category(catalogue: Catalogue, likely: Belief, facet: Facet) -> Split | None:
    postings = catalogue.postings.get(facet.name, {})
    shares = {value: float(likely[rows].sum()) for value, rows in postings.items()}
    offered = sorted((v for v, share in shares.items() if RAREST <= share < 1), key=lambda v: (-shares[v], v))[:OPTIONS]
    if len(offered) < 2:
        return None
    answers = np.zeros((len(likely), len(offered) + 1))  # the last: none of them
    for at, value in enumerate(offered):
        answers[postings[value], at] = 1
    answers[~answers.any(axis=1), -1] = 1
    answers /= answers.sum(axis=1, keepdims=True)  # whoever wants an item that has two of them names either
    doubt = np.array([_bits(row) for row in answers])
    return Split(facet.name, _bits(likely @ answers) - float(likely @ doubt), tuple(offered))


def _of_number(catalogue: Catalogue, likely: Belief, facet: Facet) -> Split | None:
    numbers = catalogue.numbers[facet.name]
    known = np.flatnonzero(~np.isnan(numbers) & (likely > 0))
    if not len(known) or likely[known].sum() < 1 / 2:
        return None
    order = known[np.argsort(numbers[known])]
    below = np.cumsum(likely[order]) / likely[order].sum()
    cuts = [float(numbers[order[np.searchsorted(below, part / PARTS)]]) for part in range(1, PARTS)]
    bounds = tuple(dict.fromkeys(_round(cut, float(np.ptp(numbers[known]))) for cut in cuts))
    places = np.searchsorted(bounds, numbers[known], side="right")
    shares = np.bincount(places, weights=likely[known], minlength=len(bounds) + 1) / likely[known].sum()
    if shares.min() < RAREST:
        return None
    return Split(facet.name, _bits(shares) * float(likely[known].sum()), bounds=bounds)


def _round(number: float, spread: float) -> float:
    """A number that people would say, near this one: two figures of it, or more where all numbers are close together."""
    finest = [10.0 ** math.floor(math.log10(size)) for size in (abs(number) / 10, spread / 10) if size > 0]
    return round(round(number / min(finest)) * min(finest), 9) if finest else number


def _bits(shares: Belief) -> float:
    """The entropy of shares that add up to 1."""
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())
