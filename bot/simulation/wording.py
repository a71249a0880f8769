"""How simulated visitors say what they mean: templates, or a language model that may only turn the same words about."""

from collections.abc import Callable, Sequence

import numpy as np

from bot.simulation.goals import Value
from retrieval.catalogue import Catalogue

ORDINALS = ("first", "second", "third")
WISHES = ("something {}", "I'd like something {}", "I am looking for something {}", "do you have anything {}?", "{}")
OTHERS = ("something else", "show me others", "what else is there?")
MEANT = ("no, I meant {}", "sorry, I meant {}")
FORGET = ("forget what I said about {}", "actually forget {}")
INSTEAD = ("hm, or something {}", "and what about something {}?")
WITHOUT = ("no {}", "nothing {}")
CRITIQUES = ("something {} than the {} one", "{} than the {} one")
LONGER = 2.0  # times the length: more than that is not the same message in other words

Rephrase = Callable[[str], str]


class Wording:
    """The words of one catalogue's visitors. `rephrase`: says a message in other words; what loses any of it is not used."""

    def __init__(self, catalogue: Catalogue, rephrase: Rephrase | None = None) -> None:
        self._catalogue, self._rephrase = catalogue, rephrase

    def wish(self, values: Sequence[Value], bounds: Sequence[str], dice: np.random.Generator) -> str:
        """Something with these values within these bounds."""
        parts = [*(self._phrase(value) for value in values), *bounds]
        plain = [value for _, value in values]
        return self._said(_one(WISHES, dice).format(_listed(parts) or "good"), [*plain, *bounds])

    def instead(self, value: Value, dice: np.random.Generator) -> str:
        """A digression."""
        return self._said(_one(INSTEAD, dice).format(self._phrase(value)), [value[1]])

    def other(self, dice: np.random.Generator) -> str:
        """Other items, whatever they are."""
        return _one(OTHERS, dice)

    def meant(self, value: str, dice: np.random.Generator) -> str:
        """The message before set right."""
        return _one(MEANT, dice).format(value)

    def forget(self, value: str, dice: np.random.Generator) -> str:
        """The message before taken back."""
        return _one(FORGET, dice).format(value)

    def without(self, value: Value, dice: np.random.Generator) -> str:
        """Nothing of a value."""
        return _one(WITHOUT, dice).format(value[1])

    def critique(self, word: str, place: int, dice: np.random.Generator) -> str:
        """Which way it lies from the card at a place, from 0."""
        if not word.endswith("er"):
            return f"something {word}"
        return _one(CRITIQUES, dice).format(word, ORDINALS[place])

    def _phrase(self, value: Value) -> str:
        """A value as the catalogue's own sentences say it: "about space", "for hiking"."""
        facet, word = value
        phrase = self._catalogue.facets[facet].phrase
        return phrase.format(word) if "{}" in phrase else word

    def _said(self, message: str, kept: Sequence[str]) -> str:
        if self._rephrase is None:
            return message
        told = " ".join(self._rephrase(message).split())
        same = all(word.lower() in told.lower() for word in kept)
        return told if told and same and len(told) <= LONGER * len(message) + 20 else message


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _one(forms: Sequence[str], dice: np.random.Generator) -> str:
    return forms[int(dice.integers(len(forms)))]
