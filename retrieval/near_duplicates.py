"""Texts that say nearly the same, found without comparing each with each."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

SHINGLE = 3  # words that stand together
ALIKE = 0.5  # Jaccard likeness of the shingles from which two texts count as the same text
COMMON = 50  # a shingle in more texts than that is a phrase of the trade: it makes no two of them worth comparing


def near_duplicates(texts: Sequence[str], alike: float = ALIKE) -> list[tuple[int, int, float]]:
    """Pairs of texts (positions, first < second) with their likeness in [`alike`, 1], most alike first.

    Likeness is the Jaccard index over sets of three-word shingles (Broder, 1997); texts shorter than that have none. Of
    several texts with the same shingles each is paired with the first alone.
    """
    shingles = [_shingles(text) for text in texts]
    same: dict[frozenset[str], list[int]] = defaultdict(list)
    for position, found in enumerate(shingles):
        same[found].append(position)
    pairs = [(first, copy, 1.0) for found, (first, *copies) in same.items() if found for copy in copies]
    for a, b in _candidates([(positions[0], found) for found, positions in same.items()]):
        pairs.append((a, b, len(shingles[a] & shingles[b]) / len(shingles[a] | shingles[b])))
    return sorted((pair for pair in pairs if pair[2] >= alike), key=lambda pair: (-pair[2], pair[0], pair[1]))


def _candidates(texts: Sequence[tuple[int, frozenset[str]]]) -> set[tuple[int, int]]:
    """Pairs that share a shingle which few texts have."""
    holders: dict[str, list[int]] = defaultdict(list)
    for position, found in texts:
        for shingle in found:
            holders[shingle].append(position)
    return {pair for positions in holders.values() if len(positions) <= COMMON for pair in combinations(sorted(positions), 2)}


def _shingles(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1))
