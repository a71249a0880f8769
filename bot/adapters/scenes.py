"""Scenes that the speaking adapter learns from and is measured on: a request, a slate with its reasons, what is said of it.

Only ids and words are kept; what the model is told is rendered from them by the code that serves, so text and serving agree.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from langchain_core.messages import BaseMessage

from bot.claims import sentences
from bot.events import Event, EventLog
from bot.profile import infer
from bot.recommender import Recommender
from bot.session import Turn
from bot.telling import answering, explaining
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.index import ItemIndex, Query
from retrieval.ranking import Slate, again, rank
from retrieval.sources import Sources

NOW = 1_800_000_000.0  # a moment like any other: scenes must not depend on the day


@dataclass(frozen=True, slots=True)
class Scene:
    """What was asked ("explain": for something; "answer": about the items), the likes before it, the items, what is said."""

    catalogue: str
    kind: Literal["explain", "answer"]
    request: str
    items: tuple[str, ...]
    likes: tuple[str, ...] = ()
    said: str = ""


def scenes_in(file: Path) -> Iterator[Scene]:
    """The scenes of a JSON Lines file."""
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        yield Scene(
            row["catalogue"], row["kind"], row["request"], tuple(row["items"]), tuple(row.get("likes", ())), row.get("said", "")
        )


class Stage:
    """A built-in catalogue with its ranking, without a language model: sets scenes, and tells what a model is told in them."""

    def __init__(self, name: str) -> None:
        self.catalogue = read_catalogue(name)
        vectors = np.zeros((len(self.catalogue), 1), dtype=np.float32)
        sources = Sources.of(self.catalogue, vectors, ItemIndex(self.catalogue, vectors, "exact"))
        self._recommender = Recommender(
            self.catalogue, Understander(self.catalogue, None), sources, None, None, EventLog("sqlite://")
        )  # fmt: skip

    def best(self, request: str, likes: Sequence[str], allowed: frozenset[str], k: int) -> tuple[str, ...]:
        """The `k` best of the `allowed` items for a request."""
        query = self._query(request, likes, frozenset(self.catalogue.rows) - allowed, k)
        retrieved = self._recommender.sources.retrieve(query)
        return rank(query, retrieved, self._recommender.sources, self._recommender.ranker, 0.0, "scene").item_ids

    def slate(self, scene: Scene) -> Slate:
        """The scene's items with the reasons that its request and likes give them."""
        query = self._query(scene.request, scene.likes, frozenset(), len(scene.items))
        return again(scene.items, query, self._recommender.sources, self._recommender.ranker, "scene")

    def told(self, scene: Scene, *, taught: bool = True) -> list[list[BaseMessage]]:
        """What the model is told in a scene: the conversations that it is to answer one after the other."""
        if scene.kind == "explain":
            return explaining(self.slate(scene), scene.request, self.catalogue, taught=taught)
        return [answering([self.catalogue[item] for item in scene.items], scene.request, self.catalogue)]

    def lessons(self, scene: Scene) -> list[tuple[list[BaseMessage], str]]:
        """What the model is told and what it is to answer: of a scene with a sentence an item, each sentence by itself."""
        if scene.kind == "answer":
            return [(self.told(scene)[0], scene.said)]
        said = sentences(scene.said, [self.catalogue[item].title for item in scene.items])
        return [(asked[:-1], sentence) for asked, sentence in zip(self.told(scene), said, strict=True)]

    def _query(self, request: str, likes: Sequence[str], exclusions: frozenset[str], k: int) -> Query:
        turn = Turn("t", "s", "u", NOW, request, self._recommender.understander.understand(request), "scene")
        events = [Event(f"e{at}", "u", item, "like", NOW - 1, session_id="s") for at, item in enumerate(likes)]
        query = self._recommender.query(infer([turn], events, self.catalogue, NOW, "s"), k)
        return replace(query, exclusions=exclusions | query.exclusions)
