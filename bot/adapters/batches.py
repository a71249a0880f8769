"""Batches for contrastive fitting: no item and no request twice, near items as hard negatives, drawn by seed."""

import random
from collections.abc import Iterator, Mapping

from bot.adapters.texts import Pair
from retrieval.errors import ReadableError

TRIES = 200  # draws for a place in a batch, after which it stays smaller


def drawn(
    domains: Mapping[str, list[Pair]], near: Mapping[str, dict[str, list[str]]], size: int, seed: int
) -> Iterator[list[Pair]]:
    """Endless batches, each of one domain, the domains in proportion to their pairs; `near`: by domain, items near an item.

    Raises ReadableError for a domain in which nothing can be told apart.
    """
    for name, pairs in domains.items():
        if len({pair.key for pair in pairs}) < 2:
            raise ReadableError(f"{name}: there is nothing to learn from: no texts of two items or more")
    chosen = random.Random(seed)  # noqa: S311 - a reproducible choice
    sources = [batches(pairs, near.get(name, {}), size, seed) for name, pairs in domains.items()]
    weights = [len(pairs) for pairs in domains.values()]
    while True:
        yield next(chosen.choices(sources, weights)[0])


def batches(pairs: list[Pair], near: dict[str, list[str]], size: int, seed: int) -> Iterator[list[Pair]]:
    """Endless batches, no item and no request twice in one; every other one is filled with items near each other."""
    chosen = random.Random(seed)  # noqa: S311
    by_key: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_key.setdefault(pair.key, []).append(pair)
    keys = list(by_key)
    hard = False
    while True:
        picked: dict[str, Pair] = {}
        asked: set[str] = set()
        tries = 0
        while len(picked) < min(size, len(keys)) and tries < TRIES * size:
            key = chosen.choice(keys)
            for member in [key, *(near.get(key, []) if hard else [])]:
                if member in by_key and member not in picked and len(picked) < size:
                    pair = chosen.choice(by_key[member])
                    if pair.request not in asked:  # whoever says the same of two items would have one as the other's negative
                        asked.add(pair.request)
                        picked[member] = pair
                tries += 1
        hard = not hard
        yield list(picked.values())
