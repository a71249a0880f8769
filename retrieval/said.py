"""Candidate sources: what is said of an item, each aspect of it apart, against the words of a conversation."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from retrieval.aspects import Aspects
from retrieval.lexical import Bm25, stems
from retrieval.named import Named

ASKED = (("title", "said"), ("title", "message"), ("kinds", "said"), ("kinds", "last"), ("plain", "said"), ("plain", "last"))
NAMES_IN = ("message", "last", "said", "all")
Scores = npt.NDArray[np.float32]


class Said:
    """BM25 over titles, kinds and plain words, and names said in full: a source for each aspect and stretch of the talk."""

    def __init__(self, aspects: Aspects) -> None:
        self._fields = {"title": Bm25(aspects.title), "kinds": Bm25(aspects.kinds), "plain": Bm25(aspects.plain)}
        self._named = Named(aspects.names)

    def scores(self, texts: Mapping[str, str]) -> dict[str, Scores]:
        """By source, such as "plain_said", one score a row, at least 0. `texts`: stretches of the talk, as `Query.texts`."""
        stemmed = {stretch: stems(text) for stretch, text in texts.items()}
        found = {
            f"{field}_{stretch}": self._fields[field].scores(stemmed[stretch]) for field, stretch in ASKED if stretch in texts
        }
        return found | {f"names_{stretch}": self._named.scores(texts[stretch]) for stretch in NAMES_IN if stretch in texts}
