"""What a simulated visitor is after, hidden from the bot: what is true of it, and how near any item comes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.simulation.personas import Persona
from bot.template import OPERATOR_WORDS, YEAR_WORDS
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.constraints import Constraint, rows_allowed
from retrieval.lexical import stems

ENOUGH = 10  # a taste is met by any of so many items that fit it best
TASTES = 6  # values of a taste
NEAR = 50  # items from which earlier likes are drawn
SPARE = 0.2  # of a number: how far a bound lies from what the goal has
Floats = npt.NDArray[np.float64]
Value = tuple[str, str]  # facet, value


@dataclass(frozen=True, slots=True)
class Goal:
    """`anchor`: the item wanted, or one that fits the taste. `utility`: of each row of the catalogue, in [0, 1].

    `values`: what is true of it, in the order of telling. `enough`: the utility that meets a taste; above 1: the item alone.
    """

    anchor: Item
    taste: bool
    utility: Floats
    values: tuple[Value, ...]
    bounds: tuple[Constraint, ...]
    enough: float

    def met(self, rows: Sequence[int], ids: Sequence[str]) -> bool:
        """Whether a slate holds what is wanted."""
        return bool((self.utility[list(rows)] >= self.enough).any()) if self.taste else self.anchor.id in ids


class Market:
    """A catalogue as visitors see it: what can be said of its items, how alike they are, how often each is wanted."""

    def __init__(self, catalogue: Catalogue, demand: float, dice: np.random.Generator) -> None:
        self.catalogue = catalogue
        self._facets = [f.name for f in catalogue.facets.values() if f.kind == "category" and f.embed]
        shared = [(facet, value) for facet in self._facets for value, rows in catalogue.postings[facet].items() if len(rows) > 1]
        self._column: Mapping[Value, int] = {value: at for at, value in enumerate(shared)}
        often = (dice.permutation(len(catalogue)) + 1.0) ** -demand
        self.demand: Floats = often / often.sum()

    @cached_property
    def _table(self) -> Any:
        """Items by values: unit rows of inverse document frequencies."""
        size, postings = len(self.catalogue), self.catalogue.postings
        rows = [postings[facet][value] for facet, value in self._column]
        weights = [np.log(size / len(found)) for found in rows]
        data = np.concatenate([np.full(len(found), w) for found, w in zip(rows, weights, strict=True)] or [np.zeros(0)])
        columns = np.concatenate([np.full(len(found), at) for at, found in enumerate(rows)] or [np.zeros(0)]).astype(int)
        held = np.concatenate(rows or [np.zeros(0, dtype=np.int64)])
        table = sparse.csr_matrix((data, (held, columns)), shape=(size, len(self._column)))
        lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
        return sparse.diags(1 / np.maximum(lengths, 1e-9)) @ table

    def alike(self, row: int) -> Floats:
        """The cosine of every item with the one in `row`."""
        return np.asarray((self._table @ self._table[row].T).todense()).ravel()

    def person(self, anchor: int, count: int, dice: np.random.Generator) -> list[str]:
        """Items that somebody who likes the one in `anchor` likes too: near it, the much wanted ones more often."""
        near = np.argsort(-self.alike(anchor), kind="stable")[1 : NEAR + 1]
        chances = self.demand[near] / self.demand[near].sum()
        picked = dice.choice(near, min(count, len(near)), replace=False, p=chances)
        return [self.catalogue.items[row].id for row in picked]

    def goal(self, persona: Persona, dice: np.random.Generator) -> Goal:
        """A hidden goal: an item by demand, or a taste made of some of what such an item has."""
        row = int(dice.choice(len(self.catalogue), p=self.demand))
        item = self.catalogue.items[row]
        values, taste = self._told(item, dice), persona.goal == "taste"
        bounds = self._bounds(item, persona.conditions, dice)
        utility = self.alike(row)
        if taste:
            values = values[:TASTES]
            utility = self._taste(values)
        if bounds:
            utility = np.where(rows_allowed(self.catalogue, bounds), utility, 0.0)
        best = np.sort(utility)[::-1]
        return Goal(item, taste, utility, values, bounds, float(best[min(ENOUGH, len(best)) - 1]) if taste else 2.0)

    def of_value(self, value: Value) -> npt.NDArray[np.int64]:
        """The rows that carry a value."""
        return self.catalogue.postings[value[0]][value[1].lower()]

    def others(self, facet: str) -> list[str]:
        """The values of a facet that can be said."""
        return [value for name, value in self._column if name == facet]

    def spoken(self, item: Item) -> list[Value]:
        """The values of an item that can be said: shared with others, and no part of its title."""
        title = set(stems(item.title))
        return [
            (facet, word) for facet in self._facets for word in item.words(facet)
            if (facet, word.lower()) in self._column and not title & set(stems(word)) and word.lower() not in item.title.lower()
        ]  # fmt: skip

    def _told(self, item: Item, dice: np.random.Generator) -> tuple[Value, ...]:
        """Facet by facet in a random order, then the second values of each."""
        spoken = self.spoken(item)
        mixed = [spoken[at] for at in dice.permutation(len(spoken))]
        seen: dict[str, int] = {}
        rounds: list[tuple[int, Value]] = []
        for value in mixed:
            seen[value[0]] = seen.get(value[0], 0) + 1
            rounds.append((seen[value[0]], value))
        return tuple(value for _, value in sorted(rounds, key=lambda told: told[0]))

    def _taste(self, values: Sequence[Value]) -> Floats:
        """The cosine of every item with the values, each as much as it tells."""
        taste = np.zeros(len(self._column))
        for facet, value in values:
            taste[self._column[facet, value.lower()]] = np.log(len(self.catalogue) / len(self.of_value((facet, value))))
        length = float(np.linalg.norm(taste))
        return np.asarray(self._table @ (taste / length if length else taste)).ravel()

    def _bounds(self, item: Item, count: int, dice: np.random.Generator) -> tuple[Constraint, ...]:
        numbers = [f for f in self.catalogue.facets.values() if f.up and f.down and item.number(f.name) is not None]
        chosen = [numbers[at] for at in dice.permutation(len(numbers))[:count]]
        return tuple(_bound(facet, item.number(facet.name) or 0.0, dice) for facet in chosen)


def _bound(facet: Facet, number: float, dice: np.random.Generator) -> Constraint:
    """A bound that a number keeps, with something to spare, as people say it."""
    above = bool(dice.integers(2))
    year = 1000 <= number <= 2200 and not facet.unit
    far = dice.integers(1, 11) if year else max(1.0, abs(number) * SPARE)
    limit = float(np.floor(number - far) if above else np.ceil(number + far))
    operator = "$gt" if above else "$lt"
    words = YEAR_WORDS if year else {**OPERATOR_WORDS, "$gt": "over", "$lt": "under"}
    unit = "" if re.search(r"\bof\b", facet.unit) else facet.unit
    text = f"{words[operator]} {limit:g} {unit}".strip()
    return Constraint(facet.name, operator, limit, text if year or unit else f"{facet.label.lower()} {text}")
