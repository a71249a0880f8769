"""A candidate source: items that carry a name said in so many words, such as a person's."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.aspects import Documents
from retrieval.lexical import WORD

LONGEST = 4  # words of a name that are looked for


class Named:
    """Scores items by the names of two words or more that a text holds, the rare ones counting more."""

    def __init__(self, names: Documents) -> None:
        self._size = len(names)
        rows: dict[str, list[int]] = {}
        for row, held in enumerate(names):
            for name in dict.fromkeys(held):
                rows.setdefault(" ".join(WORD.findall(name)), []).append(row)
        self._rows = {name: np.array(found) for name, found in rows.items() if " " in name}

    def scores(self, text: str) -> npt.NDArray[np.float32]:
        """One score a row, at least 0: the sum of log(items / items with the name) over the names said."""
        total = np.zeros(self._size, dtype=np.float32)
        for name in self.said(text):
            total[self._rows[name]] += math.log(1 + self._size / (1 + len(self._rows[name])))
        return total

    def said(self, text: str) -> Sequence[str]:
        """The names in `text`, lower-case, in order."""
        words = [word.lower() for word in WORD.findall(text)]
        runs = (" ".join(words[at : at + length]) for length in range(2, LONGEST + 1) for at in range(len(words) - length + 1))
        return [run for run in dict.fromkeys(runs) if run in self._rows]
