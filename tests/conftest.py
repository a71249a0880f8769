"""What tests share: a small catalogue of the project's own, an embedder made of words, a recommender over both."""

import json
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.events import EventLog
from bot.language_model import KeyedEmbeddings
from bot.recommender import Recommender
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.lexical import stems
from retrieval.sources import Sources

WIDTH = 256
FILMS = [
    ("harbour-1950", "Cold Harbour", 1950, ["film noir", "crime"], ["dark", "tense"], ["smuggling", "betrayal"], 96),
    ("signal-1979", "Signal", 1979, ["science fiction", "horror"], ["tense", "dark"], ["spaceship", "monster"], 117),
    ("listeners-2016", "The Listeners", 2016, ["science fiction", "drama"], ["quiet", "cerebral"], ["aliens", "language"], 116),
    ("orbit-2009", "Low Orbit", 2009, ["science fiction"], ["quiet", "eerie"], ["space", "loneliness"], 97),
    ("starlight-2019", "Starlight Run", 2019, ["science fiction", "comedy"], ["funny", "exciting"], ["space", "heist"], 104),
    ("vault-1988", "The Vault Boys", 1988, ["crime", "comedy"], ["funny", "clever"], ["heist", "friendship"], 101),
    ("vault-2001", "Glass Vault", 2001, ["crime", "thriller"], ["tense", "stylish"], ["heist", "revenge"], 118),
    ("kite-1995", "The Paper Kite", 1995, ["family", "animation"], ["playful", "heart-warming"], ["kite", "childhood"], 82),
    ("bear-2011", "Bear in the Library", 2011, ["family", "comedy"], ["funny", "cosy"], ["bear", "books"], 88),
    ("cellar-2014", "What the Cellar Keeps", 2014, ["horror"], ["eerie", "dark"], ["haunted house", "family secret"], 99),
    ("bakery-2005", "The Canal Bakery", 2005, ["romance", "comedy"], ["romantic", "cosy"], ["bakery", "second chance"], 109),
    ("letters-1962", "Lisbon Letters", 1962, ["romance", "drama"], ["melancholy", "romantic"], ["letters", "lost love"], 121),
]  # fmt: skip


class WordEmbeddings(KeyedEmbeddings):
    """A stand-in whose cosine is the share of words that two texts have in common."""

    key, width = "words", WIDTH

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(WIDTH, 1e-6)
        for stem in stems(text):
            vector[zlib.crc32(stem.encode()) % WIDTH] += 1
        return (vector / np.linalg.norm(vector)).tolist()


@pytest.fixture(scope="session")
def catalogue_file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    path = folder / "catalogue.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for item_id, title, year, genres, mood, themes, runtime in FILMS:
            description = f"A story of {themes[0]} and {themes[1]} that stays {mood[0]}."
            fields = {
                "id": item_id, "title": title, "description": description, "year": year, "genres": genres, "mood": mood,
                "themes": themes, "runtime": runtime,
            }  # fmt: skip
            file.write(json.dumps(fields) + "\n")
    (folder / "catalogue.toml").write_text(
        'noun = "film"\nstarters = ["a quiet film about space"]\n'
        '[facets.genres]\ncard = true\nphrase = "kind"\n[facets.genres.synonyms]\n"science fiction" = ["sci-fi"]\n'
        '[facets.mood]\ncard = true\nphrase = "adjective"\n[facets.themes]\ncard = true\nphrase = "about {}"\n'
        '[facets.year]\nup = ["newer"]\ndown = ["older"]\n'
        '[facets.runtime]\nunit = "min"\n[facets.runtime.units]\nminutes = 1\nhours = 60\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def catalogue(catalogue_file: Path) -> Catalogue:
    return read_catalogue(catalogue_file)


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory) -> Iterator[Path]:
    """Where the default weights lie, converted once for all tests (about 20 s, 270 MB, erased at the end)."""
    from bot.language_model.weights import weights_folder

    folder = tmp_path_factory.mktemp("hosted") / "models"
    weights_folder("default", folder)
    yield folder
    shutil.rmtree(folder.parent)


@pytest.fixture
def embeddings() -> WordEmbeddings:
    return WordEmbeddings()


@pytest.fixture
def sources(catalogue: Catalogue, embeddings: WordEmbeddings) -> Sources:
    vectors = np.asarray(embeddings.embed_documents([item.text for item in catalogue]), dtype=np.float32)
    return Sources.of(catalogue, vectors)


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    log = EventLog.in_folder(tmp_path)
    yield log
    log.close()


@pytest.fixture
def recommender(catalogue: Catalogue, sources: Sources, embeddings: WordEmbeddings, log: EventLog) -> Recommender:
    """The whole flow with the stand-in embedder and no model: the template speaks."""
    return Recommender(catalogue, Understander(catalogue), sources, embeddings, None, log)
