"""What every route of the API goes through: who asks, which session, how many are answered at a time."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request

from bot.api.identity import Tokens, Visitor
from bot.api.problems import Problem
from bot.recommender import Recommender
from bot.rights import Held
from bot.session import Session

AT_ONCE = 8  # turns answered at a time
WAITING = 64  # more wait; beyond that, visitors are told to come back
RETRY_SECONDS = 2
LONGEST_SECONDS = 60.0  # that a turn can take


@dataclass(frozen=True)
class Door:
    """The live parts behind the API, and what keeps order among those who ask."""

    recommender: Recommender
    tokens: Tokens
    _busy: dict[str, float] = field(default_factory=dict[str, float])  # session -> since when a turn of it is answered
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def turn_of(self, session_id: str) -> Generator[None]:
        """One turn of a session. Raises Problem: 409 while another one is answered, 429 when too many wait."""
        with self._lock:
            now = time.monotonic()
            for stale in [one for one, since in self._busy.items() if now - since > LONGEST_SECONDS]:
                del self._busy[stale]  # of a client that went before its answer began
            if session_id in self._busy:
                raise Problem(409, "Another turn of this session is being answered.", RETRY_SECONDS)
            if len(self._busy) >= AT_ONCE + WAITING:
                raise Problem(429, "Too many visitors are waiting for an answer.", RETRY_SECONDS)
            self._busy[session_id] = now
        try:
            yield
        finally:
            with self._lock:
                self._busy.pop(session_id, None)

    def session(self, visitor: Visitor) -> Session:
        """The visitor's session, begun anew where it has been erased."""
        log = self.recommender.log
        if log.has_session(visitor.session_id):  # a token names nobody else's
            return Session(visitor.session_id, visitor.user)
        return log.start_session(visitor.user, self.recommender.clock(), visitor.session_id)

    def held(self, visitor: Visitor) -> Held:
        """What is held of the visitor now."""
        recommender = self.recommender
        return Held(recommender.log, recommender.catalogue, visitor.user, visitor.session_id, recommender.clock())


def the_door(request: Request) -> Door:
    """The door of the application that answers a request."""
    return request.app.state.door


def the_visitor(request: Request, authorization: Annotated[str, Header(description="Bearer TOKEN")] = "") -> Visitor:
    """Who asks, by the token alone."""
    door = the_door(request)
    return door.tokens.visitor(authorization, door.recommender.clock())


TheDoor = Annotated[Door, Depends(the_door)]
TheVisitor = Annotated[Visitor, Depends(the_visitor)]
