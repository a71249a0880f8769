"""Candidate sources: items that go together in conversations, item by item, and how often each is named and taken."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.likeness import FADING

TOGETHER_DOUBT, AFTER_DOUBT = 3.0, 5.0  # added below the line, so that one meeting is not a rule
Scores = npt.NDArray[np.float32]
Weights = npt.NDArray[np.floating]


class Together:
    """Counts of conversations: which items they name, which they name together, which are taken after which were named."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._met: dict[str, set[int]] = defaultdict(set)  # conversation -> rows named or taken in it
        self._taken_in: dict[str, dict[int, list[int]]] = defaultdict(dict)  # conversation -> row taken -> rows named before
        self._pairs: dict[int, Counter[int]] = defaultdict(Counter)
        self._after: dict[int, Counter[int]] = defaultdict(Counter)
        self._named, self._taken = np.zeros(items, dtype=np.float32), np.zeros(items, dtype=np.float32)

    def add(self, conversation: str, named: Sequence[int], taken: Sequence[int]) -> None:
        """Count a moment: the rows named before it and those taken in it. A conversation counts each row once."""
        for row in dict.fromkeys((*named, *taken)):
            self._meet(conversation, row)
        for row in dict.fromkeys(taken):
            if row in self._taken_in[conversation]:
                continue
            self._taken_in[conversation][row] = before = [other for other in dict.fromkeys(named) if other != row]
            self._taken[row] += 1
            for other in before:
                self._after[other][row] += 1

    def forget(self, conversation: str) -> None:
        """Take a conversation out of every count."""
        met = self._met.pop(conversation, set[int]())
        for row in met:
            self._named[row] -= 1
            for other in met - {row}:
                self._pairs[row][other] -= 1
        for row, before in self._taken_in.pop(conversation, dict[int, list[int]]()).items():
            self._taken[row] -= 1
            for other in before:
                self._after[other][row] -= 1

    def scores(self, named: Sequence[int]) -> dict[str, Scores]:
        """By source, one score a row, at least 0. `named`: rows, oldest first; without any, what is named and taken most."""
        found = {"often_named": np.log1p(self._named), "often_taken": np.log1p(self._taken)}
        if len(named):
            weights = FADING ** np.arange(len(named) - 1, -1, -1, dtype=np.float32)
            found["together"] = self._together(named, weights)
            found["together_newest"] = self._together(named[-1:], weights[-1:])
            found["after"] = self._summed(self._after, named, weights / (self._named[list(named)] + AFTER_DOUBT))
        return found

    def _together(self, named: Sequence[int], weights: Scores) -> Scores:
        """Cosine of the items' sets of conversations, damped."""
        own = np.sqrt(self._named)
        met = np.zeros(self._items, dtype=np.float32)
        for row, weight in zip(named, weights, strict=True):
            others = self._pairs.get(row)
            if others:
                at = np.fromiter(others.keys(), dtype=np.int64)
                met[at] += weight * np.fromiter(others.values(), dtype=np.float32) / (own[row] * own[at] + TOGETHER_DOUBT)
        return met

    def _summed(self, counts: dict[int, Counter[int]], rows: Sequence[int], weights: Weights) -> Scores:
        total = np.zeros(self._items, dtype=np.float32)
        for row, weight in zip(rows, weights, strict=True):
            others = counts.get(row)
            if others:
                total[np.fromiter(others.keys(), dtype=np.int64)] += weight * np.fromiter(others.values(), dtype=np.float32)
        return total

    def _meet(self, conversation: str, row: int) -> None:
        met = self._met[conversation]
        if row in met:
            return
        for other in met:
            self._pairs[row][other] += 1
            self._pairs[other][row] += 1
        met.add(row)
        self._named[row] += 1
