"""Speaking to a recommender and acting on what it shows, a line each."""

import itertools

from bot.events import Event
from bot.recommender import Done, Recommender
from bot.session import Session

NOW = 1_700_000_000.0
QUIET_SPACE = "a quiet science fiction film about space"
numbers = itertools.count()


def deed(session: Session, kind: str, item: str, value: float | None = None) -> Event:
    """A new event of the session's user, later than those before."""
    return Event(f"deed-{next(numbers)}", session.user, item, kind, NOW + next(numbers), value, session.id)


def answer(recommender: Recommender, session: Session, message: str, **options) -> Done:
    """The whole answer to a message."""
    return list(recommender.reply(session, message, **options))[-1]


def after(recommender: Recommender, session: Session, kind: str, item: str, value: float | None = None, **options) -> Done:
    """The whole answer to a deed."""
    return list(recommender.react(session, deed(session, kind, item, value), **options))[-1]
