"""Items named by where they stand on the slate: "the second one", "the first two", "number 3", "all of these"."""

import re
from collections.abc import Iterator, Sequence

from bot.words import ORDINALS, WORD_NUMBERS

CALLED = {"one", "ones", "film", "movie", "item", "product", "option", "pick", "choice", "suggestion", "recommendation"}
COUNTED = "|".join(list(WORD_NUMBERS)[:5])
NTH = "|".join(ORDINALS)
ALL = re.compile(
    r"\ball (?:two|three|four|five|[2-5])\b(?! \w+s\b)|\bboth\b(?: of (?:them|these|those))?"
    r"|\b(?:all|each|any|every one) (?:(?:two|three|four|five|\d) )?(?:of )?(?:these|them|those)\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    rf"\b(?:the )?(?P<side>first|last) (?P<many>{COUNTED}|[2-5])\b(?! (?:years?|decades?|days?|weeks?|months?|times?"
    rf"|nights?)\b)",
    re.IGNORECASE,
)
NUMBERED = re.compile(rf"(?:#|\b(?:number|no\.|nr\.?|option|pick) ?)(?P<number>[1-9]|{COUNTED})\b", re.IGNORECASE)
ORDINAL = re.compile(rf"\b(?P<the>the |that |your )?(?P<place>{NTH}|last|middle)\b(?: (?P<next>\w+))?", re.IGNORECASE)
PAIR = re.compile(rf"\b(?:the )?(?P<one>{NTH})\b(?:,| and| or| &)+ (?:the )?(?P<other>{NTH}|last)\b(?! \w+s\b)", re.IGNORECASE)
REST = re.compile(r"\b(?:the |those )?(?:other (?:one|ones|two|three|four)|others|rest)\b", re.IGNORECASE)
GOES_ON = {  # after a bare "the second": it was no adjective
    "but", "and", "or", "is", "was", "looks", "sounds", "seems", "please", "instead", "again", "too", "though", "except", "for",
    "if", "i", "i've", "because", "then", "as", "in", "only", "just", "not", "now", "with", "you", "has", "would", "already",
    "also", "so", "from", "to", "tonight", "later", "of", "there", "here", "on", "did", "does", "got", "could", "might", "any",
}  # fmt: skip


Place = tuple[tuple[int, int], tuple[str, ...]]  # the characters [start, end) of a message, and the items they point at


def by_place(message: str, slate: Sequence[str]) -> Iterator[Place]:
    """Those named by where they stand."""
    for match in ALL.finditer(message):
        yield (match.span(), tuple(slate))
    for match in SEVERAL.finditer(message):
        many = _number(match["many"])
        yield (match.span(), tuple(slate[:many] if match["side"].lower() == "first" else slate[-many:]))
    for match in PAIR.finditer(message):
        yield match.span(), (*_at(match["one"].lower(), slate), *_at(match["other"].lower(), slate))
    for match in NUMBERED.finditer(message):
        yield (match.span(), tuple(slate[_number(match["number"]) - 1 :][:1]))
    for match in ORDINAL.finditer(message):
        follows, place = (match["next"] or "").lower(), match["place"].lower()
        called = follows in CALLED
        if called or (match["the"] and (not follows or follows in GOES_ON) and (place, follows) != ("last", "of")):
            end = match.end() if called else match.end("place")
            yield (match.start(), end), tuple(_at(place, slate))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int(WORD_NUMBERS[text.lower()])


def _at(ordinal: str, slate: Sequence[str]) -> Sequence[str]:
    if ordinal == "last":
        return slate[-1:]
    place = (len(slate) + 1) // 2 if ordinal == "middle" else ORDINALS[ordinal]
    return slate[place - 1 : place]


def others(message: str, slate: Sequence[str], named: Sequence[str]) -> Iterator[Place]:
    """What is left beside the items that are named: "the other two", "the rest"."""
    for match in REST.finditer(message) if named else ():
        yield match.span(), tuple(item for item in slate if item not in named)
