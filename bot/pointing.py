"""Which of the items shown a message points at: "the second one", "the cheapest", "that Korean film"."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.phrases import Phrase, Phrases, Token, tokens
from bot.places import CALLED, GOES_ON, Place, by_place, others
from bot.words import REQUEST_WORDS
from retrieval.catalogue import Catalogue
from retrieval.facet_match import HIGH
from retrieval.items import Item
from retrieval.lexical import common_words, stem

THE_ONE = re.compile(
    r"\b(?:the|that) (?:one|film|movie|product) (?:with|about|by|from|in|of|where|that|who|set|starring|made)\b"
    r"(?P<told>[^,.;!?]*?)(?=\b(?:sounds?|looks?|seems?|is|was|but|please)\b|[,.;!?]|$)",
    re.IGNORECASE,
)
DESCRIBES = re.compile(  # what the items that are pointed at are like
    r",?\s*(?:really |actually |one )*(?:sounds?|looks?|is|was|seems?|are|were|['’]s)\b[^,.;!?]*?(?=[,.;!?]|\bbut\b|$)",
    re.IGNORECASE,
)
BLAMES = re.compile(r"\b(?:too|not|bit|little|rather|only)\b|n['’]t\b", re.IGNORECASE)
IT = re.compile(
    r"\b(?:this|that) (?:one|film|movie|item|product|thing)\b|\b(?<=seen |have |took |take |want |hate |like |love |know "
    r"|read )"
    r" ?(?:it|that|this)\b(?=\W*$|\W* (?:but|and|already|please|again|too)\b)",
    re.IGNORECASE,
)
CUES = {"the", "that", "with", "why", "not", "than", "watch", "take", "pick", "seen", "saw", "love", "loved", "like", "try"}
DESCRIBED = 4  # words between "the" and "one" at most
TELLING = 5  # words after "the one with" that are looked at


@dataclass(frozen=True, slots=True)
class Pointed:
    """The items that the characters [start, end) of a message point at."""

    start: int
    end: int
    items: tuple[str, ...]
    said: str


def pointed(message: str, slate: Sequence[str], catalogue: Catalogue, phrases: Phrases, focus: str = "") -> list[Pointed]:
    """What a message points at, in the order of the text, none overlapping.

    `slate`: the ids shown last, in their order; `focus`: the item spoken of last or looked at now, which "it" means.
    """
    shown = [catalogue[item_id] for item_id in slate if item_id in catalogue]
    it = ((match.span(), (focus,)) for match in IT.finditer(message) if focus)
    found: list[Pointed] = []

    def add(places: Iterable[Place]) -> None:
        for (start, end), items in places:
            if items and all(end <= other.start or start >= other.end for other in found):
                found.append(Pointed(start, end, items, message[start:end].strip()))

    if shown:
        by_what = (_by_word(message, shown, phrases), _by_telling(message, shown, phrases), _by_title(message, shown, phrases))
        for places in (by_place(message, slate), *by_what):
            add(places)
    add(it)
    add(others(message, slate, [item for one in found for item in one.items]))
    return sorted(found, key=lambda one: one.start)


def described(message: str, points: Iterable[Pointed]) -> list[tuple[int, int]]:
    """Where a message says what the items that it points at are like, which asks for nothing: "the first sounds sweet"."""
    found = [(one, DESCRIBES.match(message, one.end)) for one in points]
    return [(one.end, match.end()) for one, match in found if match and not BLAMES.search(match.group())]


def _by_word(message: str, shown: Sequence[Item], phrases: Phrases) -> Iterator[Place]:
    """Those picked out by what they are: "the cheapest", "the longer one", "that Korean film", "the blue one"."""
    words = tokens(message)
    for at, word in enumerate(words):
        if word.text.lower() not in ("the", "that", "this"):
            continue
        inside = words[at + 1 : at + 1 + DESCRIBED + 1]
        named = next((place for place, each in enumerate(inside) if each.text.lower() in CALLED), None)
        superlative = bool(inside) and inside[0].text.lower().endswith("est") and _ends_here(words, at + 2)
        if named is None and not superlative:
            continue
        described = inside[:named] if named is not None else inside[:1]
        items = _picked(
            described, shown, phrases, definite=superlative or word.text.lower() == "that" or _is_one(inside, named)
        )
        end = inside[named].end if named is not None else described[-1].end
        yield (word.start, end), items


def _ends_here(words: Sequence[Token], at: int) -> bool:
    """Whether nothing follows at a place that would be what the words before it describe."""
    return at >= len(words) or words[at].text.lower() in GOES_ON


def _is_one(words: Sequence[Token], at: int | None) -> bool:
    return at is not None and at > 0 and words[at].text.lower() == "one"


def _picked(described: list[Token], shown: Sequence[Item], phrases: Phrases, *, definite: bool) -> tuple[str, ...]:
    """The one item that the words describe: the most or least of a number, or the first that carries what they name."""
    places = phrases.find(described)
    if not definite or not places or places[-1].end != len(described):
        return ()
    directions = [phrase for phrase in places[-1].phrases if phrase.kind == "direction"]
    for phrase in directions:
        known = [item for item in shown if item.number(phrase.facet) is not None]
        if known:
            best = (max if phrase.value == HIGH else min)(known, key=lambda item: item.number(phrase.facet) or 0.0)
            return (best.id,)
    carrying = [item for item in shown if all(_carries(item, place.phrases) for place in places)]
    return (carrying[0].id,) if carrying else ()


def _carries(item: Item, meant: Iterable[Phrase]) -> bool:
    return any(phrase.value in map(str.lower, item.words(phrase.facet)) for phrase in meant if phrase.kind == "value")


def _by_telling(message: str, shown: Sequence[Item], phrases: Phrases) -> Iterator[Place]:
    """Those told by what they are about: "the one with the talking bear" is the one item whose text has these words."""
    for match in THE_ONE.finditer(message):
        told = [word for word in tokens(match["told"]) if word.text.lower() not in common_words()][:TELLING]
        if not told:
            continue
        counts = [sum(_tells(item, word.stem) for word in told) for item in shown]
        best = max(counts)
        if best and counts.count(best) == 1:
            known = [place for place, word in enumerate(told) if _tells(shown[counts.index(best)], word.stem)]
            end = match.start("told") + told[known[-1]].end
            yield (match.start(), end), (shown[counts.index(best)].id,)


def _by_title(message: str, shown: Sequence[Item], phrases: Phrases) -> Iterator[Place]:
    """Those called by a word of their title that no other one shown has: "the dart", "i'll go with arrival"."""
    titles = [{token.stem for token in tokens(item.title)} for item in shown]
    words = tokens(message)
    named = [place for place in phrases.find(words) if any(phrase.kind == "item" for phrase in place.phrases)]
    whole = {at for place in named if place.end - place.start > 1 for at in range(place.start, place.end)}  # said in full
    for at, (cue, word) in enumerate(itertools.pairwise(words), 1):
        having = [place for place, title in enumerate(titles) if word.stem in title]
        if (
            at in whole
            or cue.text.lower() not in CUES
            or len(having) != 1
            or word.text.lower() in common_words() | REQUEST_WORDS
        ):
            continue
        if not any(phrase.kind == "value" for place in phrases.find([word]) for phrase in place.phrases):
            yield (cue.start if cue.text.lower() in ("the", "that") else word.start, word.end), (shown[having[0]].id,)


def _tells(item: Item, word: str) -> bool:
    return word in {stem(each.text) for each in tokens(item.all_text.lower())}
