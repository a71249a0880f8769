"""All candidate sources of one catalogue, asked one query."""

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from retrieval.aspects import Aspects, numbers_of
from retrieval.calibration import Kinds
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint, Mask, relax, rows_allowed
from retrieval.facet_match import FacetMatch
from retrieval.index import Candidate, ItemIndex, Query, Vector
from retrieval.lexical import Lexical
from retrieval.likeness import LIKE, Likeness
from retrieval.meanings import Meaning
from retrieval.memory import Memory
from retrieval.popularity import Popularity
from retrieval.said import EVERY, Said
from retrieval.sequential import OTHERS, Histories
from retrieval.similar import Similar
from retrieval.vectors import Vectors

CANDIDATES = 500  # where Chroma finds the nearest items: so many of the other sources' best join them
SAMPLE = 2_000  # items by which the spread of cosines is judged
FARTHEST = 40.0  # standard deviations that a score may stand out; a word that one item carries would stand out by a hundred
FEW = 20  # moments, or people: with so many, what they teach counts half
PAST, TOGETHER = "past_", frozenset(("often_named", "often_taken", "together", "together_newest", "after"))
FLAT = 1e-6  # a variance of less than that of the mean square is none: all scores are the same
Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Retrieved:
    """What can be recommended, scored by every source that has something to say.

    `scores` has one row for each of the catalogue's `rows` and one column for each of the `names`, at least 0, in standard
    deviations of their source over the catalogue, so that they can be added up; those of popularity are shares of the
    greatest, for one deed among thousands of items would stand forty deviations out. `relaxed` are the constraints given up
    so that there is anything.
    """

    catalogue: Catalogue
    rows: Rows
    names: tuple[str, ...]
    scores: Scores
    relaxed: tuple[Constraint, ...] = ()

    @cached_property
    def candidates(self) -> Mapping[str, Sequence[Candidate]]:
        """By source its items of positive score, best first."""
        found: dict[str, list[Candidate]] = {}
        for name, column in zip(self.names, self.scores.T, strict=True):
            best = [at for at in np.argsort(-column, kind="stable") if column[at] > 0]
            if best:
                found[name] = [Candidate(self.catalogue.items[self.rows[at]].id, name, float(column[at])) for at in best]
        return found


@dataclass(frozen=True, slots=True)
class Sources:
    """The live parts that propose items."""

    index: ItemIndex
    lexical: Lexical
    facets: FacetMatch
    similar: Similar
    popularity: Popularity
    said: Said
    likeness: Likeness
    memory: Memory = field(compare=False)
    histories: Histories = field(compare=False)
    kinds: Kinds
    learning: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)  # what learns: one at a time

    @classmethod
    def of(
        cls, catalogue: Catalogue, vectors: Vectors, index: ItemIndex | None = None, meaning: Meaning | None = None
    ) -> "Sources":
        """Every source over one catalogue and its items' unit vectors. `meaning`: the unit vector of a stretch of talk."""
        facets, aspects = FacetMatch(catalogue), Aspects.of(catalogue)
        similar = Similar(catalogue, vectors, facets)
        return cls(
            index or ItemIndex(catalogue, vectors), Lexical(catalogue), facets, similar, Popularity(catalogue),
            Said(aspects), Likeness(aspects, numbers_of(catalogue)), Memory(catalogue, meaning),
            Histories(len(catalogue)), Kinds(aspects.kinds),
        )  # fmt: skip

    def remembering(self, memory: Memory) -> "Sources":
        """The same sources with another memory of conversations."""
        return replace(self, memory=memory)

    def unlearnt(self) -> "Sources":
        """The same sources that have learnt nothing yet; what is fitted from the catalogue alone is shared."""
        catalogue = self.index.catalogue
        return replace(
            self, popularity=Popularity(catalogue), memory=self.memory.empty(), histories=Histories(len(catalogue)),
            learning=threading.RLock(),
        )  # fmt: skip

    def retrieve(self, query: Query, counted: frozenset[str] | None = None) -> Retrieved:
        """The score of each item by every source, none excluded, every constraint kept that anything can keep.

        A source with nothing to say is left out. Popularity speaks always, so that a newcomer who has said nothing is
        served too. Up to the size at which Chroma takes over every item is scored; beyond, those that Chroma finds near
        and the best of the other sources. `counted`: the sources that matter; what a talk says is asked of no others.
        """
        catalogue = self.index.catalogue
        wanted = np.ones(len(catalogue), dtype=np.bool_)
        wanted[[catalogue.rows[item_id] for item_id in query.exclusions if item_id in catalogue]] = False
        allowed, relaxed = relax(catalogue, query.constraints, wanted)
        found = self._scores(query, counted)
        scored = {
            name: self._trust(name) * _comparable(name, scores)
            for name, scores in found.items() if counted is None or name in counted
        }  # fmt: skip
        vectors = {name: v for name, v in query.vectors.items() if counted is None or f"dense_{name}" in counted}
        if self.index.engine == "exact":
            rows = np.flatnonzero(allowed)
            cosines = (self.index.vectors @ np.stack([*vectors.values()], axis=1)).T if vectors else ()
            scored |= {f"dense_{name}": _in_deviations(scores) for name, scores in zip(vectors, cosines, strict=True)}
            columns = scored if allowed.all() else {name: scores[rows] for name, scores in scored.items()}
        else:
            rows = self._near(vectors.values(), scored, allowed)
            columns = {name: scores[rows] for name, scores in scored.items()} | self._dense(vectors, rows)
        spoken = [name for name, column in columns.items() if column.max(initial=0) > 0]
        table = np.empty((len(spoken), len(rows)), dtype=np.float32)
        for name, line in zip(spoken, table, strict=True):
            np.clip(columns[name], 0, FARTHEST, out=line)
        return Retrieved(catalogue, rows, tuple(spoken), table.T, relaxed)

    def _scores(self, query: Query, counted: frozenset[str] | None) -> dict[str, Scores]:
        """By source one score for every item of the catalogue, the vectors apart."""
        rows = self.index.catalogue.rows
        named, recent = ([rows[item_id] for item_id in ids if item_id in rows] for ids in (query.named, query.recent))
        liked, others = (counted is None or any(name.startswith(start) for name in counted) for start in (LIKE, OTHERS))
        with self.learning:
            learnt = {
                **(self.histories.scores(recent, query.person) if others else {}),
                **self.memory.scores(query.texts, named),
                **self.popularity.scores(query.now),
            }
        return {
            "lexical": self.lexical.scores(query.text),
            "wishes": self.facets.scores(query.wishes),
            "similar": self.similar.scores(query.seeds),
            "taste": self.similar.scores(query.taste),
            "preferred": self._preferred(query),
            "examples": self.similar.scores(tuple((item_id, 1.0) for item_id in query.examples if item_id in rows)),
            **self.said.scores(query.texts, EVERY if counted is None else counted),
            **(self.likeness.scores(recent or named) if liked else {}),
            **learnt,
        }

    def _trust(self, name: str) -> float:
        """How much a source counts for what it has seen: what one visitor took is no rule for the next one's request."""
        if name.startswith(OTHERS):
            seen = len(self.histories)
        elif name.startswith(PAST) or name in TOGETHER:
            seen = len(self.memory)
        else:
            return 1.0
        return seen / (seen + FEW)

    def _preferred(self, query: Query) -> Scores:
        if not query.preferred:
            return np.zeros(len(self.index.catalogue), dtype=np.float32)
        return rows_allowed(self.index.catalogue, query.preferred).astype(np.float32)

    def _near(self, vectors: Iterable[Vector], scored: Mapping[str, Scores], allowed: Mask) -> Rows:
        """The rows that Chroma finds nearest to the vectors, and the best of the other sources taken together."""
        found = [np.array([row for row, _ in self.index.nearest(v, allowed, CANDIDATES)]) for v in vectors]
        total = np.where(allowed, np.sum([np.clip(scores, 0, FARTHEST) for scores in scored.values()], axis=0), -1)
        best = np.argpartition(-total, min(CANDIDATES, len(total) - 1))[:CANDIDATES]
        return np.unique(np.concatenate([best[total[best] >= 0], *found])).astype(np.int64)

    def _dense(self, vectors: Mapping[str, Vector], rows: Rows) -> dict[str, Scores]:
        items = self.index.vectors
        sample = items[:: max(1, len(items) // SAMPLE)]
        return {f"dense_{name}": items[rows] @ vector / _spread(sample @ vector) for name, vector in vectors.items()}


def _comparable(name: str, scores: Scores) -> Scores:
    return scores / scores.max(initial=1) if name == "popular" else _in_deviations(scores)


def _in_deviations(scores: Scores) -> Scores:
    return scores / _spread(scores)


def _spread(scores: Scores) -> float:
    """The standard deviation, by which scores of different sources become comparable; the greatest where all are the same."""
    size = max(1, scores.size)  # by two products: `std` makes three copies
    square = float(scores @ scores) / size
    variance = square - (float(scores.sum()) / size) ** 2
    return math.sqrt(variance) if variance > FLAT * square else float(scores.max(initial=0)) or 1.0
