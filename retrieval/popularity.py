"""Candidate sources: what people took to lately, what was busy, what is well liked; behind it the catalogue's own order."""

import itertools
import math
from array import array

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

HALF_LIFE_DAYS = 60.0  # of "popular": a deed two months old counts half
BUSY_DAYS = (720.0, 180.0, 60.0, 15.0)  # half-lives of "busy_...", each a whole fraction of the first
LIKED_DOUBT = 5.0  # deeds of no opinion added to each item's, so that one friend is not a rule
ORDER_WEIGHT = 1e-3  # far below one deed: the order of the file only breaks ties
DOUBLINGS = 400  # after so many half-lives the counts are scaled anew, long before they overflow
Scores = npt.NDArray[np.float32]
Counts = npt.NDArray[np.float64]


class Popularity:
    """Deeds per item, faded with time: their weights ("popular"), their number ("busy_..."), their mean ("well_liked").

    The weight of a deed and the clock are the caller's. A deed is counted in the same way whenever it comes in.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._rows = catalogue.rows
        size = len(catalogue)
        self._order = (ORDER_WEIGHT * (1 - np.arange(size) / size)).astype(np.float32)
        self._lives = np.array([HALF_LIFE_DAYS, *BUSY_DAYS]) * 86_400
        self._faded = np.zeros((len(self._lives), size))  # as counted at `_base`, so that nothing is touched as time goes on
        self._base = np.zeros(len(self._lives))
        self._sums, self._number = np.zeros(size), np.zeros(size)
        self._as_of = 0.0
        self._deeds = array("q"), array("d"), array("d")  # row, weight, time: to tell what was popular at an earlier time
        self._whose = array("q")  # by whom, so that a person's can be taken out again
        self._people: dict[str, int] = {}
        self._numbers = itertools.count()

    def observe(self, item_id: str, weight: float, time: float, person: str = "") -> None:
        """Count one deed at `time` (seconds); items not in the catalogue are passed over."""
        row = self._rows.get(item_id)
        if row is None:
            return
        if person not in self._people:
            self._people[person] = next(self._numbers)
        self._whose.append(self._people[person])
        rows, weights, times = self._deeds
        rows.append(row)
        weights.append(weight)
        times.append(time)
        self._as_of = max(self._as_of, time)
        for at, life in enumerate(self._lives):
            ages = (time - self._base[at]) / life
            if ages > DOUBLINGS:
                self._faded[at] *= math.exp2(-ages)
                self._base[at], ages = time, 0.0
            self._faded[at, row] += (weight if at == 0 else 1.0) * math.exp2(ages)
        self._sums[row] += weight
        self._number[row] += 1

    def forget(self, person: str) -> None:
        """Count anew without a person's deeds, as if they had never been."""
        number = self._people.pop(person, None)
        if number is None:
            return
        others = np.array(self._whose) != number
        whose, rows, weights, times = (np.array(deeds)[others] for deeds in (self._whose, *self._deeds))
        self._whose, self._deeds = array("q", whose.tobytes()), (
            array("q", rows.tobytes()), array("d", weights.tobytes()), array("d", times.tobytes()),
        )  # fmt: skip
        self._as_of = float(times.max(initial=0.0))
        self._base = np.full(len(self._lives), self._as_of)
        self._faded, self._sums, self._number = self._counted(rows, weights, self._as_of - times)

    def scores(self, now: float | None = None) -> dict[str, Scores]:
        """By source one score a row, at least 0, of the deeds before `now` (seconds; None: all of them).

        Faded as of the newest of them: where nothing happens, nothing fades.
        """
        if now is None or now > self._as_of:
            behind = (self._as_of - self._base) / self._lives
            faded, sums, number = self._faded * np.exp2(-behind)[:, None], self._sums, self._number
        else:
            faded, sums, number = self._before(now)
        found = {"popular": np.maximum(faded[0], 0) + self._order}
        if number.any():
            found |= {f"busy_{days:.0f}": counts for days, counts in zip(BUSY_DAYS, faded[1:], strict=True)}
            found |= {"busy_ever": number, "well_liked": np.maximum(sums, 0) / (number + LIKED_DOUBT)}
        return {name: counts.astype(np.float32) for name, counts in found.items()}

    def _before(self, now: float) -> tuple[Counts, Counts, Counts]:
        rows, weights, times = (np.array(deeds) for deeds in self._deeds)
        past = times < now
        return self._counted(rows[past], weights[past], times[past].max(initial=0) - times[past])

    def _counted(self, rows: npt.NDArray[np.int64], weights: Counts, ages: Counts) -> tuple[Counts, Counts, Counts]:
        """The faded weights by half-life, the sums of the weights and the numbers of deeds `ages` seconds old."""
        size = len(self._order)
        slowest = np.exp2(-ages / (BUSY_DAYS[0] * 86_400))
        counted = [weights * slowest ** (BUSY_DAYS[0] / HALF_LIFE_DAYS), *(slowest ** (BUSY_DAYS[0] / d) for d in BUSY_DAYS)]
        faded, sums, number = (
            np.array([np.bincount(rows, each, minlength=size) for each in every], dtype=np.float64)
            for every in (counted, [weights], [np.ones(len(rows))])
        )
        return faded, sums[0], number[0]
