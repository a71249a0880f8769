"""Finds a catalogue's own words in a message: titles, facet values and their synonyms, words that ask for more or less."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.words import DISLIKED, LIKED, REQUEST_WORDS
from retrieval.catalogue import Catalogue, Facet
from retrieval.facet_match import HIGH, LOW
from retrieval.lexical import common_words, stem

TOKEN = re.compile(r"\w+(?:['’]\w+)?")
ARTICLES = ("the", "a", "an")
DIVIDED = re.compile(r"[.,;!?()]\s*\w")  # marks inside a title
LONGEST = 12  # tokens in a phrase: longer titles are found by their first words
PLURALS = {"", "s", "es", "y", "ies", "e", "'s"}  # endings of a word as the catalogue has it
ENDINGS = PLURALS | {"ied", "ying", "ed", "d", "ing", "er", "ers"}  # and as a message may have it
COMPARATIVE = re.compile(r"(\w{2,}?)(?:i?er|i?est)")
SHORTEST_BASE = 3  # letters
FAMILY_NAME = 4  # letters: shorter last names are ordinary words too often

PhraseKind = Literal["item", "value", "direction"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a message with its place; `stem` is its lower-case stem."""

    text: str
    start: int
    end: int
    stem: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a run of tokens means: an item, a facet's value, or more or less of a number facet."""

    kind: PhraseKind
    value: str  # item id, facet value, "$high" or "$low"
    facet: str = ""
    name: bool = False  # one word that stands for a person: "Tarantino", "Madonna"


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a message: token positions [start, end) and all that the words can mean."""

    start: int
    end: int
    phrases: tuple[Phrase, ...]


class Phrases:
    """The dictionary of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._meanings: dict[tuple[str, ...], list[tuple[str, Phrase]]] = {}
        self._ordinary, self._subjects = _ordinary_stems(catalogue), catalogue.subjects
        for facet in catalogue.facets.values():
            self._learn_facet(facet, catalogue)
        self._learn_names(catalogue)
        divided = sorted((item.title for item in catalogue if DIVIDED.search(item.title)), key=len, reverse=True)
        self._divided = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, divided)) or '(?!)'})(?!\w)", re.IGNORECASE)
        for item in catalogue:
            for title in _short_titles(item.title):
                self._learn(title, Phrase("item", item.id))

    def find(self, words: list[Token]) -> list[Found]:
        """The longest phrases from left to right, none overlapping."""
        found: list[Found] = []
        at = 0
        while at < len(words):
            for length in range(min(LONGEST, len(words) - at), 0, -1):
                meanings = self._meant(words[at : at + length])
                if meanings:
                    found.append(Found(at, at + length, meanings))
                    at += length
                    break
            else:
                at += 1
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Every single word that values, their synonyms and directions are written with."""
        meant = (text for known in self._meanings.values() for text, phrase in known if phrase.kind != "item")
        return frozenset(word for text in meant for word in text.split())

    def divided_titles(self, message: str) -> list[tuple[int, int]]:
        """Where titles stand that hold marks by which a message would be cut: "The Good, the Bad and the Ugly"."""
        return [match.span() for match in self._divided.finditer(message)]

    def is_ordinary(self, words: list[Token]) -> bool:
        """Whether every one of `words` is a word that items' descriptions use too, so no sign of a title by itself."""
        return all(word.stem in self._ordinary for word in words)

    def _meant(self, words: list[Token]) -> tuple[Phrase, ...]:
        """What is written just so comes before its other forms ("heists" for heist); a title must be written just so."""
        known = self._meanings.get(tuple(word.stem for word in words), ()) or self._compared(words)
        written = _written(words)
        exact = tuple(phrase for text, phrase in known if text == written)
        forms = [phrase for text, phrase in known if phrase.kind != "item" and not phrase.name and _is_form_of(written, text)]
        kinds = (phrase for phrase in forms if phrase.facet in self._subjects and phrase not in exact)  # "fleece": fleeces too
        meant = (*exact, *kinds) if exact else tuple(forms)
        if len(words) > 1 and words[0].text.lower() in LIKED | DISLIKED and words[1].text[0].isupper():
            return tuple(phrase for phrase in meant if phrase.kind == "item")  # "loved Triangle of Sadness" is no love triangle
        return meant

    def _compared(self, words: list[Token]) -> list[tuple[str, Phrase]]:
        """What a comparative means: "funnier" is more of what is funny."""
        written = words[0].text.lower()
        match = COMPARATIVE.fullmatch(written) if len(words) == 1 and written not in REQUEST_WORDS | common_words() else None
        bases = (match[1] + "y", match[1] + "e", match[1], match[1][:-1]) if match else ()
        for base in bases:
            known = self._meanings.get((stem(base),), []) if len(base) >= SHORTEST_BASE else []
            meant = [phrase for text, phrase in known if text == base and phrase.kind == "value" and not phrase.name]
            if meant:
                return [(written, phrase) for phrase in meant]
        return []

    def _learn(self, text: str, phrase: Phrase) -> None:
        words = tokens(text)
        known = self._meanings.setdefault(tuple(word.stem for word in words), []) if 0 < len(words) <= LONGEST else []
        if (_written(words), phrase) not in known:
            known.append((_written(words), phrase))

    def _learn_facet(self, facet: Facet, catalogue: Catalogue) -> None:
        """The facet's values, their synonyms, and the words that ask for more or less of it."""
        of_names = _holds_names(facet.name, catalogue)
        for value in catalogue.postings.get(facet.name, {}):
            self._learn(value, Phrase("value", value, facet.name, name=of_names and len(tokens(value)) == 1))
        for value, words in facet.synonyms.items():
            for word in words:
                self._learn(word, Phrase("value", value.lower(), facet.name))
        for direction, words in ((HIGH, facet.up), (LOW, facet.down)):
            for word in words:
                self._learn(word, Phrase("direction", direction, facet.name))
                if word.endswith("er"):
                    self._learn(f"{word.removesuffix('er')}est", Phrase("direction", direction, facet.name))

    def _learn_names(self, catalogue: Catalogue) -> None:
        """The last word of a value that looks like a person's name stands for it where no other value ends so."""
        for facet, values in catalogue.postings.items():
            written = {word.lower(): word for item in catalogue for word in item.words(facet)}
            names = {value: parts[-1] for value in values if _is_name(parts := written[value].split())}
            shared = Counter(names.values())
            for value, last in names.items():
                alone = shared[last] == 1 and len(last) >= FAMILY_NAME and tokens(last)[0].stem not in self._ordinary
                if alone:
                    self._learn(last, Phrase("value", value, facet, name=True))


def _short_titles(title: str) -> Iterator[str]:
    """A title as people say it: whole, without its first article, and either side of its colon where that is a few words."""
    first, colon, second = title.partition(": ")
    for part in (title, *((part for part in (first, second) if len(tokens(part)) > 1) if colon else ())):
        yield part
        article, _, rest = part.partition(" ")
        if article.lower() in ARTICLES and rest:
            yield rest


def tokens(text: str) -> list[Token]:
    """The words of `text` in order."""
    return [Token(m.group(), m.start(), m.end(), stem(plain(m.group()))) for m in TOKEN.finditer(text)]


def plain(text: str) -> str:
    """`text` without accents, as many people type."""
    if text.isascii():
        return text
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


def _written(words: list[Token]) -> str:
    return " ".join(plain(word.text.lower()).replace("’", "'") for word in words)


def _is_form_of(written: str, known: str) -> bool:
    """Whether two runs with the same stems differ by endings of number and tense alone.

    "Heists" and "flying" are forms of heist and fly; "ideally" is none of idealism, nor "water" of watering.
    """
    if len(written.split()) != len(known.split()):
        return False
    pairs = zip(written.split(), known.split(), strict=True)
    return all(_differ(here, there, ENDINGS) and _differ(there, here, PLURALS) for here, there in pairs)


def _differ(word: str, other: str, endings: set[str]) -> bool:
    return any(word.endswith(ending) and other.startswith(word.removesuffix(ending)) for ending in endings)


def _holds_names(facet: str, catalogue: Catalogue) -> bool:
    """Whether most of a facet's values look like the names of people."""
    written = {word for item in catalogue for word in item.words(facet)}
    return sum(_is_name(word.split()) for word in written) > len(written) / 2


def _is_name(parts: list[str]) -> bool:
    return 2 <= len(parts) <= 4 and all(part[:1].isupper() for part in parts)


def _ordinary_stems(catalogue: Catalogue) -> frozenset[str]:
    """Stems that descriptions or facet values use in lower case."""
    return frozenset(_lower_case_stems(catalogue))


def _lower_case_stems(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue:
        yield from (token.stem for token in tokens(item.description) if token.text[0].islower())
    for facet in catalogue.facets.values():
        for word in (*facet.up, *facet.down, *(word for words in facet.synonyms.values() for word in words)):
            yield from (token.stem for token in tokens(word))
