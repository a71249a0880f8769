"""All candidate sources of one catalogue, asked one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint, Mask, relax
from retrieval.facet_match import FacetMatch
from retrieval.index import Candidate, ItemIndex, Query
from retrieval.lexical import Lexical
from retrieval.popularity import Popularity
from retrieval.similar import Similar
from retrieval.vectors import Vectors

CANDIDATES = 200  # asked of each source


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates by source, best first, and the constraints given up so that there are any."""

    candidates: Mapping[str, Sequence[Candidate]]
    relaxed: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """The live parts that propose items."""

    index: ItemIndex
    lexical: Lexical
    facets: FacetMatch
    similar: Similar
    popularity: Popularity

    @classmethod
    def of(cls, catalogue: Catalogue, vectors: Vectors, index: ItemIndex | None = None) -> "Sources":
        """Every source over one catalogue and its items' unit vectors."""
        facets = FacetMatch(catalogue)
        similar = Similar(catalogue, vectors, facets)
        return cls(index or ItemIndex(catalogue, vectors), Lexical(catalogue), facets, similar, Popularity(catalogue))

    def retrieve(self, query: Query) -> Retrieved:
        """Each source's best candidates, none excluded, every constraint kept that anything can keep.

        A source with nothing to say is left out. Popularity speaks always, so that a newcomer who has said nothing is
        served too.
        """
        catalogue = self.index.catalogue
        wanted = np.ones(len(catalogue), dtype=np.bool_)
        wanted[[catalogue.rows[item_id] for item_id in query.exclusions if item_id in catalogue]] = False
        allowed, relaxed = relax(catalogue, query.constraints, wanted)
        scored = {
            "lexical": self.lexical.scores(query.text),
            "wishes": self.facets.scores(query.wishes),
            "similar": self.similar.scores(query.seeds),
            "popular": self.popularity.scores(),
        }
        found = {source: self._best(source, scores, allowed) for source, scores in scored.items()}
        ids = self.index.catalogue.items
        for name, vector in query.vectors.items():
            near = self.index.nearest(vector, allowed, CANDIDATES)
            found[f"dense_{name}"] = [Candidate(ids[row].id, f"dense_{name}", score) for row, score in near]
        return Retrieved({source: candidates for source, candidates in found.items() if candidates}, relaxed)

    def _best(self, source: str, scores: npt.NDArray[np.float32], allowed: Mask) -> list[Candidate]:
        masked = np.where(allowed & (scores > 0), scores, 0)
        best = np.argsort(-masked, kind="stable")[:CANDIDATES]
        items = self.index.catalogue.items
        return [Candidate(items[row].id, source, float(masked[row])) for row in best if masked[row] > 0]
