"""The aspects by which items are known in words: title, names, kinds and plain text, whatever the catalogue calls them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.catalogue import Catalogue, Item
from retrieval.lexical import stems

MANY = 100  # a category facet of more values than this names people, brands or themes; one of fewer sorts items into kinds
CAPITALISED = 0.8  # share of a facet's values of two words or more that begin every word large: those are names
Documents = Sequence[list[str]]


@dataclass(frozen=True, slots=True)
class Aspects:
    """One list of words a row for each aspect. `names` are whole values in lower case, everything else is stemmed words."""

    title: Documents
    names: Documents
    kinds: Documents
    plain: Documents

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Aspects":
        """The words of every item, sorted by aspect."""
        categories = [name for name, facet in catalogue.facets.items() if facet.kind == "category"]
        names = [facet for facet in categories if len(catalogue.postings[facet]) > MANY and _holds_names(catalogue, facet)]
        kinds = [facet for facet in categories if facet not in names and len(catalogue.postings[facet]) <= MANY]
        return cls(
            [stems(item.title) for item in catalogue],
            [[word.lower() for word in _words(item, names)] for item in catalogue],
            [[stem for word in _words(item, kinds) for stem in stems(word)] for item in catalogue],
            [_plain(item, {*names, *kinds}) for item in catalogue],
        )


def numbers_of(catalogue: Catalogue) -> np.ndarray:
    """Every number facet that any item has, in its own standard deviations: shape (rows, facets), NaN where one has none."""
    known = [column for column in catalogue.numbers.values() if not np.isnan(column).all()]
    columns = [(column - np.nanmean(column)) / (np.nanstd(column) or 1.0) for column in known]
    return np.stack(columns, axis=1).astype(np.float32) if columns else np.empty((len(catalogue), 0), dtype=np.float32)


def _words(item: Item, facets: Sequence[str]) -> Iterator[str]:
    return (word for facet in facets for word in item.words(facet))


def _plain(item: Item, sorted_elsewhere: set[str]) -> list[str]:
    rest = [word for facet in item.facets if facet not in sorted_elsewhere for word in item.words(facet)]
    return stems(" ".join((*rest, item.description)))


def _holds_names(catalogue: Catalogue, facet: str) -> bool:
    several = [word for item in catalogue for word in item.words(facet) if " " in word]
    large = sum(all(not part[0].islower() for part in word.split()) for word in several)
    return bool(several) and large >= CAPITALISED * len(several)
