"""A ranked turn over 10,000 and 100,000 synthetic items (for size only), the embedding of its newest message included."""

import random
import time
from collections.abc import Iterator

import numpy as np
from langchain_core.embeddings import Embeddings

from bot.profile import stretches
from bot.shipped_weights import DIVERSITY, SHIPPED
from retrieval.facet_match import Wish
from retrieval.index import Query
from retrieval.memory import Moment
from retrieval.ranking import rank
from retrieval.sources import Sources
from tests.bench.requests import requests
from tests.bench.row import Row
from tests.made_up import GENRES, MOODS, film, shelf

WORDS, EVENTS, USERS, MOMENTS, TURNS = 20_000, 100_000, 1_000, 3_000, 40
WARM_UP = 20  # turns: the first text of each length takes longer
WANTED = {10_000: 60, 100_000: 150}  # items -> milliseconds at p95


def measure(embeddings: Embeddings) -> Iterator[Row]:
    texts = [request.text for request in (*requests("films", "dev"), *requests("films", "test"))]
    for items, wanted in WANTED.items():
        world = World(items)
        spent = [world.turn(embeddings, f"{texts[n % len(texts)]} {n}", n) for n in range(WARM_UP + TURNS)][WARM_UP:]
        half, p95 = np.percentile(spent, (50, 95))
        what = f"turn ranked, embedding included, {items:,} synthetic items, p50 / p95"
        yield Row(what, f"{half:.0f} / {p95:.0f} ms", f"p95 <= {wanted} ms", bool(p95 <= wanted))


class World:
    """Items of random words, people who had to do with them, conversations about them; frequencies fall as in real ones."""

    def __init__(self, items: int) -> None:
        self._dice, self._random = np.random.default_rng(0), random.Random(0)
        self._words = ["".join(self._random.choices("abcdefghilmnoprstuv", k=self._random.randint(4, 9))) for _ in range(WORDS)]
        self._shares = 1 / np.arange(1, WORDS + 1) / (1 / np.arange(1, WORDS + 1)).sum()
        catalogue = shelf(*(
            film(
                f"film-{n}", tuple(self._random.sample(GENRES, 2)), tuple(self._random.sample(MOODS, 1)),
                self._random.randint(1950, 2020), title=self._said(2), description=self._said(30),
            )
            for n in range(items)
        ))  # fmt: skip
        drawn = self._dice.normal(size=(items, 576)).astype(np.float32)
        self.sources = Sources.of(catalogue, drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
        self._met = (self._dice.pareto(1.2, EVENTS) * items / 200).astype(int) % items
        for number, row in enumerate(self._met):
            self.sources.histories.add(f"user-{number % USERS}", int(row))
            self.sources.popularity.observe(f"film-{row}", 1.0, 1.7e9 + number)
        for number in range(MOMENTS):
            named, taken = (f"film-{row}" for row in self._met[number : number + 2])
            self.sources.memory.add(Moment(f"talk-{number}", self._talk(self._said(12)), (named,), (taken,)))

    def turn(self, embeddings: Embeddings, text: str, number: int) -> float:
        """The milliseconds of one turn of somebody with a history, a talk and wishes."""
        recent = tuple(f"film-{row}" for row in self._met[number * 50 : number * 50 + 20])
        earlier = dict(zip(("session", "long_term"), self.sources.index.vectors[number : number + 2], strict=True))
        talk = self._talk(text)
        started = time.perf_counter()
        intent = np.asarray(embeddings.embed_query(text), dtype=np.float32)
        query = Query(
            5, text, {"intent": intent, **earlier}, (Wish("genres", "comedy", 1.0), Wish("mood", "dark", -0.5)),
            tuple((item, 0.5) for item in recent), exclusions=frozenset(recent), recent=recent[-10:], named=recent[-2:],
            person="user-1", now=1.8e9, texts=talk,
        )  # fmt: skip
        rank(query, self.sources.retrieve(query, SHIPPED.counted), self.sources, SHIPPED, DIVERSITY, f"slate-{number}")
        return 1_000 * (time.perf_counter() - started)

    def _said(self, words: int) -> str:
        return " ".join(self._words[at] for at in self._dice.choice(WORDS, words, p=self._shares))

    def _talk(self, text: str) -> dict[str, str]:
        return stretches([("user", self._said(12)), ("assistant", self._said(12)), ("user", text)])
