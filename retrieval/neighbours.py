"""Candidate sources: past moments of conversations like this one, and what was taken in them (after NBCRS, RecSys 2024)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from retrieval.bags import Bags
from retrieval.lexical import WORD, stem
from retrieval.meanings import Meaning, Meanings

NEAREST = 100  # moments that vote
DOUBT = 0.5  # added to the sum of the votes' weights, so that one distant moment does not speak as loud as many near ones
LETTERS = 4
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """A stretch of the talk and how it is cut into words; `power`: how much more the nearest moments count."""

    stretch: str
    letters: bool = False
    power: float = 1.0
    nearest: int = NEAREST


VIEWS: Mapping[str, View] = {
    "past_message": View("message"), "past_last": View("last"), "past_said": View("said"), "past_all": View("all"),
    "past_letters": View("message", letters=True, power=4.0, nearest=50),
}  # fmt: skip
MEANT = "past_meant"
BY_MEANING = View("last", power=8.0, nearest=300)  # compared by the language model's vectors instead of by words


class Neighbours:
    """A memory of moments that grows with use: the words before each, and the items taken then."""

    def __init__(self, items: int, meaning: Meaning | None = None) -> None:
        self._items = items
        self._bags = {source: Bags() for source in VIEWS}
        self._meanings = Meanings(meaning)
        self._taken: list[npt.NDArray[np.int64]] = []

    def __len__(self) -> int:
        return len(self._taken)

    def add(self, texts: Mapping[str, str], rows: Sequence[int]) -> None:
        """Remember a moment: the stretches of the talk before it, as in `Query.texts`, and the rows taken in it."""
        self._taken.append(np.array(rows, dtype=np.int64))  # first, so that whoever votes meanwhile finds what was taken
        for source, words in _cuts(texts).items():
            self._bags[source].add(words)
        self._meanings.add(texts.get(BY_MEANING.stretch, ""))

    def without(self, moments: Collection[int]) -> "Neighbours":
        """The same memory without the moments at these places, in the order in which they were added."""
        found = Neighbours(self._items)
        found._bags = {source: bags.without(moments) for source, bags in self._bags.items()}
        found._meanings = self._meanings.without(moments)
        found._taken = [rows for at, rows in enumerate(self._taken) if at not in moments]
        return found

    def scores(self, texts: Mapping[str, str]) -> dict[str, Scores]:
        """By source, the share in [0, 1) of the nearest moments' votes for each row; nothing where none is near."""
        found = {
            source: self._votes(self._bags[source].likeness(words), VIEWS[source]) for source, words in _cuts(texts).items()
        }
        found[MEANT] = self._votes(self._meanings.likeness(texts.get(BY_MEANING.stretch, "")), BY_MEANING)
        return {source: votes for source, votes in found.items() if votes is not None}

    def _votes(self, likeness: Scores, view: View) -> Scores | None:
        """The share of the votes for each row; None where no moment is near."""
        near = np.flatnonzero(likeness > 0)
        if len(near) > view.nearest:
            near = np.argpartition(-likeness, view.nearest)[: view.nearest]
        if not len(near):
            return None
        weights = likeness[near] ** view.power
        votes = np.zeros(self._items, dtype=np.float32)
        for moment, weight in zip(near, weights, strict=True):
            votes[self._taken[moment]] += weight
        return votes / (weights.sum() + DOUBT)


def _cuts(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """For each view its stretch of the talk, cut; stretches that are the same are cut once."""
    asked = {source: (texts.get(view.stretch, ""), view.letters) for source, view in VIEWS.items()}
    done = {(text, letters): cut(text, letters=letters) for text, letters in set(asked.values())}
    return {source: done[one] for source, one in asked.items()}


def cut(text: str, *, letters: bool = False) -> list[str]:
    """The stemmed words of a text and its pairs of neighbouring words; or all its runs of LETTERS letters."""
    words = [match.group().lower() for match in WORD.finditer(text)]
    if letters:
        line = f" {' '.join(words)} "
        return [line[at : at + LETTERS] for at in range(len(line) - LETTERS + 1)]
    stemmed = [stem(word) for word in words]
    return stemmed + [f"{one} {two}" for one, two in pairwise(stemmed)]
