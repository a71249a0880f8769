"""Texts by what they mean: the leading numbers of their vectors, compared by cosine; texts can be added at any time."""

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Meaning = Callable[[str], Vector]  # unit vectors, all of the same width
ROOM = 1_024  # rows at first


class Meanings:
    """Unit vectors of texts below each other. Without a `meaning` nothing is kept, and nothing is alike."""

    def __init__(self, meaning: Meaning | None = None) -> None:
        self._meaning = meaning
        self._rows, self._count = np.empty((0, 0), dtype=np.float32), 0

    def add(self, text: str) -> None:
        """Keep one more text; an empty one is like no other."""
        if self._meaning is None:
            return
        vector = self._meaning(text) if text else np.zeros(1, dtype=np.float32)
        if self._count == len(self._rows) or len(vector) > self._rows.shape[1]:  # others may be reading the old rows
            grown = np.zeros((max(ROOM, 2 * self._count), max(len(vector), self._rows.shape[1])), dtype=np.float32)
            grown[: self._count, : self._rows.shape[1]] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count, : len(vector)] = vector
        self._count += 1

    def without(self, texts: Collection[int]) -> "Meanings":
        """The same texts but for those at these places."""
        found = Meanings(self._meaning)
        if self._count:
            found._rows = np.delete(self._rows[: self._count], sorted(texts), axis=0)
            found._count = len(found._rows)
        return found

    def likeness(self, text: str) -> Vector:
        """The cosine of `text` with each of the texts kept, at least 0; empty where none is."""
        rows = self._rows[: self._count]
        if self._meaning is None or not text or not len(rows):
            return np.empty(0, dtype=np.float32)
        return np.maximum(rows @ self._meaning(text), 0)
