"""Made-up shelves of items, wishes and queries for tests that need many of them."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, LOW, Wish
from retrieval.index import Engine, ItemIndex, Query
from retrieval.sources import Sources

GENRES = ("comedy", "drama", "horror", "western", "musical")
MOODS = ("quiet", "dark", "funny", "eerie")
YEARS = (1950, 1959)
FACETS = {
    "genres": Facet("genres", "category", "Genres", card=True),
    "mood": Facet("mood", "category", "Mood", card=True),
    "year": Facet("year", "number", "Year"),
}
WORDS = (*GENRES, *MOODS, "lantern", "river", "clock", "orchard", "parade")


Words = tuple[str, ...]


def film(item_id: str, genres: Words = (), mood: Words = (), year: float | None = None, **told: str) -> Item:
    """An item with the facets given and no others."""
    facets = {"genres": genres, "mood": mood, "year": None if year is None else float(year)}
    given = {name: value for name, value in facets.items() if value not in ((), None)}
    return Item(item_id, told.get("title", f"Film {item_id}"), told.get("description", ""), given)


def shelf(*items: Item) -> Catalogue:
    """A catalogue of these items under the facets of this module."""
    return Catalogue(items, FACETS)


def random_shelf(count: int, seed: int = 0) -> Catalogue:
    """Films with random genres, moods and words; every sixth has no year."""
    dice = random.Random(seed)
    return shelf(*(
        film(
            f"film-{n}", tuple(dice.sample(GENRES, dice.randint(0, 3))), tuple(dice.sample(MOODS, dice.randint(0, 2))),
            None if n % 6 == 5 else dice.randint(*YEARS), description=" ".join(dice.sample(WORDS, 3)),
        )
        for n in range(count)
    ))  # fmt: skip


def unit_vectors(count: int, width: int = 16, seed: int = 0) -> np.ndarray:
    """Random unit vectors, one a row."""
    drawn = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def sources_of(catalogue: Catalogue, engine: Engine = "auto") -> Sources:
    """Every candidate source over a catalogue with random vectors."""
    vectors = unit_vectors(len(catalogue))
    return Sources.of(catalogue, vectors, ItemIndex(catalogue, vectors, engine))


def keeps(item: Item, constraint: Constraint) -> bool:
    """Whether an item keeps a constraint, worked out the slow and obvious way."""
    if constraint.facet == "year":
        number, bound = item.number("year"), constraint.value
        if number is None:
            return constraint.operator == "$ne"
        return {
            "$eq": number == bound, "$ne": number != bound, "$gt": number > bound,
            "$gte": number >= bound, "$lt": number < bound, "$lte": number <= bound,
        }[constraint.operator]  # fmt: skip
    asked = {constraint.value} if isinstance(constraint.value, str) else set(constraint.value)
    carried = not asked.isdisjoint(word.lower() for word in item.words(constraint.facet))
    return carried if constraint.operator in ("$eq", "$in") else not carried


def _values(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from((*values, "value that nothing carries"))


shelves = st.integers(1, 10).flatmap(lambda count: st.builds(random_shelf, st.just(count), st.integers(0, 10_000)))

constraints = st.one_of(
    st.builds(Constraint, st.just("genres"), st.sampled_from(("$eq", "$ne")), _values(GENRES)),
    st.builds(
        Constraint, st.just("mood"), st.sampled_from(("$in", "$nin")), st.lists(_values(MOODS), max_size=2).map(tuple)
    ),
    st.builds(
        Constraint, st.just("year"), st.sampled_from(("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")),
        st.integers(YEARS[0] - 1, YEARS[1] + 1).map(float),
    ),
)  # fmt: skip

constraint_lists = st.lists(constraints, max_size=4, unique=True).map(tuple)

_weights = st.sampled_from((-1.0, -0.5, 0.25, 1.0))
wishes = st.one_of(
    st.builds(Wish, st.just("genres"), st.sampled_from(GENRES), _weights),
    st.builds(Wish, st.just("mood"), st.sampled_from(MOODS), _weights),
    st.builds(Wish, st.just("year"), st.sampled_from((HIGH, LOW)), _weights),
)


def queries(catalogue: Catalogue) -> st.SearchStrategy[Query]:
    """Any query over a catalogue whose vectors are those of `sources_of`."""
    ids = st.sampled_from([item.id for item in catalogue])
    vectors = unit_vectors(5, seed=1)
    return st.builds(
        Query,
        k=st.integers(1, 8),
        text=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
        vectors=st.none() | st.integers(0, 4),
        wishes=st.lists(wishes, max_size=3, unique_by=lambda wish: (wish.facet, wish.value)).map(tuple),
        seeds=st.lists(st.tuples(ids, _weights), max_size=3, unique_by=lambda seed: seed[0]).map(tuple),
        constraints=constraint_lists,
        exclusions=st.frozensets(ids, max_size=len(catalogue)),
    ).map(lambda q: _with_vectors(q, vectors))


def _with_vectors(query: Query, vectors: np.ndarray) -> Query:
    return replace(query, vectors={} if query.vectors is None else {"words": vectors[query.vectors]})
