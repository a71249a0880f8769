"""Token buckets: so much at once, and as much again within a minute, for each name."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 20_000  # names remembered: those asked for least lately are let go


class Buckets:
    """One bucket a name. Each holds a minute's worth, is full at first and fills evenly."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._holds, self._clock = max(1.0, per_minute), clock
        self._fills = per_minute / 60  # tokens a second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> tokens, and when they were counted
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """Take one token: 0.0 where there was one, else the seconds until there is one."""
        with self._lock:
            now = self._clock()
            tokens, when = self._left.pop(name, (self._holds, now))
            tokens = min(self._holds, tokens + (now - when) * self._fills)
            taken = tokens >= 1
            self._left[name] = (tokens - taken, now)
            if len(self._left) > MOST:
                self._left.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self._fills
