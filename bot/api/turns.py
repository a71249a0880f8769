"""The turns that are being answered: one of a session at a time, and no more of all than can be waited for."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.api.problems import Problem

AT_ONCE = 8  # turns answered at a time
WAITING = 64  # more wait; beyond that, visitors are told to come back
RETRY_SECONDS = 2


@dataclass(frozen=True)
class OpenTurns:
    """The turns that are being answered, of all sites."""

    _busy: set[str] = field(default_factory=set[str])  # sessions
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def turn_of(self, session_id: str) -> Generator[None]:
        """One turn of a session. Raises Problem: 409 while another one is answered, 429 when too many wait."""
        with self._lock:
            if session_id in self._busy:
                raise Problem(409, "Another turn of this session is being answered.", RETRY_SECONDS)
            if len(self._busy) >= AT_ONCE + WAITING:
                raise Problem(429, "Too many visitors are waiting for an answer.", RETRY_SECONDS)
            self._busy.add(session_id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(session_id)

    def __len__(self) -> int:
        return len(self._busy)
