"""A candidate source: BM25 over the items' words (bm25s)."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

WORD = re.compile(r"\w[\w'’]*")


class Bm25:
    """BM25 (Lucene's variant, k1 = 1.5, b = .75) over lists of stemmed words, one a row."""

    def __init__(self, documents: Sequence[list[str]]) -> None:
        import bm25s  # slow to import

        self._size = len(documents)
        self._vocabulary = frozenset(word for words in documents for word in words)
        self._model = bm25s.BM25()
        if self._vocabulary:
            self._model.index(documents, show_progress=False)

    def scores(self, words: Iterable[str]) -> npt.NDArray[np.float32]:
        """One score a row, at least 0; 0 where none of the (stemmed) words occurs."""
        known = [word for word in dict.fromkeys(words) if word in self._vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)


class Lexical:
    """BM25 over title, facets and description at once, words stemmed as English."""

    def __init__(self, catalogue: Catalogue) -> None:
        tokens = [stems(item.all_text) for item in catalogue]
        self._stems = [frozenset(words) for words in tokens]
        self._index = Bm25(tokens)

    def scores(self, text: str) -> npt.NDArray[np.float32]:
        """One score a row, at least 0; 0 where no word of `text` occurs."""
        return self._index.scores(stems(text))

    def matched(self, text: str, row: int) -> tuple[str, ...]:
        """The words of `text`, lower-case, that the item in `row` carries in some form."""
        words = dict.fromkeys(match.group().lower() for match in WORD.finditer(text))
        return tuple(word for word in words if any(part in self._stems[row] for part in stems(word)))


def stems(text: str) -> list[str]:
    """The words of `text`, lower-case and stemmed, without the commonest English ones."""
    words = (match.group().lower() for match in WORD.finditer(text))
    return [stem(word) for word in words if word not in common_words()]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English stem of one word, lower-case, its possessive ending dropped."""
    return _stemmer().stemWord(word.lower().removesuffix("'s").removesuffix("’s"))


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The commonest English words, which tell items apart by nothing (bm25s's list)."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
