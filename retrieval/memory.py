"""What past conversations teach, as candidate sources: their moments, and which items went together in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from retrieval.catalogue import Catalogue
from retrieval.collaborative import Together
from retrieval.meanings import Meaning
from retrieval.neighbours import BY_MEANING, Neighbours, Scores


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a conversation in which items were taken. Item ids, the named ones oldest first; `texts` as in Query."""

    conversation: str
    texts: Mapping[str, str]
    named: tuple[str, ...]
    taken: tuple[str, ...]

    @property
    def newest(self) -> str:
        """The stretch of the talk that is compared by its meaning."""
        return self.texts.get(BY_MEANING.stretch, "")


class Memory:
    """Grows by one moment at a time; nothing is fitted anew. `meaning`: how talk is compared by more than its words."""

    def __init__(self, catalogue: Catalogue, meaning: Meaning | None = None) -> None:
        self._catalogue, self._meaning, self._rows = catalogue, meaning, catalogue.rows
        self._neighbours, self._together = Neighbours(len(catalogue), meaning), Together(len(catalogue))
        self._conversations: list[str] = []  # of the neighbours' moments

    def __len__(self) -> int:
        return len(self._neighbours)

    def empty(self) -> "Memory":
        """One that is like this one but remembers nothing."""
        return Memory(self._catalogue, self._meaning)

    def add(self, moment: Moment) -> None:
        """Remember a moment; items that the catalogue does not have are passed over."""
        named, taken = ([self._rows[i] for i in ids if i in self._rows] for ids in (moment.named, moment.taken))
        self._together.add(moment.conversation, named, taken)
        new = [row for row in taken if row not in named]
        if new:
            self._neighbours.add(moment.texts, new)
            self._conversations.append(moment.conversation)

    def forget(self, conversations: Collection[str]) -> None:
        """Take conversations out, as if they had never been."""
        for conversation in conversations:
            self._together.forget(conversation)
        gone = {at for at, conversation in enumerate(self._conversations) if conversation in conversations}
        if gone:  # a new one takes the old one's place, which others may be reading
            self._neighbours = self._neighbours.without(gone)
            self._conversations = [one for at, one in enumerate(self._conversations) if at not in gone]

    def scores(self, texts: Mapping[str, str], named: Sequence[int]) -> dict[str, Scores]:
        """By source one score a row, at least 0. `named`: rows, oldest first."""
        return self._neighbours.scores(texts) | self._together.scores(named)
