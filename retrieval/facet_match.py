"""A candidate source: items that carry the facet values a user wishes for, the rare ones counting more."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue


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

    def scores(self, wishes: tuple[Wish, ...]) -> npt.NDArray[np.float32]:
        """One score a row: the sum over wishes met of weight x rarity. 0 where no wish is met; may be negative."""
        total = np.zeros(len(self._catalogue), dtype=np.float32)
        for wish in wishes:
            rows = self._catalogue.postings.get(wish.facet, {}).get(wish.value.lower())
            if rows is not None:
                total[rows] += wish.weight * self._rarity(len(rows))
        return total

    def met(self, wishes: tuple[Wish, ...], item_id: str) -> tuple[Wish, ...]:
        """The wishes of positive weight that an item meets, the one that counts most first."""
        item = self._catalogue[item_id]
        met = [w for w in wishes if w.weight > 0 and w.value in {word.lower() for word in item.words(w.facet)}]
        return tuple(sorted(met, key=lambda w: -w.weight * self._rarity(self._count(w))))

    def _count(self, wish: Wish) -> int:
        return len(self._catalogue.postings[wish.facet][wish.value])

    def _rarity(self, count: int) -> float:
        """In (0, 1]: 1 for a value that one item carries, towards 0 for one that all carry (inverse document frequency)."""
        size = len(self._catalogue)
        return math.log((size + 1) / count) / math.log(size + 1)
