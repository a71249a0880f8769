"""The index of items by vector: Chroma in cosine space, with exact numpy where that is faster or Chroma is lost."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue
from retrieval.chroma_files import files_are_sound, note_sums
from retrieval.constraints import Constraint, Mask
from retrieval.facet_match import Wish
from retrieval.vectors import Vectors, content_hash

if TYPE_CHECKING:
    import chromadb
    from chromadb.api import ClientAPI

Engine = Literal["auto", "chroma", "exact"]
Vector = npt.NDArray[np.float32]

OVER_FETCH = 500  # ids asked of Chroma and filtered in numpy: 3.6 ms, where its own `where` costs 44 to 190 ms (at 100,000)
EXACT_UP_TO = 10_000  # rows: below, one matrix product (0.14 ms) beats Chroma's floor of 1 ms
EXACT_SHARE = 0.05  # of the rows allowed: below, over-fetching would miss them, so the allowed rows are scored directly
PROBES = 16  # vectors looked up when a collection is opened
SYNCED = 1_000  # items after which Chroma writes its index out
BATCH = 5_000  # Chroma refuses batches above 5,461

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of retrieval: the border between who asks and what finds items."""

    k: int = 5
    text: str = ""
    vectors: Mapping[str, Vector] = field(default_factory=dict[str, Vector])  # name -> unit vector
    wishes: tuple[Wish, ...] = ()
    seeds: tuple[tuple[str, float], ...] = ()  # (item id, weight in [-1, 1]): find more (or less) like these
    taste: tuple[tuple[str, float], ...] = ()  # seeds of earlier conversations, which stand behind what this one is after
    examples: tuple[str, ...] = ()  # item ids that the newest message names: "like Alien"
    constraints: tuple[Constraint, ...] = ()
    preferred: tuple[Constraint, ...] = ()  # the same, softly
    exclusions: frozenset[str] = frozenset()
    recent: tuple[str, ...] = ()  # item ids the user had to do with or spoke of, in this conversation or before, oldest first
    person: str = ""  # whose own history is not to be counted among the others'
    now: float | None = None  # seconds; None: after everything that is known
    named: tuple[str, ...] = ()  # item ids that this conversation speaks of, oldest first
    texts: Mapping[str, str] = field(default_factory=dict[str, str])  # "message", "last", "said", "all": stretches of the talk


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with one source's score (the scale is the source's own; higher is better)."""

    item_id: str
    source: str
    score: float


class ItemIndex:
    """Nearest items by cosine. Owns the vectors in memory; Chroma is used once `connect` has found it sound."""

    def __init__(self, catalogue: Catalogue, vectors: Vectors, engine: Engine = "auto") -> None:
        if len(vectors) != len(catalogue):
            raise ValueError(f"{len(vectors)} vectors for {len(catalogue)} items")
        self.catalogue, self.vectors = catalogue, vectors
        self._engine = engine
        self._collection: chromadb.Collection | None = None

    @property
    def engine(self) -> str:
        """Which engine answers a query without constraints now: "chroma" or "exact"."""
        wanted = self._engine == "chroma" or (self._engine == "auto" and len(self.catalogue) > EXACT_UP_TO)
        return "chroma" if wanted and self._collection is not None else "exact"

    def nearest(self, vector: Vector, allowed: Mask, k: int) -> list[tuple[int, float]]:
        """Up to `k` (row, cosine) among the rows allowed, best first."""
        if self.engine == "chroma" and allowed.mean() > EXACT_SHARE:
            found = [(row, score) for row, score in self._chroma_nearest(vector, OVER_FETCH) if allowed[row]]
            if len(found) >= min(k, int(allowed.sum())):
                return found[:k]
        rows = np.flatnonzero(allowed)
        scores = self.vectors[rows] @ vector if len(rows) < len(allowed) else self.vectors @ vector
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(rows[i]), float(scores[i])) for i in best]

    def connect(self, folder: Path, url: str = "") -> None:
        """Open the Chroma collection of these vectors under `folder` (or on the server at `url`), rebuilding it if unsound.

        Until this returns, and whenever Chroma fails later, numpy answers.
        """
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if url:
            host, _, port = url.removeprefix("http://").removeprefix("https://").rstrip("/").partition(":")
            remote = chromadb.HttpClient(host, int(port or 8000), ssl=url.startswith("https"), settings=settings)
            self._collection = self._sound_collection(remote) or self._filled_collection(remote)
            return
        place = folder / content_hash(self.catalogue)
        if place.exists():
            if files_are_sound(place):  # asked before Chroma: opening damaged files can end the process
                client: Any = chromadb.PersistentClient(place, settings=settings)
                self._collection = self._sound_collection(client)
                if self._collection is not None:
                    return
                client.close()
            log.warning("the Chroma cache in %s is unsound and is rebuilt from the owned vectors", place)
        self._rebuild(place, settings)

    def _rebuild(self, place: Path, settings: object) -> None:
        import chromadb
        from chromadb.config import Settings

        draft = place.with_suffix(".building")
        shutil.rmtree(draft, ignore_errors=True)
        client: Any = chromadb.PersistentClient(draft, settings=cast(Settings, settings))
        self._filled_collection(client)
        client.close()
        if place.is_file():
            place.unlink()
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
        self._collection = self._sound_collection(chromadb.PersistentClient(place, settings=cast(Settings, settings)))
        note_sums(place)  # only now: Chroma touches its files once more when it first opens them

    def _filled_collection(self, client: "ClientAPI") -> "chromadb.Collection":
        name = self._collection_name()
        if name in [collection.name for collection in client.list_collections()]:
            client.delete_collection(name)
        ids = [str(row) for row in range(len(self.catalogue))]
        # Written out whole once the last item is in: what stays in its log alone leaves files that change at every opening.
        hnsw: Any = {
            "space": "cosine",
            "sync_threshold": max(2, min(SYNCED, len(ids))),
            "batch_size": max(2, min(100, len(ids))),
        }
        collection = client.create_collection(name, configuration={"hnsw": hnsw}, embedding_function=None)
        for start in range(0, len(ids), BATCH):
            collection.add(ids[start : start + BATCH], self.vectors[start : start + BATCH])
        return collection

    def _sound_collection(self, client: "ClientAPI") -> "chromadb.Collection | None":
        """The collection, if it is there, in cosine space, whole, and finds vectors that are known to be in it."""
        from chromadb.errors import ChromaError

        try:
            collection = client.get_collection(self._collection_name(), embedding_function=None)
            hnsw = collection.configuration_json.get("hnsw") or {}
            if hnsw.get("space") != "cosine" or collection.count() != len(self.catalogue):
                return None
            rows = np.linspace(0, len(self.catalogue) - 1, min(PROBES, len(self.catalogue)), dtype=int)
            found = collection.query(self.vectors[rows], n_results=1, include=["distances"])
        except (ChromaError, ValueError, KeyError, OSError) as error:
            log.warning("Chroma cannot open the collection: %s", error)
            return None
        nearest = [int(ids[0]) for ids in found["ids"]]
        # Two items with the same text share a vector: either may be found for the other.
        sound = all(self.vectors[row] @ self.vectors[hit] > 1 - 1e-4 for row, hit in zip(rows, nearest, strict=True))
        return collection if sound else None

    def _chroma_nearest(self, vector: Vector, k: int) -> list[tuple[int, float]]:
        from chromadb.errors import ChromaError

        assert self._collection is not None
        try:
            k = min(k, len(self.catalogue))
            found = self._collection.query(vector[None, :], n_results=k, include=["distances"])
        except (ChromaError, ValueError, OSError, RuntimeError) as error:
            log.error("Chroma is lost (%s); numpy answers from here on", error)
            self._collection = None
            return []
        distances = (found["distances"] or [[]])[0]
        return [(int(i), 1 - float(d)) for i, d in zip(found["ids"][0], distances, strict=True)]

    def _collection_name(self) -> str:
        digest = content_hash(self.catalogue)
        return f"items-{digest}-{self.vectors.shape[1]}"
