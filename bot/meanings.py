"""What a stretch of talk means: the leading numbers of its vector. Each is embedded once; imported talk is kept in a file."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.language_model import KeyedEmbeddings
from retrieval.meanings import Vector
from retrieval.vectors import VectorFiles

WIDTH = 256  # numbers compared: all 576 find no more, and 25,000 moments take 25 MB
Progress = Callable[[str, int, int], None]


class TalkMeanings:
    """Unit vectors of talk; in `folder` those of imported talk are kept from one start to the next."""

    def __init__(self, embeddings: KeyedEmbeddings, folder: Path, progress: Progress) -> None:
        self._embeddings, self._width = embeddings, min(WIDTH, embeddings.width)
        self._files = VectorFiles(folder, f"{embeddings.key}-talk", self._width)
        self._progress = progress
        self._known: dict[bytes, Vector] = {}  # by digest, so that no word of a visitor stays here

    def __call__(self, text: str) -> Vector:
        """The meaning of a text: a unit vector."""
        known = self._known.get(_digest(text))
        return self._leading([self._embeddings.embed_query(text)])[0] if known is None else known

    def know(self, texts: Sequence[str], *, keep: bool = False) -> None:
        """Embed these texts ahead, many at a time, which is quicker. `keep`: in the folder, and no others from then on."""
        new, done = list(dict.fromkeys(text for text in texts if text and (keep or _digest(text) not in self._known))), 0
        if not new:
            return

        def count(more: int) -> None:
            nonlocal done
            done += more
            self._progress("embedding conversations", done, len(new))

        if keep:
            vectors = self._files.complete_texts(new, lambda some: self._embedded(some).tolist(), count)
        else:
            vectors = self._embedded(new)
        self._known |= zip(map(_digest, new), vectors, strict=True)

    def _embedded(self, texts: Sequence[str]) -> Vector:
        return self._leading(self._embeddings.embed_queries(texts))

    def _leading(self, vectors: Sequence[Sequence[float]]) -> Vector:
        kept = np.asarray(vectors, dtype=np.float32)[:, : self._width]
        return kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
