"""What can be recommended, and the facets by which it is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from retrieval.facet_kinds import FacetKind, FacetValue


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be recommended."""

    id: str
    title: str
    description: str = ""
    facets: Mapping[str, FacetValue] = field(default_factory=dict[str, FacetValue])
    silent: frozenset[str] = frozenset()  # facets left out of what is embedded
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # facet -> item ids
    image: str = ""  # a path beside the catalogue or an https URL, as written; not looked at here

    @property
    def text(self) -> str:
        """What gets embedded: the title, the words of the facets that carry meaning, the description."""
        return self._joined(name for name in self.facets if name not in self.silent)

    @property
    def all_text(self) -> str:
        """Every word of the item, names and notes included: what is searched word by word."""
        return self._joined(self.facets)

    def _joined(self, facets: Iterable[str]) -> str:
        words = "; ".join(", ".join(values) for name in facets if (values := self.words(name)))
        return ". ".join(part for part in (self.title, words, self.description) if part)

    def words(self, facet: str) -> tuple[str, ...]:
        """The words under `facet`; empty when the item has none or the facet is a number."""
        value = self.facets.get(facet, ())
        if isinstance(value, str):
            return (value,) if value else ()
        return value if isinstance(value, tuple) else ()

    def number(self, facet: str) -> float | None:
        """The number under `facet`, or None."""
        value = self.facets.get(facet)
        return value if isinstance(value, float) else None


ALL = "*"  # among a facet's hard values: every one is a condition when asked for


@dataclass(frozen=True, slots=True)
class Facet:
    """A column of a catalogue: how it is shown and the words people use for it."""

    name: str
    kind: FacetKind
    label: str
    card: bool = False  # shown on a card
    embed: bool = True  # part of what is embedded; names and notes are better found by their words
    weight: float = 1.0  # of its values among the wishes: above 1 for what kind of thing an item is
    unit: str = ""  # "min", "€": shown after the number
    units: Mapping[str, float] = field(default_factory=dict[str, float])  # words after a number, to the facet's own unit
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # value -> other words for it
    hard: tuple[str, ...] = ()  # values that are a condition when asked for, not a wish ("suitable for children"); "*": all
    called: tuple[str, ...] = ()  # words that speak of the facet itself: "same director", "who made"
    phrase: str = ""  # how a sentence says a value: "adjective", "kind" (before the noun) or "about {}" (after it)
    ask: str = ""  # the question that asks a newcomer for a value
    up: tuple[str, ...] = ()  # words that ask for more of it: "newer", "dearer"
    down: tuple[str, ...] = ()  # words that ask for less of it
