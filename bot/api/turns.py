"""The turns that are being answered: one of a session at a time, and no more of all than can be waited for."""

import threading
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from bot.api.problems import Problem

AT_ONCE = 8  # turns answered at a time
WAITING = 8  # times as many more wait; beyond that, visitors are told to come back
RETRY_SECONDS = 2


@dataclass
class OpenTurns:
    """The turns that are being answered, of all sites, and the threads that answer them."""

    at_once: int = AT_ONCE
    _busy: set[str] = field(default_factory=set[str])  # sessions
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def pool(self) -> Executor:
        """The threads."""
        return ThreadPoolExecutor(self.at_once, thread_name_prefix="answering")

    @contextmanager
    def turn_of(self, session_id: str) -> Generator[None]:
        """One turn of a session. Raises Problem: 409 while another one is answered, 429 when too many wait."""
        with self._lock:
            if session_id in self._busy:
                raise Problem(409, "Another turn of this session is being answered.", RETRY_SECONDS)
            if len(self._busy) >= self.most:
                raise Problem(429, "Too many visitors are waiting for an answer.", RETRY_SECONDS)
            self._busy.add(session_id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(session_id)

    @property
    def most(self) -> int:
        """How many turns may be open: being answered, or waiting."""
        return self.at_once * (1 + WAITING)

    def __len__(self) -> int:
        return len(self._busy)
