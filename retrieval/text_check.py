"""The texts of a catalogue looked over: characters, lengths, language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from retrieval.catalogue import MAX_DESCRIPTION_CHARACTERS, Catalogue
from retrieval.findings import Finding, found, place
from retrieval.items import Item

SHORT_WORDS = 5  # a description of fewer words says nothing that the title does not
TELLING_CHARACTERS = 60  # a text shorter than that does not tell its language
UNDERSTOOD = "en"  # the language of the messages that are understood
JOINERS = "\u200c\u200d"  # invisible, but some scripts and emoji are written with them
SECOND_BYTES = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0))  # as Windows reads them
GARBLED = re.compile(f"[\u00c3\u00c2][\u0080-\u00bf{SECOND_BYTES}]|\u00e2\u20ac")  # UTF-8 that was read as Latin-1
MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z][a-z0-9]{1,7}|#\d{2,6}|#x[0-9a-f]{2,6});", re.IGNORECASE)


def check_texts(catalogue: Catalogue) -> Iterator[Finding]:
    """What is wrong or odd about the texts that people will read."""
    yield from _characters(catalogue)
    yield from _lengths(catalogue)
    yield from _languages(catalogue)


def description_languages(catalogue: Catalogue) -> list[str]:
    """The ISO 639-1 code of each description, "" where it is too short to tell."""
    return [_language(item.description) for item in catalogue]


def _characters(catalogue: Catalogue) -> Iterator[Finding]:
    texts = [(place(catalogue, item), text) for item in catalogue for text in _texts(item)]
    unprintable = (f"{where} {_named(character)}" for where, text in texts for character in text if not _prints(character))
    garbled = (f"{where} {match.group()!r}" for where, text in texts for match in GARBLED.finditer(text))
    markup = (f"{where} {match.group()!r}" for where, text in texts for match in MARKUP.finditer(text))
    yield from found("error", "characters that do not print", unprintable)
    yield from found("warning", "text that was read in the wrong encoding", garbled)
    yield from found("warning", "HTML, which is shown as it is written", markup)


def _lengths(catalogue: Catalogue) -> Iterator[Finding]:
    missing = (place(catalogue, item) for item in catalogue if not item.description)
    short = (place(catalogue, item) for item in catalogue if 0 < len(item.description.split()) < SHORT_WORDS)
    cut = (place(catalogue, item) for item in catalogue if len(item.description) >= MAX_DESCRIPTION_CHARACTERS)
    yield from found("warning", "no description", missing)
    yield from found("warning", f"descriptions of fewer than {SHORT_WORDS} words", short)
    yield from found("warning", f"descriptions cut at {MAX_DESCRIPTION_CHARACTERS:,} characters", cut)


def _languages(catalogue: Catalogue) -> Iterator[Finding]:
    codes = description_languages(catalogue)
    usual = max(Counter(code for code in codes if code).items(), key=lambda pair: pair[1], default=("", 0))[0]
    odd = (f"{place(catalogue, item)} {code}" for item, code in zip(catalogue, codes, strict=True) if code not in ("", usual))
    yield from found("warning", f"descriptions in another language than most ({usual})", odd)
    if usual not in ("", UNDERSTOOD):
        yield Finding("warning", f"most descriptions are in {usual!r}, but only messages in English are understood")


@lru_cache(maxsize=100_000)
def _language(text: str) -> str:
    import py3langid  # loaded only for a check

    return str(py3langid.classify(text)[0]) if len(text) >= TELLING_CHARACTERS else ""


def _texts(item: Item) -> Iterable[str]:
    return (item.id, item.title, item.description, *item.facets, *(word for name in item.facets for word in item.words(name)))


def _prints(character: str) -> bool:
    return character in JOINERS or (character.isprintable() and character != "\ufffd")


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
