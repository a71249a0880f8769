"""Embedding with the hosted decoder: the last token of a sentence that asks for one word, an inner layer, centred."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bot.language_model.hosted import Hosted
from bot.language_model.keyed import KeyedEmbeddings
from prompts import lines, parts

REMEMBERED = 4_096  # texts of people whose vectors are kept: earlier turns of a session are embedded once


class HostedEmbeddings(KeyedEmbeddings):
    """LangChain's Embeddings over the hosted model; every vector has length 1.

    Items and people are asked for in different words ("This film …", "The film this person wants …"), so each side has
    a mean of its own, taken over the project's calibration sentences and never over the texts at hand.
    """

    def __init__(self, hosted: Hosted, noun: str) -> None:
        self._hosted, self._noun = hosted, noun
        self.key = f"{hosted.name}-layer{hosted.layer}-{noun.replace(' ', '-')}"
        self.width = hosted.width
        self._item_mean = self._states("embed_item", lines("calibration_items")).mean(axis=0)
        self._person_mean = self._states("embed_person", lines("calibration_people")).mean(axis=0)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._embed_person)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of items' texts."""
        return _unit(self._states("embed_item", texts) - self._item_mean).tolist()

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of what a person is after."""
        return list(self._remembered(text))

    def _embed_person(self, text: str) -> tuple[float, ...]:
        return tuple(_unit(self._states("embed_person", [text]) - self._person_mean)[0].tolist())

    def _states(self, prompt: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        before, after = parts(prompt, "text", noun=self._noun)
        return self._hosted.last_states(texts, before, after).numpy()


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
