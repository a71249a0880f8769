"""Texts that say nearly the same, found without comparing each with each."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

SHINGLE = 3  # words that stand together
ALIKE = 0.5  # Jaccard likeness of the shingles from which two texts count as the same text
COMMON = 50  # a shingle in more texts than that is a phrase of the trade, no sign of copying


def near_duplicates(texts: Sequence[str], alike: float = ALIKE) -> list[tuple[int, int, float]]:
    """Pairs of texts (positions, first < second) with their likeness in [`alike`, 1], most alike first.

    Likeness is the Jaccard index over sets of three-word shingles (Broder, 1997); texts shorter than that have none.
    """
    shingles = [_shingles(text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for position, found in enumerate(shingles):
        for shingle in found:
            holders[shingle].append(position)
    shared = Counter(
        pair for positions in holders.values() if 1 < len(positions) <= COMMON for pair in combinations(positions, 2)
    )
    pairs = [(a, b, count / (len(shingles[a]) + len(shingles[b]) - count)) for (a, b), count in shared.items()]
    return sorted((pair for pair in pairs if pair[2] >= alike), key=lambda pair: (-pair[2], pair[0], pair[1]))


def _shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
