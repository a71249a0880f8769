"""A candidate source: items like the ones a user took to, by vector and by the rare facet values they share."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue
from retrieval.facet_match import FacetMatch, Wish
from retrieval.vectors import Vectors

REMEMBERED = 64  # items whose likeness to all others is kept: a profile's seeds, asked for by score and by every reason
FACET_SHARE = 0.5  # of the score; the rest is the cosine of the vectors


class Similar:
    """Scores items by likeness to seed items: score(liked) - score(disliked), never an embedded "not"."""

    def __init__(self, catalogue: Catalogue, vectors: Vectors, facets: FacetMatch) -> None:
        self._catalogue, self._vectors, self._facets = catalogue, vectors, facets
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._likeness)

    def scores(self, seeds: tuple[tuple[str, float], ...]) -> npt.NDArray[np.float32]:
        """One score a row: the weighted mean likeness to the seeds, in about [-1, 1]; 0 everywhere without seeds."""
        total = np.zeros(len(self._catalogue), dtype=np.float32)
        for item_id, weight in seeds:
            total += weight * self.likeness(item_id)
        return total / max(1.0, sum(abs(weight) for _, weight in seeds))

    def likeness(self, item_id: str) -> npt.NDArray[np.float32]:
        """Likeness of every row to one item, in about [-1, 1]; 1 for the item itself. Not to be written to: it is kept."""
        return self._remembered(item_id)

    def _likeness(self, item_id: str) -> npt.NDArray[np.float32]:
        shared = self._facets.scores(self._values(item_id))
        own = shared[self._catalogue.rows[item_id]]
        cosine = self._vectors @ self._vectors[self._catalogue.rows[item_id]]
        if own <= 0:  # an item without facets is known by its text alone
            return cosine
        return FACET_SHARE * shared / own + (1 - FACET_SHARE) * cosine

    def shared(self, item_id: str, other_id: str) -> tuple[str, ...]:
        """The telling facet values (shown on cards, where any are) that two items both carry, rarest first."""
        facets = self._catalogue.facets
        told = {name for name, facet in facets.items() if facet.card} or set(facets)
        written = {(name, word.lower()): word for name in told for word in self._catalogue[other_id].words(name)}
        met = ((wish.facet, wish.value) for wish in self._facets.met(self._values(item_id), other_id))
        return tuple(written[pair] for pair in met if pair in written)

    def _values(self, item_id: str) -> tuple[Wish, ...]:
        item = self._catalogue[item_id]
        return tuple(Wish(name, value.lower(), 1.0) for name in self._catalogue.postings for value in item.words(name))
