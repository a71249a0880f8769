"""The vectors of a catalogue's items, owned in one .npy file named by model and content; Chroma is only a cache of them."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import Catalogue

BATCH = 32  # items embedded, and made safe on disk, at a time
Vectors = npt.NDArray[np.float32]
Embed = Callable[[list[str]], Sequence[Sequence[float]]]


class VectorFiles:
    """The vector files of one embedding model in one folder.

    A file holds records (key of the item's text, unit vector). `vectors-<model>-<hash>.npy` is complete and replaced
    as a whole; `vectors-<model>.partial` grows while embedding goes on, so that a killed run is resumed where it was.
    """

    def __init__(self, folder: Path, model: str, width: int) -> None:
        self._folder, self._model = folder, model
        self._record = np.dtype([("key", "S32"), ("sum", "<u4"), ("vector", "<f4", (width,))])
        self._partial = folder / f"vectors-{model}.partial"

    def path(self, catalogue: Catalogue) -> Path:
        """Where the finished vectors of `catalogue` are, or will be."""
        return self._folder / f"vectors-{self._model}-{content_hash(catalogue)}.npy"

    def complete(self, catalogue: Catalogue, embed: Embed, progress: Callable[[int], None] = lambda _: None) -> Vectors:
        """Unit vectors of all items, one row each, embedding only texts that no earlier run of this model has embedded.

        `progress` is called with the number of items that have just become ready. Damaged files count as absent.
        """
        return self._complete([item.text for item in catalogue], self.path(catalogue), embed, progress)

    def complete_texts(self, texts: Sequence[str], embed: Embed, progress: Callable[[int], None] = lambda _: None) -> Vectors:
        """The same for texts that are no catalogue's; earlier files go, with the texts that are no longer among these."""
        path = self._folder / f"vectors-{self._model}-{_digest(map(str.encode, texts))}.npy"
        vectors = self._complete(texts, path, embed, progress)
        for other in self._finished():
            if other != path:
                other.unlink()
        return vectors

    def _complete(self, texts: Sequence[str], path: Path, embed: Embed, progress: Callable[[int], None]) -> Vectors:
        keys = [_key(text) for text in texts]
        ready = self._ready()
        progress(sum(key in ready for key in keys))
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in ready}.items())
        self._folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            records = np.zeros(len(batch), dtype=self._record)
            records["key"] = [key for key, _ in batch]
            vectors = np.asarray(embed([text for _, text in batch]), dtype=np.float32)
            records["vector"] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            records["sum"] = _sums(records["vector"])
            self._append(records)
            ready.update(zip([key for key, _ in batch], records["vector"], strict=True))
            progress(len(batch))
        vectors = np.stack([ready[key] for key in keys])
        if not path.exists() or missing:
            self._replace(path, keys, vectors)
        self._partial.unlink(missing_ok=True)
        return vectors

    def _finished(self) -> list[Path]:
        return sorted(self._folder.glob(f"vectors-{self._model}-{16 * '[0-9a-f]'}.npy"))

    def _ready(self) -> dict[bytes, npt.NDArray[np.float32]]:
        found: dict[bytes, npt.NDArray[np.float32]] = {}
        for path in self._finished():
            try:
                records = np.load(path, allow_pickle=False)
            except (ValueError, OSError, EOFError, SyntaxError, TokenError, BadZipFile):
                path.unlink()
                continue
            if records.dtype == self._record:
                found.update(_sound(records))
        if self._partial.exists():
            whole = self._partial.stat().st_size // self._record.itemsize  # a killed write leaves half a record
            found.update(_sound(np.fromfile(self._partial, dtype=self._record, count=whole)))
            os.truncate(self._partial, whole * self._record.itemsize)
        return found

    def _append(self, records: npt.NDArray[np.void]) -> None:
        with self._partial.open("ab") as file:
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, path: Path, keys: list[bytes], vectors: Vectors) -> None:
        records = np.zeros(len(keys), dtype=self._record)
        records["key"], records["vector"], records["sum"] = keys, vectors, _sums(vectors)
        draft = path.with_suffix(".writing")
        with draft.open("wb") as file:
            np.save(file, records, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def content_hash(catalogue: Catalogue) -> str:
    """Sixteen hex digits that change when an item's id or text does."""
    return _digest(part.encode() for item in catalogue for part in (item.id, item.text))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part + b"\0")
    return digest.hexdigest()[:16]


def _key(text: str) -> bytes:
    # "S32" strips trailing zero bytes when read back: hex digits have none.
    return hashlib.sha256(text.encode()).hexdigest()[:32].encode()


def _sound(records: npt.NDArray[np.void]) -> dict[bytes, npt.NDArray[np.float32]]:
    """The records whose vector is as it was written; a flipped bit or a torn page shows in its checksum."""
    sound = records["sum"] == _sums(records["vector"])
    return dict(zip(records["key"][sound].tolist(), records["vector"][sound], strict=True))


def _sums(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    return np.array([zlib.crc32(vector.tobytes()) for vector in vectors], dtype=np.uint32)
