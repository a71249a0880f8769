"""A candidate source: what people have taken to lately, behind it the catalogue's own order."""

import math

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

HALF_LIFE_DAYS = 60.0  # a deed two months old counts half; to be fitted where behaviour is logged
ORDER_WEIGHT = 1e-3  # far below one deed: the order of the file only breaks ties


class Popularity:
    """Deeds per item, faded with time. The weight of a deed and the clock are the caller's."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._rows = catalogue.rows
        size = len(catalogue)
        self._order = (ORDER_WEIGHT * (1 - np.arange(size) / size)).astype(np.float32)
        self._counts = np.zeros(size, dtype=np.float64)
        self._as_of = 0.0

    def observe(self, item_id: str, weight: float, time: float) -> None:
        """Count one deed at `time` (seconds); items not in the catalogue are passed over."""
        row = self._rows.get(item_id)
        if row is None:
            return
        if time > self._as_of:
            self._counts *= _faded(time - self._as_of)
            self._as_of = time
        self._counts[row] += weight * _faded(self._as_of - time)

    def scores(self) -> npt.NDArray[np.float32]:
        """One score a row, at least 0."""
        return np.maximum(self._counts, 0).astype(np.float32) + self._order


def _faded(seconds: float) -> float:
    return math.exp2(-seconds / 86_400 / HALF_LIFE_DAYS)
