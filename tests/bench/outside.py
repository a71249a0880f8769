"""Catalogues and dialogues that nobody trained on: new targets of recommender turns, and news found by their titles.

The files are read where they lie (`--outside FOLDER`): inspired/, redial/, opendialkg/ and news/, in Parley's own formats.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from retrieval.catalogue import Catalogue, read_catalogue
from tests.bench.embedders import Embedder, found_by

DIALOGUES = {"inspired": "dev.jsonl", "redial": "train.jsonl", "opendialkg": "valid.jsonl"}  # none of them a published test
LAST = 4  # utterances of a dialogue that are embedded, the newest last
WORDS = 80  # at most, the newest kept
TURNS = 800  # of a set, evenly spread: more moves the figure by less than its interval
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A recommender turn: what was said before it, and the targets that had not been mentioned."""

    text: str
    mentioned: frozenset[str]
    targets: frozenset[str]


def turns(folder: Path, name: str) -> list[Asked]:
    found = list(_turns(folder / name / DIALOGUES[name]))
    return found[:: math.ceil(len(found) / TURNS)]


def _turns(file: Path) -> Iterator[Asked]:
    for row in map(json.loads, file.open(encoding="utf-8")):
        mentioned = frozenset(row["mentioned"])
        new = frozenset(row["targets"]) - mentioned
        words = " ".join(turn["text"] for turn in row["context"][-LAST:]).split()
        if new and words:
            yield Asked(" ".join(words[-WORDS:]), mentioned, new)


def recall_of_new(embedder: Embedder, catalogue: Catalogue, asked: list[Asked]) -> float:
    """Mean share of new targets among the first DEPTH items that were not mentioned."""
    scores = found_by(embedder, catalogue, [turn.text for turn in asked])
    shares: list[float] = []
    for row, turn in zip(scores, asked, strict=True):
        nearest = (catalogue.items[at].id for at in np.argsort(-row)[: DEPTH + len(turn.mentioned)])
        first = [item for item in nearest if item not in turn.mentioned][:DEPTH]
        shares.append(len(turn.targets & set(first)) / len(turn.targets))
    return float(np.mean(shares))


def news_by_title(embedder: Embedder, catalogue: Catalogue) -> float:
    """Mean reciprocal rank of a piece of news among all, asked for by its title and known by its description alone."""
    told = [item for item in catalogue if item.description]
    untitled = replace(catalogue, items=tuple(replace(i, title=i.description, description="", facets={}) for i in told))
    scores = found_by(embedder, untitled, [item.title for item in told])
    ranks = 1 + (scores > scores.diagonal()[:, None]).sum(axis=1)
    return float(np.mean(1 / ranks))


def read(folder: Path, name: str) -> Catalogue:
    """One of the outside catalogues, its items called by the word for them."""
    catalogue = read_catalogue(folder / name / "catalogue.jsonl")
    return replace(catalogue, noun="news article" if name == "news" else "film")
