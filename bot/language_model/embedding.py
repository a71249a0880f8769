"""Embedding with the hosted decoder: the last token of a sentence that asks for one word, an inner layer, centred."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.language_model.hosted import Hosted
from bot.language_model.keyed import KeyedEmbeddings
from prompts import lines, parts

REMEMBERED = 4_096  # texts of people whose vectors are kept: earlier turns of a session are embedded once


class HostedEmbeddings(KeyedEmbeddings):
    """LangChain's Embeddings over the hosted model; every vector has length 1.

    Items and people are asked for in different words ("This film …", "The film this person wants …"), so each side has
    a mean of its own: the one that an adapter brings, else one over the project's calibration sentences, and never one
    over the texts at hand. `width`: so many leading numbers of each vector are kept (0: all); an adapter is trained so
    that a part of them does nearly as well (Matryoshka).
    """

    def __init__(self, hosted: Hosted, noun: str, width: int = 0) -> None:
        self._hosted, self._noun = hosted, noun
        self.width = min(width, hosted.width) or hosted.width
        self.key = f"{hosted.name}-layer{hosted.layer}-{noun.replace(' ', '-')}"
        if self.width < hosted.width:
            self.key += f"-{self.width}"
        self._item_mean = self._mean("embed_item", "calibration_items")
        self._person_mean = self._mean("embed_person", "calibration_people")
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._embed_person)

    @property
    def remembered(self) -> Any:
        """How often a text was found among those embedded before: `hits`, `misses`."""
        return self._remembered.cache_info()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of items' texts."""
        return self._unit(self._states("embed_item", texts) - self._item_mean).tolist()

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of what a person is after."""
        return list(self._remembered(text))

    def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors of what people are after, many at a time."""
        return self._people(texts).tolist()

    def _embed_person(self, text: str) -> tuple[float, ...]:
        return tuple(self._people([text])[0].tolist())

    def _people(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._unit(self._states("embed_person", texts) - self._person_mean)

    def _mean(self, side: str, sentences: str) -> npt.NDArray[np.float32]:
        mean = self._hosted.means.get(side)
        return self._states(side, lines(sentences)).mean(axis=0) if mean is None else mean.numpy()

    def _states(self, prompt: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        before, after = parts(prompt, "text", noun=self._noun)
        return self._hosted.last_states(texts, before, after).numpy()

    def _unit(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        kept = vectors[:, : self.width]
        return kept / np.maximum(np.linalg.norm(kept, axis=-1, keepdims=True), 1e-12)
