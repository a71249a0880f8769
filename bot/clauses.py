"""Cuts a message into clauses and says which words a negator rules out in each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.negation import ruled_out
from bot.phrases import Token, tokens
from bot.words import NEGATORS, REFUSALS

CUT = re.compile(
    r"[.,;!?()\n]+|\b(?:(?:any|every)(?:thing|one) but|(?<!nothing )but|although|though|however|except(?: for)?|yet)\b",
    re.IGNORECASE,
)
NOT_THAT = re.compile(
    r"\b(?:so|but|just|and|please) (?:not|no|none of) (?:that|those|them|it|him|her|his|hers)\W*$", re.IGNORECASE
)
NOT_SO = re.compile(r"^\W*(?:\w+ ){1,3}(?:isn['’]?t|aren['’]?t|is not|are not)\W*$", re.IGNORECASE)  # "gore isn't"
QUOTED = re.compile(r"[\"“”]([^\"“”]{2,80})[\"“”]")
EXCEPT = ("except", "anything but", "everything but", "anyone but", "everyone but")  # rule out all that follows


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message [start, end) with its words, and the places of those that a negator rules out."""

    start: int
    end: int
    words: tuple[Token, ...]
    ruled_out: frozenset[int]

    def rules_out(self, word: Token) -> bool:
        """Whether a negator before `word` reaches it."""
        return word.start in self.ruled_out

    @property
    def negation(self) -> frozenset[int]:
        """Where the words stand that are ruled out, and those that rule them out."""
        ruling = (w.start for w in self.words if self.ruled_out and w.text.lower() in NEGATORS | REFUSALS)
        return self.ruled_out.union(ruling)

    @property
    def negator(self) -> str:
        """The word that turns it negative."""
        return next((word.text for word in self.words if word.text.lower() in NEGATORS | REFUSALS), "not")


def clauses(message: str, whole: Sequence[tuple[int, int]] = ()) -> list[Clause]:
    """Stretches between punctuation and contrasting words; a quoted title is never cut, nor are the spans in `whole`."""
    quoted = [*(match.span() for match in QUOTED.finditer(message)), *whole]
    cuts = [match.span() for match in CUT.finditer(message)]
    cuts = [cut for cut in cuts if not any(start < cut[0] < end for start, end in quoted)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(message)]
    after_except = {end for start, end in cuts if message[start:end].lower().startswith(EXCEPT)}
    words = tokens(message)
    found: list[Clause] = []
    for start, end in zip(starts, ends, strict=True):
        inside = tuple(word for word in words if start <= word.start < end)
        if inside:
            wholly = NOT_THAT.search(message[start:end]) or NOT_SO.search(message[start:end])
            out = _until_for(inside) if start in after_except else _all(inside) if wholly else ruled_out(inside)
            found.append(Clause(start, end, inside, out))
    return [_with_next(found, at) for at in range(len(found))]


def _with_next(found: Sequence[Clause], at: int) -> Clause:
    """A clause, wholly ruled out where the next says nothing but so: "we've done Hitchcock to death, so none of him"."""
    following = found[at + 1] if at + 1 < len(found) else None
    alone = following and NOT_THAT.match(" ".join(word.text for word in following.words))
    return replace(found[at], ruled_out=_all(found[at].words)) if alone else found[at]


def _all(words: tuple[Token, ...]) -> frozenset[int]:
    return frozenset(word.start for word in words)


def _until_for(words: tuple[Token, ...]) -> frozenset[int]:
    """All words before "for": "anything but plastic for a lunch box"."""
    at = next((at for at, word in enumerate(words) if word.text.lower() == "for"), len(words))
    return _all(words[:at])
