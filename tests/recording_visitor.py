"""Somebody who speaks and acts through the real flow, over a log whose clock only they move."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.conversation_tests.recorded import Recorded
from bot.conversation_tests.recording import Recording, record
from bot.conversation_tests.shelves import Shelves
from bot.deeds import Event
from bot.events import EventLog
from bot.recommender import Done, Recommender
from bot.rights import Held
from bot.session import Session

NOON = 1_700_000_000.0
DAY = 86_400.0
FILE = "some.conv.yaml"


@dataclass
class Clock:
    """Seconds; every look takes one."""

    now: float = NOON

    def __call__(self) -> float:
        self.now += 1
        return self.now


@dataclass
class Someone:
    """A visitor of a recommender; `shown`: the newest slate."""

    recommender: Recommender
    user: str
    session: Session
    shown: tuple[str, ...] = ()
    _numbers: count = field(default_factory=count)

    def say(self, message: str) -> tuple[str, ...]:
        return self._seen(list(self.recommender.reply(self.session, message))[-1])

    def do(self, kind: str, item: str, value: float | None = None) -> tuple[str, ...]:
        """As the page does: the deed through the door, and the slate after it."""
        name, now = f"{self.user}-secret-{next(self._numbers)}", self.recommender.clock()
        event = Event(name, self.user, item, kind, now, value, self.session.id)
        (let_in,) = self.recommender.admit([event]).events
        return self._seen(list(self.recommender.react(self.session, let_in))[-1])

    def correct(self, how: str, target: str = "", weight: float | None = None) -> tuple[str, ...]:
        """As the page's panel does."""
        log, catalogue = self.recommender.log, self.recommender.catalogue
        held = Held(log, catalogue, self.user, self.session.id, self.recommender.clock())
        return self._seen(list(self.recommender.set_right(self.session, held.correction(how, target, weight)))[-1])

    def begin(self) -> None:
        """A new session."""
        self.session, self.shown = self.recommender.log.start_session(self.user, self.recommender.clock()), ()

    def recorded(self, session_id: str = "") -> Recorded:
        return Recorded.of_rows(self.recommender.log.held(self.user), session_id or self.session.id)

    def _seen(self, done: Done) -> tuple[str, ...]:
        self.shown = done.slate.item_ids
        return self.shown


@dataclass
class Place:
    """One built-in catalogue with a log of its own."""

    catalogue: str
    shelves: Shelves
    folder: Path
    log: EventLog
    clock: Clock = field(default_factory=Clock)

    def arrive(self, user: str) -> Someone:
        shelf = self.shelves.of(self.catalogue, self.folder / FILE, real=False)
        recommender = Recommender(
            shelf.catalogue, shelf.understander, shelf.sources.unlearnt(), None, None, self.log,
            diversity=shelf.settings.diversity, clock=self.clock,
        )  # fmt: skip
        return Someone(recommender, user, self.log.start_session(user, self.clock()))

    def script(self, recorded: Recorded, **options) -> Recording:
        return record(recorded, self.catalogue, shelves=self.shelves, **options)
