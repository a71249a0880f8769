"""Sets typing mistakes right where they are near to one of the catalogue's own words: "watrproof hikking boots"."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.phrases import plain

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
FEWEST_LETTERS = 4
ONE_SLIP, TWO_SLIPS = 7, 2  # a word of so many letters may have two: letters left out, doubled, wrong, or swapped


class Spelling:
    """Knows the words of one catalogue, `own` those that mean something in it, and English."""

    def __init__(self, own: Collection[str], used: Collection[str]) -> None:
        self._own = sorted({word for word in own if word.isalpha() and len(word) >= FEWEST_LETTERS})
        self._known = {*own, *used}
        self._english = english()

    def corrected(self, message: str) -> str:
        """The message with every word that is neither English nor the catalogue's own set to the nearest of these.

        Words with a capital are names: those are left to `naming`, which knows them whole.
        """
        return WORD.sub(lambda m: self._nearest(m.group()) if m.group().islower() or not m.start() else m.group(), message)

    def _nearest(self, word: str) -> str:
        written = plain(word.lower())
        if len(written) < FEWEST_LETTERS or written in self._known or written in self._english:
            return word
        slips = 1 if len(written) < ONE_SLIP else TWO_SLIPS
        found = process.extract(written, self._own, scorer=OSA.distance, score_cutoff=slips, limit=5)
        alike = [(distance, one) for one, distance, _ in found if one[0] == written[0] or sorted(one) == sorted(written)]
        if len(written) == FEWEST_LETTERS:  # so short a word is near to many: only its own letters in another order
            alike = [(distance, one) for distance, one in alike if sorted(one) == sorted(written)]
        return min(alike)[1] if alike else word


@lru_cache(maxsize=1)
def english() -> Any:
    """160,000 English words, looked up by `in`."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en").word_frequency
