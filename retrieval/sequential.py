"""Candidate sources: what others did around the items of a history: beside them, right after them, and people like this one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.collaborative import AFTER_DOUBT, TOGETHER_DOUBT, Scores
from retrieval.likeness import FADING, RECENT

OTHERS = "others_"  # before the names of these sources
FOLLOWS = 5  # places after an item that count as following it
NEAR, FAR = 5.0, 30.0  # places by which what stands near a shared item has faded to a third
MOST_PEOPLE = 500  # newest histories looked at for one item
LIKE_MINDED = 100  # people who count as being like this one
Places = npt.NDArray[np.int64]


class Histories:
    """Everybody's items in the order in which they came, each item once, at its newest place. Grows by one deed at a time."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._people: dict[str, int] = {}
        self._rows: list[list[int]] = []
        self._with: list[dict[int, int]] = [{} for _ in range(items)]  # by item: person -> place in that history
        self._arrays: dict[int, Places] = {}
        self._ends: dict[int, tuple[Places, Places]] = {}  # by item: the people with it, and its place with each of them
        self._counts = np.zeros(items, dtype=np.float32)

    def __len__(self) -> int:
        return len(self._people)

    def add(self, person: str, row: int) -> None:
        """Put an item at the end of a person's history; one that stands in it already stays where it is."""
        at = self._people.setdefault(person, len(self._rows))
        if at == len(self._rows):
            self._rows.append([])
        if at in self._with[row]:
            return
        self._with[row][at] = len(self._rows[at])
        self._ends.pop(row, None)
        self._rows[at].append(row)
        self._counts[row] += 1
        self._arrays.pop(at, None)

    def forget(self, person: str) -> None:
        """Take a person's history out, as if it had never been."""
        at = self._people.pop(person, -1)
        if at < 0:
            return
        for row in self._rows[at]:
            del self._with[row][at]
            self._ends.pop(row, None)
            self._counts[row] -= 1
        self._rows[at] = []
        self._arrays.pop(at, None)

    def scores(self, recent: Sequence[int], person: str = "") -> dict[str, Scores]:
        """By source one score a row, at least 0; nothing without a history. `recent`: rows, oldest first.

        `person`: whose own history is not to be counted.
        """
        newest = list(dict.fromkeys(reversed(recent)))[:RECENT]
        if not newest:
            return {}
        weights = FADING ** np.arange(len(newest), dtype=np.float32)
        own = self._people.get(person, -1)
        shared = [self._around(row, own) for row in newest]
        likeness = self._likeness(shared, weights)
        total = {name: np.zeros(self._items, dtype=np.float32) for name in ("beside", "follows", "near", "far", "onwards")}
        for (people, rows, gaps, whose), row, weight in zip(shared, newest, weights, strict=True):
            if not len(people):
                continue
            share = np.sqrt(self._counts[row] * self._counts) + TOGETHER_DOUBT
            total["beside"] += weight * self._sum(rows) / share
            after = (gaps > 0) & (gaps <= FOLLOWS)
            total["follows"] += weight * self._sum(rows[after], 1 / gaps[after]) / (self._counts[row] + AFTER_DOUBT)
            mind = weight * likeness[whose]
            alike = np.flatnonzero(mind)
            mind, rows, gaps = mind[alike], rows[alike], gaps[alike]
            near = mind * np.exp(-np.abs(gaps) / NEAR)
            total["near"] += self._sum(rows, near)
            total["far"] += self._sum(rows, mind * np.exp(-np.abs(gaps) / FAR))
            total["onwards"] += self._sum(rows, near * (gaps > 0))
        first = shared[0]
        after = (first[2] > 0) & (first[2] <= FOLLOWS)
        total["follows_newest"] = self._sum(first[1][after], 1 / first[2][after]) / (self._counts[newest[0]] + AFTER_DOUBT)
        total["beside_newest"] = self._sum(first[1]) / (np.sqrt(self._counts[newest[0]] * self._counts) + TOGETHER_DOUBT)
        return {f"{OTHERS}{name}": scores for name, scores in total.items()}

    def _around(self, row: int, own: int) -> tuple[Places, Places, Places, Places]:
        """The people with an item; all their items, how many places after it each stands, and whose it is."""
        if row not in self._ends:
            held = self._with[row]
            people, places = (np.fromiter(ends, dtype=np.int64, count=len(held)) for ends in (held.keys(), held.values()))
            self._ends[row] = people, places
        people, places = self._ends[row]
        others = np.flatnonzero(people != own)[-MOST_PEOPLE:]
        people, places = people[others], places[others]
        histories = [self._history(person) for person in people.tolist()]
        lengths = np.fromiter(map(len, histories), dtype=np.int64, count=len(histories))
        rows = np.concatenate([np.empty(0, dtype=np.int64), *histories])
        gaps = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths + places, lengths)
        return people, rows, gaps, np.repeat(people, lengths)

    def _likeness(self, shared: Sequence[tuple[Places, Places, Places, Places]], weights: Scores) -> Scores:
        """By person, how much of the recent items they share, less for those who have everything; 0 but for the likest."""
        found = np.zeros(len(self._rows), dtype=np.float32)
        for (people, *_), weight in zip(shared, weights, strict=True):
            found[people] += weight
        some = np.flatnonzero(found)
        found[some] /= np.array([len(self._rows[person]) for person in some]) ** 0.25
        if len(some) > LIKE_MINDED:
            found[found < np.partition(found, -LIKE_MINDED)[-LIKE_MINDED]] = 0
        return found

    def _history(self, person: int) -> Places:
        if person not in self._arrays:
            self._arrays[person] = np.array(self._rows[person], dtype=np.int64)
        return self._arrays[person]

    def _sum(self, rows: Places, weights: npt.NDArray[np.floating] | None = None) -> Scores:
        return np.bincount(rows, weights=weights, minlength=self._items).astype(np.float32)
