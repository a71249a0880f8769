"""An agenda-based simulated visitor: what is still to be told lies on a stack; what is shown and asked comes on top of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.deeds import EventKind
from bot.simulation.goals import Goal, Market, Value
from bot.simulation.personas import Persona
from bot.simulation.wording import ORDINALS, Wording
from retrieval.catalogue import Facet, Item

CHOSEN = 0.05  # a card is liked that is nearer to the goal than all but this share of the catalogue
CLOSE_NUMBER = 0.05  # of a number: nearer than that nothing is more or less


@dataclass(frozen=True, slots=True)
class Shown:
    """What a bot answers: item ids in order, the choices of its question, the facet it asks about, bounds it says it let go."""

    items: tuple[str, ...]
    choices: tuple[str, ...] = ()
    asked: str = ""
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to the card at a place, from 1."""

    kind: EventKind
    place: int


class Visitor:
    """One visitor in one conversation. Says nothing of the goal's title. The same dice, the same visitor."""

    def __init__(self, persona: Persona, goal: Goal, market: Market, wording: Wording, dice: np.random.Generator) -> None:
        self._persona, self._goal, self._market, self._wording, self._dice = persona, goal, market, wording, dice
        self._agenda: list[Value] = list(goal.values)
        self._bounds = [bound.evidence for bound in goal.bounds]
        self._repair = ""  # what sets right the message before
        self.turned_down: set[str] = set()
        self.liked: set[str] = set()
        order = np.sort(goal.utility)[::-1]
        self._near = float(order[int(len(order) * CHOSEN)])

    def begin(self) -> str:
        """The first message: something true, and a bound where there is one."""
        return self._typed(self._wording.wish(self._pop(1), self._bounds[:1], self._dice))

    def deeds(self, shown: Shown) -> list[Deed]:
        """What is done to the cards before anything is said: a near one is liked, else the farthest is turned down."""
        if not shown.items or not self._happens(self._persona.reacts):
            return []
        worth = [self._worth(item) for item in shown.items]
        best, worst = int(np.argmax(worth)), int(np.argmin(worth))
        if worth[best] > self._near and shown.items[best] not in self.liked:
            self.liked.add(shown.items[best])
            return [Deed("like", best + 1)]
        if shown.items[worst] in self.liked:
            return []
        self.turned_down.add(shown.items[worst])
        return [Deed("dislike", worst + 1)]

    def go_on(self, shown: Shown) -> str:
        """The next message, to a slate without what is wanted."""
        if self._repair:
            message, self._repair = self._repair, ""
            return message
        if shown.choices and self._happens(self._persona.answers):
            return self._answer(shown)
        disturbed = self._disturbed(shown)
        if disturbed:
            return disturbed
        if shown.items and self._happens(self._persona.critiques):
            critique = self._critique(shown)
            if critique:
                return critique
        if not self._happens(self._persona.volunteers):
            return self._wording.other(self._dice)
        return self._tell(shown)

    def _tell(self, shown: Shown) -> str:
        values, bounds = self._pop(self._persona.verbosity), self._bounds[1:2]
        del self._bounds[1:2]
        if values or bounds:
            return self._typed(self._wording.wish(values, bounds, self._dice))
        return (shown.items and self._critique(shown)) or self._wording.other(self._dice)

    def _pop(self, count: int) -> list[Value]:
        told, self._agenda = self._agenda[:count], self._agenda[count:]
        return told

    def _worth(self, item: str) -> float:
        return float(self._goal.utility[self._market.catalogue.rows[item]])

    def _happens(self, share: float) -> bool:
        return bool(share) and float(self._dice.random()) < share

    def _answer(self, shown: Shown) -> str:
        """The choice that is true of the goal, else the last one, which skips."""
        item, facet = self._goal.anchor, shown.asked
        own, number = {word.lower() for word in item.words(facet)}, item.number(facet)
        fitting = [choice for choice in shown.choices[:-1] if choice.lower() in own]
        if number is not None:
            fitting = [choice for choice in shown.choices[:-1] if covers(choice, number)]
        if self._goal.taste:  # nothing else is wanted of what fits
            wanted = {value.lower() for name, value in self._goal.values if name == facet}
            fitting = [choice for choice in fitting if choice.lower() in wanted]
        self._agenda = [value for value in self._agenda if value[1].lower() not in {c.lower() for c in fitting[:1]}]
        return fitting[0] if fitting else shown.choices[-1]

    def _disturbed(self, shown: Shown) -> str:
        """A message that is noise, most often none."""
        noise = self._persona.noise
        if self._agenda and self._happens(noise.contradiction):
            facet, value = self._agenda[0]
            wrong = self._unlike(facet)
            if wrong:
                self._pop(1)
                self._repair = self._wording.meant(value, self._dice)
                return self._wording.wish([(facet, wrong)], [], self._dice)
        if self._goal.values and self._happens(noise.digression):
            facet = self._goal.values[int(self._dice.integers(len(self._goal.values)))][0]
            other = self._unlike(facet)
            if other:
                self._repair = self._wording.forget(other, self._dice)
                return self._wording.instead((facet, other), self._dice)
        if self._happens(noise.negation):
            return self._negation(shown)
        return ""

    def _unlike(self, facet: str) -> str:
        """A value of a facet that the goal does not have; "" where there is none."""
        own = {word.lower() for word in self._goal.anchor.words(facet)}
        others = [value for value in self._market.others(facet) if value not in own]
        return others[int(self._dice.integers(len(others)))] if others else ""

    def _negation(self, shown: Shown) -> str:
        """No more of what most of the cards have and the goal has not."""
        catalogue = self._market.catalogue
        counts: dict[Value, int] = {}
        own = {(facet, word.lower()) for facet in catalogue.postings for word in self._goal.anchor.words(facet)}
        for item in shown.items:
            for facet, word in self._market.spoken(catalogue[item]):
                if (facet, word.lower()) not in own:
                    counts[facet, word.lower()] = counts.get((facet, word.lower()), 0) + 1
        often = max(counts, key=lambda value: (counts[value], value), default=None)
        return self._wording.without(often, self._dice) if often and counts[often] > 1 else ""

    def _critique(self, shown: Shown) -> str:
        """Which way the goal lies from a card, by a number that people speak of as more or less."""
        catalogue, goal = self._market.catalogue, self._goal.anchor
        facets = [facet for facet in catalogue.facets.values() if facet.up and facet.down]
        place = int(self._dice.integers(min(len(shown.items), len(ORDINALS))))
        card = catalogue[shown.items[place]]
        for at in self._dice.permutation(len(facets)):
            word = direction(facets[at], card, goal)
            if word:
                return self._wording.critique(word, place, self._dice)
        return ""

    def _typed(self, message: str) -> str:
        """The message as it is typed."""
        return mistyped(message, self._dice) if self._happens(self._persona.noise.typo) else message


def direction(facet: Facet, card: Item, goal: Item) -> str:
    """The catalogue's word for the way from a card to the goal; "" where they are much the same."""
    here, there = card.number(facet.name), goal.number(facet.name)
    if here is None or there is None or abs(here - there) <= CLOSE_NUMBER * max(abs(here), abs(there)) * _fine(here):
        return ""
    return (facet.up if there > here else facet.down)[0]


def _fine(number: float) -> float:
    return 0.1 if 1000 <= number <= 2200 else 1.0  # of a year half a percent is ten years


def covers(choice: str, number: float) -> bool:
    """Whether a choice of numbers ("under 20 €", "from 20 to 40 €") holds a number."""
    figures = [float(word) for word in choice.split() if word.replace(".", "").isdigit()]
    low = figures[0] if choice.startswith(("from", "over")) else -np.inf
    high = figures[-1] if choice.startswith(("from", "under")) else np.inf
    return bool(figures) and low <= number <= high


def mistyped(message: str, dice: np.random.Generator) -> str:
    """With two letters of one longer word changed about; words with figures stay as they are."""
    words = message.split()
    long = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return message
    at = long[int(dice.integers(len(long)))]
    word, cut = words[at], int(dice.integers(1, len(words[at]) - 2))
    words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


