"""What the embedding adapter learns from: pairs of a request and the text that answers it, split by item and by style."""

import json
import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.catalogue import Catalogue, Item, read_catalogue

SOURCES = Path(__file__).parent / "sources"
UNTRAINED_STYLES = frozenset({"typo", "chatty"})  # never learnt, so that what is measured on them is unseen
LINKED = 2  # requests by titles, and sentences of its own description, that an item gets beside the written ones
SENTENCES = 1
BY_TITLES = (
    "I really liked {}", "films like {}", "{} is one of my favourites, what else is there?", "more like {} please",
    "Have you seen {}? I loved it", "we enjoyed {} a lot", "something similar to {}", "I have seen {} many times",
    "{}", "I'm a fan of {}", "what should I watch after {}?", "last week I watched {} and it was great",
    "Hi! Any suggestions? I like {}", "in the same vein as {}",
)  # fmt: skip
OF_FILMS = ("seen", "watch", "films")  # what other catalogues' requests do not say
VALIDATION = 20  # one item in so many is kept out of training, for choosing
NOUNS = {"news": "news article", "question": "answer"}  # what items of a generic domain are called, where not like it
TWO = (" and ", ", ", " or ", " as well as ")


@dataclass(frozen=True, slots=True)
class Pair:
    """A request and the text that answers it; `key` names the item, `noun` says what the item is called."""

    request: str
    answer: str
    key: str
    noun: str
    style: str


def catalogue_pairs(catalogue: Catalogue, left_out: frozenset[str], seed: int) -> list[Pair]:
    """Requests that name the titles whose fans an item is for, and sentences of its own description.

    For any catalogue; nothing for the items that are `left_out`.
    """
    chosen = random.Random(seed)  # noqa: S311 - a reproducible choice
    found: list[Pair] = []
    for item in catalogue:
        if item.id not in left_out:
            said = [*_by_titles(item, catalogue, chosen), *_sentences(item, chosen)]
            found += [Pair(text, item.text, item.id, catalogue.noun, "own") for text in said]
    return found


def trained_pairs(name: str, left_out: frozenset[str], seed: int) -> list[Pair]:
    """What is learnt of a built-in catalogue: the requests written for it, but for the styles kept apart, and its own texts."""
    catalogue = read_catalogue(name)
    written = (pair for pair in written_pairs(name, catalogue) if pair.key not in left_out)
    return [*(pair for pair in written if pair.style not in UNTRAINED_STYLES), *catalogue_pairs(catalogue, left_out, seed)]


def written_pairs(name: str, catalogue: Catalogue) -> list[Pair]:
    """All requests written for a built-in catalogue."""
    rows = _json_lines(SOURCES / f"requests_{name}.jsonl")
    known = (row for row in rows if row["item"] in catalogue)
    return [Pair(row["text"], catalogue[row["item"]].text, row["item"], catalogue.noun, row["style"]) for row in known]


def generic_pairs() -> list[Pair]:
    """Requests and titles for invented records of other domains: news, books, music, places, …"""
    found: list[Pair] = []
    for number, row in enumerate(_json_lines(SOURCES / "generic.jsonl")):
        key, noun = f"generic-{number}", NOUNS.get(row["domain"], str(row["domain"]))
        found.append(Pair(row["request"], f"{row['title']}. {row['text']}", key, noun, "generic"))
        found.append(Pair(row["title"], row["text"], key, noun, "title"))
    return found


def split(pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The pairs to train on, and one request for each of the items kept for validation."""
    kept = {pair.key for pair in pairs if zlib.crc32(pair.key.encode()) % VALIDATION == 0}
    by_worth = sorted(pairs, key=lambda pair: pair.style not in ("own", "title"))  # what was written for it stays
    asked = {pair.key: pair for pair in by_worth if pair.key in kept}
    return [pair for pair in pairs if pair.key not in kept], list(asked.values())


def answers_in(files: Iterable[Path]) -> frozenset[str]:
    """The items that answer the requests in benchmark files."""
    return frozenset(item for file in files for row in _json_lines(file) for item in row["answers"])


def _by_titles(item: Item, catalogue: Catalogue, chosen: random.Random) -> Iterator[str]:
    """Requests that name one or two of the titles whose fans the item is for."""
    titles = [catalogue[other].title for ids in item.links.values() for other in ids if other in catalogue]
    wordings = [said for said in BY_TITLES if catalogue.noun == "film" or not any(word in said for word in OF_FILMS)]
    for _ in range(LINKED if titles else 0):
        named = chosen.sample(titles, min(len(titles), chosen.choice((1, 2, 2))))
        yield chosen.choice(wordings).format(chosen.choice(TWO).join(named))


def _sentences(item: Item, chosen: random.Random) -> list[str]:
    parts = [part.strip().rstrip(".").lower() for part in item.description.split(". ") if part.strip()]
    return chosen.sample(parts, min(SENTENCES, len(parts))) or [item.title]


def _json_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
