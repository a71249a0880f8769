"""Candidate sources: what is said of an item, each aspect of it apart, against the words of a conversation."""

from collections.abc import Container, Mapping

import numpy as np
import numpy.typing as npt

from retrieval.aspects import Aspects
from retrieval.lexical import Bm25, stems
from retrieval.named import Named

ASKED = (("title", "said"), ("title", "message"), ("kinds", "said"), ("kinds", "last"), ("plain", "said"), ("plain", "last"))
NAMES_IN = ("message", "last", "said", "all")
EVERY = frozenset({*(f"{field}_{stretch}" for field, stretch in ASKED), *(f"names_{stretch}" for stretch in NAMES_IN)})
Scores = npt.NDArray[np.float32]


class Said:
    """BM25 over titles, kinds and plain words, and names said in full: a source for each aspect and stretch of the talk."""

    def __init__(self, aspects: Aspects) -> None:
        self._fields = {"title": Bm25(aspects.title), "kinds": Bm25(aspects.kinds), "plain": Bm25(aspects.plain)}
        self._named = Named(aspects.names)

    def scores(self, texts: Mapping[str, str], counted: Container[str] = EVERY) -> dict[str, Scores]:
        """By source, such as "plain_said", one score a row, at least 0. `texts`: stretches of the talk, as `Query.texts`.

        Only the sources that are `counted` are asked.
        """
        told = {stretch: stems(texts[stretch]) for stretch in {stretch for _, stretch in ASKED} if stretch in texts}
        fields = [(field, stretch) for field, stretch in ASKED if stretch in told and f"{field}_{stretch}" in counted]
        names = [stretch for stretch in NAMES_IN if stretch in texts and f"names_{stretch}" in counted]
        found = {f"{field}_{stretch}": self._fields[field].scores(told[stretch]) for field, stretch in fields}
        return found | {f"names_{stretch}": self._named.scores(texts[stretch]) for stretch in names}
