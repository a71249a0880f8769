"""How far each facet of a catalogue is filled, and with what."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from retrieval.catalogue import Catalogue
from retrieval.items import Facet

SHOWN = 3  # values shown as examples


@dataclass(frozen=True, slots=True)
class FacetCoverage:
    """One facet: `share` of the items that have it, in [0, 1], its number of distinct values, and `told`: what they are."""

    facet: Facet
    items: int
    share: float
    values: int
    told: str


def facet_coverage(catalogue: Catalogue) -> list[FacetCoverage]:
    """One line a facet, in the order of the catalogue's columns."""
    return [_coverage(facet, catalogue) for facet in catalogue.facets.values()]


def _coverage(facet: Facet, catalogue: Catalogue) -> FacetCoverage:
    if facet.kind == "number":
        known = [number for item in catalogue if (number := item.number(facet.name)) is not None]
        told = f"{min(known):g} to {max(known):g} {facet.unit}".strip() + f", median {np.median(known):g}" if known else ""
        return _line(facet, catalogue, len(known), len(set(known)), told)
    held = [item.links.get(facet.name, ()) if facet.kind == "items" else item.words(facet.name) for item in catalogue]
    counts = Counter(value for values in held for value in values)
    commonest = counts.most_common(SHOWN) if facet.kind == "category" else []
    told = ", ".join(f"{value} {count}" for value, count in commonest)
    if facet.kind == "items":
        told = f"{sum(counts.values())} link{'' if sum(counts.values()) == 1 else 's'}"
    return _line(facet, catalogue, sum(bool(values) for values in held), len(counts), told)


def _line(facet: Facet, catalogue: Catalogue, items: int, values: int, told: str) -> FacetCoverage:
    return FacetCoverage(facet, items, items / len(catalogue), values, told)
