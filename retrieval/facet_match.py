"""A candidate source: items that carry the facet values a user wishes for, the rare ones counting more."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

DIRECTION = 0.4  # the most that "cheaper" counts: less than what is to be cheaper, a value that few items carry
HIGH, LOW = "$high", "$low"  # values of a wish on a number facet: much of it, little of it
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wish:
    """A facet value wanted (or not), with the words or deed that say so. `weight` in [-1, 1]; `value` lower-case."""

    facet: str
    value: str
    weight: float
    evidence: str = ""


class FacetMatch:
    """Scores items by the wishes they meet."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def scores(self, wishes: tuple[Wish, ...]) -> Scores:
        """One score a row: the sum over wishes of weight x how far it is met. 0 where no wish is met; may be negative."""
        total = np.zeros(len(self._catalogue), dtype=np.float32)
        for wish in wishes:
            facet = self._catalogue.facets.get(wish.facet)
            weight = wish.weight * (facet.weight if facet else 1.0)
            rows = self._catalogue.postings.get(wish.facet, {}).get(wish.value)
            if rows is not None:
                total[rows] += weight * self.rarity(len(rows))
            elif wish.facet in self._shares:
                share = self._shares[wish.facet]
                total += weight * DIRECTION * (share if wish.value == HIGH else np.where(share > 0, 1 - share, 0))
        return total

    def met(self, wishes: tuple[Wish, ...], item_id: str) -> tuple[Wish, ...]:
        """The wishes of positive weight that an item meets, the one that counts most first."""
        row = self._catalogue.rows[item_id]
        counted = {wish: float(self.scores((wish,))[row]) for wish in wishes if wish.weight > 0}
        enough = {
            wish: part for wish, part in counted.items() if part > (wish.weight * DIRECTION / 2 if wish.value[0] == "$" else 0)
        }
        return tuple(sorted(enough, key=lambda wish: -enough[wish]))

    def rarity(self, count: int) -> float:
        """In (0, 1]: 1 for a value that one item carries, towards 0 for one that all carry (inverse document frequency)."""
        size = len(self._catalogue)
        return math.log((size + 1) / count) / math.log(size + 1)

    @cached_property
    def _shares(self) -> dict[str, Scores]:
        """For each number facet, the share of items with a smaller number, in (0, 1]; 0 where the item has none."""
        shares: dict[str, Scores] = {}
        for name, column in self._catalogue.numbers.items():
            known = np.sort(column[~np.isnan(column)])
            share = (np.searchsorted(known, column, side="left") + 1) / (len(known) + 1)
            shares[name] = np.where(np.isnan(column), 0, share).astype(np.float32)
        return shares
