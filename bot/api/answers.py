"""Answers that can be asked for again: by the client's own key for a turn, whole or from the event after the last one seen."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.api.problems import Problem
from bot.api.streaming import Answer

PATIENCE_SECONDS = 10.0  # that an answer goes on after its reader has gone, where it can be asked for again
KEPT_SECONDS = 300.0
MOST = 2_000  # answers kept


@dataclass(frozen=True)
class Answers:
    """The answers of the last minutes that have a key."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str], tuple[float, str, Answer]] = field(
        default_factory=OrderedDict[tuple[str, str], tuple[float, str, Answer]]
    )

    def find(self, session_id: str, key: str, asked: str) -> Answer | None:
        """The answer that a session has under a key. Raises Problem (422) where the key stood for something else."""
        now = self.clock()
        while self._kept and (len(self._kept) > MOST or next(iter(self._kept.values()))[0] + KEPT_SECONDS < now):
            self._kept.popitem(last=False)
        found = self._kept.get((session_id, key))
        if found and found[1] != asked:
            raise Problem(422, "header.Idempotency-Key: this key was used for another message")
        return found[2] if found else None

    def keep(self, session_id: str, key: str, asked: str, answer: Answer) -> None:
        """Keep an answer under a key."""
        self._kept[session_id, key] = (self.clock(), asked, answer)
