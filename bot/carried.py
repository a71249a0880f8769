"""The words that an item itself carries: anywhere from its title, facets and numbers, in order from its description."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.phrases import Token, tokens
from bot.words import NEGATORS, REFUSALS, SPEAKING_WORDS
from retrieval.catalogue import Catalogue, Item
from retrieval.lexical import common_words

TOLD_END = re.compile(r"(?<=[.!?])\s+")
CLAUSE_END = re.compile(r"[,;:()]|\s[-–—]\s|\b(?:and|but|so|while|because|since)\b", re.IGNORECASE)
SKIPPED = 8  # telling words of a description that may be left out between two that are said: more, and it is another statement
PERSONS = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}  # a woman's deed is not his
DENIED = "not "  # before the stem of a word that follows a negator in its clause


@dataclass(frozen=True, slots=True)
class ItemWords:
    """The stems of one item's words: those that may be said in any order, and those of each sentence of its description."""

    free: frozenset[str]
    told: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, item: Item, catalogue: Catalogue) -> "ItemWords":
        """The words of an item, its numbers as people write them."""
        values = [word for name in item.facets for word in item.words(name)]
        numbers = [f"{number:g}" for name in catalogue.numbers if (number := item.number(name)) is not None]
        units = [facet.unit for name, facet in catalogue.facets.items() if name in item.facets and facet.unit]
        free = " ".join([item.title, *values, *numbers, *units, catalogue.noun, catalogue.plural])
        told = (
            tuple(stem for clause in CLAUSE_END.split(sentence) for _, stem in telling(clause))
            for sentence in TOLD_END.split(item.description)
        )
        return cls(frozenset(token.stem for token in tokens(free)), tuple(told))

    def has(self, stem: str) -> bool:
        """Whether the item says the word at all."""
        return stem in self.free or any(stem in sentence for sentence in self.told)

    def carries(self, stems: Sequence[str]) -> bool:
        """Whether words said together are all the item's, those from its description out of one sentence and in its order.

        A driver who writes poems is not poems that drive: words of a description say who did what by where they stand.
        """
        bound = [stem for stem in stems if stem not in self.free]
        return not bound or any(_in_order(bound, sentence) for sentence in self.told)


def telling(clause: str) -> list[tuple[Token, str]]:
    """The words of a clause that say something, each with its stem; after a negator the stem is marked as DENIED."""
    found: list[tuple[Token, str]] = []
    mark = ""
    for token in tokens(clause):
        if token.text.lower() in NEGATORS | REFUSALS:
            mark = DENIED
        elif token.text.lower() in PERSONS:
            found.append((token, PERSONS[token.text.lower()]))
        elif not says_nothing(token.text):
            found.append((token, mark + token.stem))
    return found


def says_nothing(word: str) -> bool:
    """Whether a word tells items apart by nothing: common words, and those that any sentence about an item is made with."""
    lower = word.lower()
    return lower in common_words() or lower in SPEAKING_WORDS or lower in NEGATORS | REFUSALS


def _in_order(stems: Sequence[str], sentence: Sequence[str]) -> bool:
    """Whether the stems stand in a sentence in this order, no more than SKIPPED others between two of them."""
    ends = {at for at, word in enumerate(sentence) if word == stems[0]}
    for stem in stems[1:]:
        ends = {at for at, word in enumerate(sentence) if word == stem and any(end < at <= end + SKIPPED + 1 for end in ends)}
    return bool(ends)
