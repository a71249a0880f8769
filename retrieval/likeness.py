"""Candidate sources: items like those named in a conversation, each aspect apart: words, kinds, names, title, numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.aspects import Aspects, Documents
from retrieval.bags import Bags

LIKE = "like_"  # before the aspect in the names of these sources
RECENT = 10  # items looked at, the newest
FADING = 0.8  # what the item named before the last one counts, and so on back
Scores = npt.NDArray[np.float32]


class Likeness:
    """Scores items by their likeness to named ones; the newest counts most."""

    def __init__(self, aspects: Aspects, numbers: npt.NDArray[np.float32]) -> None:
        told: dict[str, Documents] = {
            "plain": aspects.plain, "kinds": aspects.kinds, "names": aspects.names, "title": aspects.title,
        }  # fmt: skip
        self._bags = {aspect: Bags(documents) for aspect, documents in told.items()}
        self._numbers = numbers

    def scores(self, rows: Sequence[int]) -> dict[str, Scores]:
        """By source, such as "like_names", one score a row in [0, 1]; nothing without rows. `rows`: oldest first."""
        rows = rows[-RECENT:]
        if not len(rows):
            return {}
        weights = FADING ** np.arange(len(rows) - 1, -1, -1, dtype=np.float32)
        found: dict[str, Scores] = {}
        for aspect, bags in self._bags.items():
            asked = bags.matrix[list(rows)].T @ weights / weights.sum()
            found[f"{LIKE}{aspect}"] = np.asarray(bags.matrix @ asked, dtype=np.float32)
            if len(rows) > 1 and aspect in ("plain", "names"):
                newest = bags.matrix[rows[-1]].toarray().ravel()
                found[f"{LIKE}{aspect}_newest"] = np.asarray(bags.matrix @ newest, dtype=np.float32)
        if self._numbers.shape[1]:
            found[f"{LIKE}numbers"] = self._near(rows)
        return found

    def _near(self, rows: Sequence[int]) -> Scores:
        """exp(-2 x distance) to the mean of the named items' numbers, in standard deviations; what is not known is not near."""
        of_named = [column[~np.isnan(column)] for column in self._numbers[list(rows)].T]
        middle = np.array([column.mean() if len(column) else np.nan for column in of_named])
        return np.nan_to_num(np.exp(-2 * np.abs(self._numbers - middle))).mean(axis=1).astype(np.float32)
