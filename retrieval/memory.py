"""What past conversations teach, as candidate sources: their moments, and which items went together in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.catalogue import Catalogue
from retrieval.collaborative import Together
from retrieval.neighbours import Neighbours, Scores


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a conversation in which items were taken. Item ids, the named ones oldest first; `texts` as in Query."""

    conversation: str
    texts: Mapping[str, str]
    named: tuple[str, ...]
    taken: tuple[str, ...]


class Memory:
    """Grows by one moment at a time; nothing is fitted anew."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._rows = catalogue.rows
        self._neighbours, self._together = Neighbours(len(catalogue)), Together(len(catalogue))

    def __len__(self) -> int:
        return len(self._neighbours)

    def add(self, moment: Moment) -> None:
        """Remember a moment; items that the catalogue does not have are passed over."""
        named, taken = ([self._rows[i] for i in ids if i in self._rows] for ids in (moment.named, moment.taken))
        self._together.add(moment.conversation, named, taken)
        new = [row for row in taken if row not in named]
        if new:
            self._neighbours.add(moment.texts, new)

    def scores(self, texts: Mapping[str, str], named: Sequence[int]) -> dict[str, Scores]:
        """By source one score a row, at least 0. `named`: rows, oldest first."""
        return self._neighbours.scores(texts) | self._together.scores(named)
