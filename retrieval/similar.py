"""A candidate source: items like the ones a user took to, by vector, by the rare facet values they share and by links."""

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue
from retrieval.facet_match import FacetMatch, Wish
from retrieval.vectors import Vectors

REMEMBERED = 64  # items of which it is kept what they share with all others: a profile's seeds, and those of every reason
FACET_SHARE = 0.5  # of the score; the rest is the cosine of the vectors
LINK_SHARE = 0.4  # of the score where the catalogue itself links items ("for fans of"), whichever of the two names the other
Scores = npt.NDArray[np.float32]


class Similar:
    """Scores items by likeness to seed items: score(liked) - score(disliked), never an embedded "not"."""

    def __init__(self, catalogue: Catalogue, vectors: Vectors, facets: FacetMatch) -> None:
        self._catalogue, self._vectors, self._facets = catalogue, vectors, facets
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._told)

    def scores(self, seeds: tuple[tuple[str, float], ...]) -> Scores:
        """One score a row: the weighted mean likeness to the seeds, in about [-1, 1]; 0 everywhere without seeds."""
        total = np.zeros(len(self._catalogue), dtype=np.float32)
        if not seeds:
            return total
        near = np.zeros(self._vectors.shape[1], dtype=np.float32)
        for item_id, weight in seeds:
            share, told = self._remembered(item_id)
            near += weight * share * self._vectors[self._catalogue.rows[item_id]]
            total += weight * told
        total += self._vectors @ near  # the sum of the seeds' cosines, in one product
        return total / max(1.0, sum(abs(weight) for _, weight in seeds))

    def likeness(self, item_id: str, other_id: str) -> float:
        """Likeness of an item to another one, in about [-1, 1]; 1 for the item itself."""
        row, other = self._catalogue.rows[item_id], self._catalogue.rows[other_id]
        share, told = self._remembered(item_id)
        return float(share * (self._vectors[row] @ self._vectors[other]) + told[other])

    def _told(self, item_id: str) -> tuple[float, Scores]:
        """How much the cosine counts in the likeness to an item, and by row what is added to it: facet values and links."""
        row = self._catalogue.rows[item_id]
        shared = self._facets.scores(self._values(item_id))
        own, linked = shared[row], self._links.get(row)
        kept = 1.0 if linked is None else 1 - LINK_SHARE
        facets = FACET_SHARE if own > 0 else 0.0  # an item without facets is known by its text alone
        told = (kept * facets / max(own, 1e-12) * shared).astype(np.float32)
        if linked is not None:
            told[[row, *linked]] += LINK_SHARE
        return kept * (1 - facets), told

    def shared(self, item_id: str, other_id: str) -> tuple[str, ...]:
        """The telling facet values (shown on cards, where any are) that two items both carry, rarest first."""
        facets = self._catalogue.facets
        told = {name for name, facet in facets.items() if facet.card} or set(facets)
        written = {(name, word.lower()): word for name in told for word in self._catalogue[other_id].words(name)}
        met = ((wish.facet, wish.value) for wish in self._facets.met(self._values(item_id), other_id))
        return tuple(written[pair] for pair in met if pair in written)

    def link(self, item_id: str, other_id: str) -> str:
        """The label of the facet under which `other_id` names `item_id`, such as "For fans of"; empty when it does not."""
        facets = (name for name, ids in self._catalogue[other_id].links.items() if item_id in ids)
        return next((self._catalogue.facets[name].label for name in facets), "")

    @cached_property
    def _links(self) -> dict[int, set[int]]:
        """For each row with links, to it or from it, the rows at their other ends."""
        rows, linked = self._catalogue.rows, dict[int, set[int]]()
        ends = ((item.id, other) for item in self._catalogue for ids in item.links.values() for other in ids)
        for one, other in ((rows[one], rows[other]) for one, other in ends if other in rows and other != one):
            linked.setdefault(one, set()).add(other)
            linked.setdefault(other, set()).add(one)
        return linked

    def _values(self, item_id: str) -> tuple[Wish, ...]:
        item = self._catalogue[item_id]
        return tuple(Wish(name, value.lower(), 1.0) for name in self._catalogue.postings for value in item.words(name))
