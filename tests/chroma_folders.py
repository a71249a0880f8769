"""An index over made-up items and the Chroma folders that tests of it build, copy and damage."""

from pathlib import Path

import chromadb
import numpy as np
from chromadb.config import Settings

from retrieval.catalogue import Catalogue
from retrieval.index import ItemIndex
from tests.made_up import random_shelf, unit_vectors

COUNT = 300
CATALOGUE, VECTORS = random_shelf(COUNT), unit_vectors(COUNT)
LARGE = 1_500  # rows: from 1,000 on Chroma keeps the vectors in files of their own
ANY = np.ones(COUNT, dtype=np.bool_)


def connected(folder: Path, catalogue: Catalogue = CATALOGUE, vectors: np.ndarray = VECTORS) -> ItemIndex:
    index = ItemIndex(catalogue, vectors, "chroma")
    index.connect(folder)
    assert index.engine == "chroma"
    return index


def exact() -> ItemIndex:
    return ItemIndex(CATALOGUE, VECTORS, "exact")


def place_of(folder: Path) -> Path:
    return next(folder.rglob("chroma.sqlite3")).parent


def client_of(folder: Path) -> "chromadb.ClientAPI":
    return chromadb.PersistentClient(place_of(folder), settings=Settings(anonymized_telemetry=False))


def assert_same(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> None:
    assert [row for row, _ in found] == [row for row, _ in expected]
    np.testing.assert_allclose([score for _, score in found], [score for _, score in expected], atol=1e-5)
