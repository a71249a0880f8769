"""All candidate sources of one catalogue, asked one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint, Mask, relax
from retrieval.facet_match import FacetMatch
from retrieval.index import Candidate, ItemIndex, Query, Vector
from retrieval.lexical import Lexical
from retrieval.popularity import Popularity
from retrieval.similar import Similar
from retrieval.vectors import Vectors

CANDIDATES = 200  # proposed by each source; every source scores what any of them proposes
SAMPLE = 2_000  # items by which the spread of cosines is judged
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What any source proposes, scored by every source: candidates by source, best first, those of positive score alone.

    Scores are in standard deviations of their source over the catalogue, so that they can be added up; those of popularity
    are shares of the greatest, for one deed among thousands of items would stand forty deviations out. `relaxed` are the
    constraints given up so that there are any.
    """

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
        """The candidates of all sources, none excluded, every constraint kept that anything can keep.

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
            "examples": self.similar.scores(tuple((item_id, 1.0) for item_id in query.examples if item_id in catalogue)),
        }
        vectors, asked = self.index.vectors, dict(query.vectors)
        if self.index.engine == "exact":  # every cosine is at hand: a source like the others
            scored |= {f"dense_{name}": vectors @ asked.pop(name) for name in query.vectors}
        popular = self.popularity.scores()
        proposed = [_best(scores, allowed) for scores in (*scored.values(), popular)]
        proposed += [self._nearest(vector, allowed) for vector in asked.values()]
        rows = np.unique(np.concatenate(proposed))
        found = {source: self._candidates(source, rows, scores[rows] / _spread(scores)) for source, scores in scored.items()}
        found["popular"] = self._candidates("popular", rows, popular[rows] / popular.max(initial=1))
        sample = vectors[:: max(1, len(vectors) // SAMPLE)]
        for name, vector in asked.items():
            near = vectors[rows] @ vector / _spread(sample @ vector)
            found[f"dense_{name}"] = self._candidates(f"dense_{name}", rows, near)
        return Retrieved({source: candidates for source, candidates in found.items() if candidates}, relaxed)

    def _nearest(self, vector: Vector, allowed: Mask) -> npt.NDArray[np.int64]:
        return np.array([row for row, _ in self.index.nearest(vector, allowed, CANDIDATES)], dtype=np.int64)

    def _candidates(self, source: str, rows: npt.NDArray[np.int64], scores: Scores) -> list[Candidate]:
        items = self.index.catalogue.items
        best = np.argsort(-scores, kind="stable")
        return [Candidate(items[rows[at]].id, source, float(scores[at])) for at in best if scores[at] > 0]


def _spread(scores: Scores) -> float:
    """The standard deviation, by which scores of different sources become comparable; the greatest where all are the same."""
    return float(scores.std()) or float(scores.max(initial=0)) or 1.0


def _best(scores: Scores, allowed: Mask) -> npt.NDArray[np.int64]:
    """The rows allowed of greatest positive score, at most CANDIDATES."""
    masked = np.where(allowed & (scores > 0), scores, 0)
    best = np.argsort(-masked, kind="stable")[:CANDIDATES]
    return best[masked[best] > 0]
