"""Leads a word that no dictionary knows to the facet value nearest in meaning ("spooky" to "eerie"), by embedding."""

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.catalogue import Catalogue
from retrieval.facet_match import Wish

MOST_VALUES = 120  # values of a facet: more are names or plots, which a word is not led to
NEAREST = 0.5  # cosine, centred on the values' mean: "hilarious" to "funny" has .64, "banker" to its best .39
FEWEST_LETTERS = 4


class NearestWords:
    """The vectors of a catalogue's facet values, ready to be compared with a word's."""

    def __init__(self, catalogue: Catalogue, embeddings: Embeddings, facets: tuple[str, ...] = ()) -> None:
        self._embeddings = embeddings
        chosen = facets or tuple(
            name for name, values in catalogue.postings.items() if is_of_words(catalogue, name, len(values))
        )
        self._values = [(facet, value) for facet in chosen for value in catalogue.postings[facet]]
        vectors = np.asarray(embeddings.embed_documents([value for _, value in self._values] or ["-"]), dtype=np.float32)
        self._mean = vectors.mean(axis=0)
        self._vectors = _unit(vectors - self._mean)
        self._remembered: dict[str, Wish | None] = {}

    def of(self, words: Sequence[str]) -> dict[str, Wish]:
        """For each of `words` that is near a facet's value, the wish for that value (weight 1)."""
        new = [word for word in dict.fromkeys(words) if len(word) >= FEWEST_LETTERS and word not in self._remembered]
        if new and self._values:
            vectors = np.asarray(self._embeddings.embed_documents([word.lower() for word in new]), dtype=np.float32)
            scores = _unit(vectors - self._mean) @ self._vectors.T
            for word, row in zip(new, scores, strict=True):
                facet, value = self._values[int(np.argmax(row))]
                self._remembered[word] = Wish(facet, value, 1.0, word) if row.max() >= NEAREST else None
        return {word: wish for word in words if (wish := self._remembered.get(word))}


def is_of_words(catalogue: Catalogue, facet: str, values: int) -> bool:
    """A facet of ordinary words, few and in lower case, shared by many items: genres and moods, not names or countries."""
    written = {word for item in catalogue for word in item.words(facet)}
    lower = sum(word[0].islower() for word in written)
    return 2 <= values <= MOST_VALUES and lower > len(written) / 2


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
