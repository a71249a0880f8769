"""`python -m tests.bench.simulated [USERS]`: how soon visitors who want one item are shown it, with and without a profile.

Each visitor has a hidden item of a built-in catalogue and begins with one thing that is true of it (in the shop with a highest
price as well); its title is never said. A forthcoming one goes on with one more true thing a turn, facet by facet in a random
order, and then says which way the item lies from the first one shown; a reticent one says no more than is asked.
"Without a profile" the same bot knows of the visitor what the newest message says. No language model.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.elicitation import Question
from bot.events import EventLog
from bot.profile import Profile
from bot.recommender import Done, Recommender
from bot.session import Session, Turn
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, Item, read_catalogue
from retrieval.ranking import Slate
from retrieval.sources import Sources

USERS = 200
PATIENCE = 10  # turns, after which a visitor leaves
SOON = 6
SPARE = 1.2  # of the price: the most that a visitor would pay
SEED = 0
RUNS = {  # how forthcoming, with a profile, with questions
    "forthcoming": (True, True, True),
    "forthcoming, without a profile": (True, False, True),
    "forthcoming, never asked": (True, True, False),
    "forthcoming, never asked, without a profile": (True, False, False),
    "reticent": (False, True, True),
    "reticent, without a profile": (False, False, True),
    "reticent, never asked": (False, True, False),
}
REVEALED = {  # by what an item is called
    "film": ("genres", "mood", "pace", "country", "era", "themes"),
    "product": ("category", "use", "features", "for", "material", "colour"),
}


class Forgetful(Recommender):
    """The same bot with its profile switched off."""

    def _inferred(self, user: str, session_id: str, turns: Sequence[Turn]) -> Profile:
        return super()._inferred(user, session_id, turns[-1:])


class Visitor:
    """Wants one item; says what is true of it."""

    def __init__(self, item: Item, catalogue: Catalogue, dice: np.random.Generator, *, forthcoming: bool) -> None:
        self.item, self._catalogue, self._forthcoming = item, catalogue, forthcoming
        facets = [facet for facet in REVEALED[catalogue.noun] if item.words(facet)]
        words = [[str(word) for word in dice.permutation(item.words(facet))] for facet in dice.permutation(facets)]
        rounds = zip_longest(*words)  # one of each facet, then the second ones
        self._true = [word for told in rounds for word in told if word]

    def begin(self) -> str:
        """The first message."""
        price = self.item.number("price")
        limit = f" under {np.ceil(price * SPARE):g} €" if price else ""
        return f"something {self._true.pop(0)}{limit}"

    def go_on(self, slate: Slate, question: Question | None) -> str:
        """What is said to a slate without the item."""
        if question:
            return self._answer(question)
        if not self._forthcoming or not slate.recommendations:
            return "something else"
        return self._true.pop(0) if self._true else self._direction(slate.recommendations[0].item)

    def _answer(self, question: Question) -> str:
        own = {word.lower() for word in self.item.words(question.facet)}
        number = self.item.number(question.facet)
        fitting = [choice for choice in question.choices[:-1] if choice.lower() in own]
        if number is not None:
            fitting = [choice for choice in question.choices[:-1] if _covers(choice, number)]
        self._true = [word for word in self._true if word.lower() not in {choice.lower() for choice in fitting[:1]}]
        return fitting[0] if fitting else question.choices[-1]

    def _direction(self, shown: Item) -> str:
        """Which way the item lies from one that is shown."""
        for facet in self._catalogue.facets.values():
            here, there = shown.number(facet.name), self.item.number(facet.name)
            if facet.up and facet.down and here is not None and there is not None and here != there:
                return f"something {(facet.up if there > here else facet.down)[0]}"
        return "something else"


def _covers(choice: str, number: float) -> bool:
    figures = [float(word) for word in choice.split() if word.replace(".", "").isdigit()]
    low = figures[0] if choice.startswith(("from", "over")) else -np.inf
    high = figures[-1] if choice.startswith(("from", "under")) else np.inf
    return low <= number <= high


def main() -> None:
    users = int(sys.argv[1]) if len(sys.argv) > 1 else USERS
    table = Table("catalogue", "visitors", "mean turns", f"within {SOON} turns", "questions a visitor")
    for name in ("films", "shop"):
        for kind, (forthcoming, profile, answering) in RUNS.items():
            found = _visits(name, users, forthcoming=forthcoming, profile=profile, answering=answering)
            turns, asked = zip(*found, strict=True)
            soon = np.mean([turn <= SOON for turn in turns])
            table.add_row(name, kind, f"{np.mean(turns):.2f}", f"{soon:.2f}", f"{np.mean(asked):.1f}" if answering else "")
    Console(width=110).print(table)


def _visits(name: str, users: int, *, forthcoming: bool, profile: bool, answering: bool) -> Iterator[tuple[int, int]]:
    """For each visitor the turn of success (PATIENCE + 1: none) and how many questions were asked."""
    catalogue, dice = read_catalogue(name), np.random.default_rng(SEED)
    understander = Understander(catalogue)
    sources = Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))
    for number, row in enumerate(dice.permutation(len(catalogue))[:users]):
        bot = Recommender if profile else Forgetful
        recommender = bot(catalogue, understander, sources, None, None, EventLog("sqlite://"))
        visitor = Visitor(catalogue.items[row], catalogue, np.random.default_rng([SEED, number]), forthcoming=forthcoming)
        yield _visit(recommender, visitor, answering=answering)
        recommender.log.close()


def _visit(recommender: Recommender, visitor: Visitor, *, answering: bool) -> tuple[int, int]:
    session, message, asked = recommender.log.start_session("visitor", 0.0), visitor.begin(), 0
    for turn in range(1, PATIENCE + 1):
        done = _done(recommender, session, message)
        if visitor.item.id in done.slate.item_ids:
            return turn, asked
        asked += done.question is not None
        message = visitor.go_on(done.slate, done.question if answering else None)
    return PATIENCE + 1, asked


def _done(recommender: Recommender, session: Session, message: str) -> Done:
    return next(event for event in recommender.reply(session, message, speak=False) if isinstance(event, Done))


if __name__ == "__main__":
    main()
