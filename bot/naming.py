"""Which items a message names: by a title that is meant as one, by a misspelt title, by the one telling word of a title."""

import itertools
import re
from collections import Counter

from rapidfuzz import fuzz, process

from bot.clauses import QUOTED, Clause
from bot.phrases import TOKEN, Found, Phrases, Token, plain, tokens
from bot.session import Mention
from bot.stances import spoken_of
from bot.words import DISLIKED, INTERJECTIONS, LIKED, PLACE_CUES, TITLE_CUES
from retrieval.catalogue import Catalogue
from retrieval.lexical import common_words

YEAR_AFTER = re.compile(r"[\"”]?\s*\(?((?:1[89]|20)\d\d)\b")
DATED = re.compile(r"[\"”]?\s*\((?:1[89]|20)\d\d\)")
FUZZY_TITLE = 88.0  # of 100 (rapidfuzz ratio): one wrong letter in eight
LOWER_CASE_LENGTHS = (4, 3, 2, 1)  # words of a title written without capitals
FEWEST_LETTERS = 5  # of a title with a typing mistake: shorter ones are near to everything


class Naming:
    """Finds a catalogue's items by name."""

    def __init__(self, catalogue: Catalogue, phrases: Phrases) -> None:
        self._catalogue, self._phrases = catalogue, phrases
        self._titles = {item.id: plain(item.title.lower()) for item in catalogue}
        self._telling, self._vocabulary = _telling_words(catalogue)

    def named(self, message: str, clause: Clause, words: list[Token], found: list[Found]) -> list[tuple[Mention, Found]]:
        """The items that a clause names, each with its place among `words`; `found` are the dictionary's phrases there."""
        named: list[tuple[Mention, Found]] = []
        for place in found:
            items = [phrase.value for phrase in place.phrases if phrase.kind == "item"]
            if items and self._is_title(message, words, place, has_other=len(items) < len(place.phrases)):
                item = self._of_year(items, message, words[place.end - 1].end)
                of_it = spoken_of(item, clause, words, place.start, message, named=place.end - place.start)
                named.append((of_it, place))
        covered = {at for _, place in named for at in range(place.start, place.end)}
        for place in _title_like(message, words):
            span = set(range(place.start, place.end))
            if not covered & span and (item := self._misspelt(words, place)):
                whole = self._widened(words, place, item)
                of_it = spoken_of(item, clause, words, place.start, message, named=place.end - place.start)
                named.append((of_it, whole))
                covered |= set(range(whole.start, whole.end))
        return named

    def _is_title(self, message: str, words: list[Token], place: Found, *, has_other: bool) -> bool:
        """Whether a run of words that is some item's title is meant as one here; `has_other`: it means a facet value too."""
        span = words[place.start : place.end]
        text = message[span[0].start : span[-1].end]
        if DATED.match(message[span[-1].end :]) or f'"{text.lower()}"' in message.lower():
            return True
        before = words[place.start - 1].text.lower() if place.start else ""
        alone = len(span) == len(words) and (text.lower() not in INTERJECTIONS or len(text) == len(message))
        capital = _is_capitalised(span, at_start=place.start == 0, alone=alone)
        if before in PLACE_CUES and len(span) == 1:
            return False
        if has_other:  # a facet's value as well: "aliens", "Halloween"
            return capital and (before in TITLE_CUES or alone or len(span) > 1)
        cued = before in TITLE_CUES and len(span) > 1
        return capital or cued or len(span) > 3 or not (self._phrases.is_ordinary(span) or text.lower() in INTERJECTIONS)

    def _of_year(self, items: list[str], message: str, end: int) -> str:
        """Of several items with one title, the one whose year stands right after it, else the first of the catalogue."""
        year = YEAR_AFTER.match(message[end:])
        same = [item for item in items if year and self._catalogue[item].number("year") == float(year[1])]
        return (same or items)[0]

    def _widened(self, words: list[Token], place: Found, item: str) -> Found:
        """The place with the words beside it that are the item's title too: of "the Cauldron dutch oven" one word tells."""
        title = {token.stem for token in tokens(self._catalogue[item].title)} - {token.stem for token in tokens("the a of and")}
        start, end = place.start, place.end
        while start and words[start - 1].stem in title:
            start -= 1
        while end < len(words) and words[end].stem in title:
            end += 1
        return Found(start, end, ())

    def _misspelt(self, words: list[Token], place: Found) -> str | None:
        """The item whose title a run of words is nearly, or is the one telling word of."""
        span = words[place.start : place.end]
        text = " ".join(plain(word.text) for word in span).lower()
        if text in self._telling:
            begins = place.start == 0 and (len(words) > 1 or text in INTERJECTIONS)
            placed = place.start > 0 and words[place.start - 1].text.lower() in PLACE_CUES
            return None if begins or placed else self._telling[text]
        known = all(plain(word.text.lower()) in self._vocabulary for word in span)
        if len(text) < FEWEST_LETTERS or known or (place.end - place.start == 1 and not span[0].text[0].isupper()):
            return None  # words that the catalogue knows are no typing mistakes: "Roman" is not Roma
        best = process.extractOne(text, self._titles, scorer=fuzz.ratio, score_cutoff=FUZZY_TITLE)
        return best[2] if best else None


def _telling_words(catalogue: Catalogue) -> tuple[dict[str, str], frozenset[str]]:
    """Words of titles that no other item uses anywhere, with the item ("Totoro" names one film); and all words used."""
    used = Counter(word for item in catalogue for word in set(TOKEN.findall(plain(item.all_text.lower()))))
    words = {word: item.id for item in catalogue for word in TOKEN.findall(plain(item.title.lower())) if "'" not in word}
    telling = {word: item for word, item in words.items() if used[word] == 1 and len(word) >= FEWEST_LETTERS}
    return telling, frozenset(used)


def _is_capitalised(span: list[Token], *, at_start: bool, alone: bool) -> bool:
    """Whether a run is written like a title; at the start of a clause its first capital says nothing."""
    capitals = [word.text[0].isupper() or word.text[0].isdigit() for word in span]
    if not at_start:
        return capitals[0]
    return capitals[0] and (any(capitals[1:]) or alone)


def _title_like(message: str, words: list[Token]) -> list[Found]:
    """What a title looks like: quoted words, a few words after one of liking, words that begin with a capital."""
    runs: list[Found] = []
    for start, end in (match.span(1) for match in QUOTED.finditer(message)):
        inside = [at for at, word in enumerate(words) if start <= word.start < end]
        runs += [Found(inside[0], inside[-1] + 1, ())] if inside else []
    for at, word in enumerate(words):  # "i loved cold harbor": after a word of liking even without capitals
        if word.text.lower() in LIKED | DISLIKED | {"seen", "saw", "watched"}:
            runs += [Found(at + 1, at + 1 + n, ()) for n in LOWER_CASE_LENGTHS if at + 1 + n <= len(words)]
    return runs + _capitalised(words)


def _capitalised(words: list[Token]) -> list[Found]:
    """Runs of words that begin with a capital; small words may stand between."""
    runs: list[Found] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and (words[end].text[0].isupper() or (end > at and words[end].text in common_words())):
            end += 1
        while end > at and not words[end - 1].text[0].isupper():
            end -= 1
        if end > at:
            runs += [Found(at, end, ()), *_between_small_words(words, at, end)]
        at = max(end, at + 1)
    return runs


def _between_small_words(words: list[Token], start: int, end: int) -> list[Found]:
    """The parts of a run that small words divide: "Inception and Parasite" may be two titles."""
    cuts = [start - 1, *(at for at in range(start, end) if words[at].text in common_words()), end]
    parts = [Found(left + 1, right, ()) for left, right in itertools.pairwise(cuts) if right - left > 1]
    return parts if len(parts) > 1 else []
