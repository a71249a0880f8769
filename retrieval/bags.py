"""Bags of words as sparse rows of tf-idf, to which rows can be added at any time."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

REWEIGHED = 1.1  # when there are so many times the texts, the words are weighed anew
Numbers = npt.NDArray[np.float32]


class Bags:
    """Texts by their words: (1 + log count) x (log((1 + texts) / (1 + texts with it)) + 1), each row of length 1."""

    def __init__(self, documents: Iterable[Sequence[str]] = ()) -> None:
        self._words: dict[str, int] = {}
        self._rows: list[tuple[npt.NDArray[np.int32], Numbers]] = []
        self._texts_with: list[int] = []
        self._weighed = 0  # rows when the words were last weighed
        self._rarity = np.empty(0, dtype=np.float32)
        self._matrix: Any = None
        for words in documents:
            self.add(words)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, words: Sequence[str]) -> None:
        """Put one text below the others."""
        counted, known, texts_with = Counter(words), self._words, self._texts_with
        columns: list[int] = []
        for word in counted:
            at = known.get(word)
            if at is None:
                at = known[word] = len(known)
                texts_with.append(1)
            else:
                texts_with[at] += 1
            columns.append(at)
        self._rows.append((np.array(columns, dtype=np.int32), np.array([*counted.values()], dtype=np.float32)))

    def without(self, rows: Collection[int]) -> "Bags":
        """The same texts but for these rows, as if those had never been put in: no word of theirs alone is left."""
        kept = [row for at, row in enumerate(self._rows) if at not in rows]
        with_word = np.bincount(
            np.concatenate([np.empty(0, np.int32), *(columns for columns, _ in kept)]), minlength=len(self._words)
        )
        moved = np.cumsum(with_word > 0) - 1
        found = Bags()
        found._words = {word: int(moved[at]) for word, at in self._words.items() if with_word[at]}
        found._texts_with = with_word[with_word > 0].tolist()
        found._rows = [(moved[columns].astype(np.int32), counts) for columns, counts in kept]
        return found

    @property
    def matrix(self) -> Any:
        """All texts, sparse, of shape (texts, words)."""
        ready = 0 if self._matrix is None else self._matrix.shape[0]
        if len(self) > ready and len(self) > REWEIGHED * self._weighed:
            with_word = np.array(self._texts_with, dtype=np.float32)
            self._rarity = (np.log((1 + len(self)) / (1 + with_word)) + 1).astype(np.float32)
            self._weighed, ready, self._matrix = len(self), 0, None
        if len(self) > ready:
            new = self._weighted(self._rows[ready:])
            self._matrix = new if not ready else sparse.vstack([self._matrix, new], format="csr")
        return self._matrix if self._matrix is not None else sparse.csr_matrix((0, len(self._rarity)), dtype=np.float32)

    def likeness(self, words: Iterable[str]) -> Numbers:
        """Cosine of a text with every row, in [0, 1]."""
        matrix = self.matrix
        asked = np.zeros(matrix.shape[1], dtype=np.float32)
        columns, counts = self._known(Counter(words))
        inside = columns < len(asked)
        columns, counts = columns[inside], counts[inside]
        asked[columns] = (1 + np.log(counts)) * self._rarity[columns]
        return np.asarray(matrix @ (asked / (np.linalg.norm(asked) or 1.0)), dtype=np.float32)

    def _known(self, counted: Counter[str]) -> tuple[npt.NDArray[np.int32], Numbers]:
        known = {self._words[word]: count for word, count in counted.items() if word in self._words}
        return np.array(list(known), dtype=np.int32), np.array(list(known.values()), dtype=np.float32)

    def _weighted(self, rows: Sequence[tuple[npt.NDArray[np.int32], Numbers]]) -> Any:
        """Rows of length 1. Words met since the last weighing are left out until the next."""
        width = len(self._rarity)
        kept = [(columns[columns < width], counts[columns < width]) for columns, counts in rows]
        weighted = [(1 + np.log(counts)) * self._rarity[columns] for columns, counts in kept]
        data = np.concatenate([np.empty(0), *(row / (np.linalg.norm(row) or 1.0) for row in weighted)])
        columns = np.concatenate([np.empty(0, np.int32), *(columns for columns, _ in kept)])
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in kept])])
        return sparse.csr_matrix((data.astype(np.float32), columns, starts), shape=(len(rows), width))
