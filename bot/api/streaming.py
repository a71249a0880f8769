"""An answer as server-sent events: `slate`, `words` (many), `done`, each with an id; a comment while nothing happens."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing, suppress
from typing import Any, cast

from bot.answer import answer_json, slate_json
from bot.api.problems import problem_json
from bot.recommender import Done, ReplyEvent, SlateReady
from retrieval.catalogue import Catalogue
from retrieval.errors import ReadableError

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = ": nothing new\n\n"
LONGEST_SECONDS = 60.0  # that an answer can take
UNREAD_SECONDS = 5.0  # that an answer goes on although nobody has begun to read it

log = logging.getLogger(__name__)

Named = tuple[str, dict[str, Any]]  # an event's name and its data


def named(event: ReplyEvent, catalogue: Catalogue) -> Named:
    """A step of the flow as clients know it."""
    if isinstance(event, SlateReady):
        return "slate", slate_json(event.slate, catalogue)
    if isinstance(event, Done):
        return "done", answer_json(event, catalogue)
    return "words", {"text": event.text}


def written(number: int, event: Named) -> str:
    """One event in the format of the stream."""
    name, data = event
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


class Answer:
    """An answer that grows in a pool and is read here, by one client or, after a broken line, by the same one again.

    It ends by itself, after `longest` seconds, or when it has had no reader for `patience` seconds: the reply is closed then.
    `ended` is called once, when nothing runs any more.
    """

    def __init__(
        self, reply: Callable[[], Iterator[ReplyEvent]], catalogue: Catalogue, pool: Executor, *,
        ended: Callable[[], None] = lambda: None, patience: float = 0.0, longest: float = LONGEST_SECONDS,
    ) -> None:  # fmt: skip
        self.told: list[Named] = []
        self.over = False
        self._patience, self._readers, self._gone = patience, 0, threading.Event()
        self._grown, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._late = self._loop.call_later(longest, self._stop, ("error", problem_json(503, "The answer took too long.")))
        self._loop.call_later(max(patience, UNREAD_SECONDS), self._leave)
        pool.submit(self._run, reply, catalogue, ended)

    async def read(self, after: int = 0, heartbeat: float = HEARTBEAT_SECONDS) -> AsyncIterator[str]:
        """The stream from the event that follows number `after`."""
        self._readers += 1
        try:
            while True:
                while after < len(self.told):
                    after += 1
                    yield written(after, self.told[after - 1])
                if self.over:
                    return
                try:
                    await asyncio.wait_for(self._grown.wait(), heartbeat)
                except TimeoutError:
                    yield HEARTBEAT
        finally:
            self._readers -= 1
            if self._patience:
                self._loop.call_later(self._patience, self._leave)
            else:
                self._leave()

    async def whole(self) -> Named:
        """The last event: `done`, or `error`."""
        async for _ in self.read():
            pass
        return self.told[-1]

    def _leave(self) -> None:
        if not self._readers:
            self._gone.set()

    def _stop(self, last: Named | None) -> None:
        """Tell the last event and end the stream, whatever still runs."""
        self._gone.set()
        self._add(last)
        self._add(None)

    def _add(self, event: Named | None) -> None:
        if self.over:
            return
        if event is None:
            self.over = True
            self._late.cancel()
        else:
            self.told.append(event)
        self._grown.set()
        self._grown = asyncio.Event()

    def _tell(self, event: Named | None) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._add, event)

    def _run(self, reply: Callable[[], Iterator[ReplyEvent]], catalogue: Catalogue, ended: Callable[[], None]) -> None:
        """Tell the steps of a reply one by one, at last None; stop and close it at the next step once the readers are gone."""
        try:
            with closing(cast(Generator[ReplyEvent], reply())) as steps:
                for step in steps:
                    if self._gone.is_set():
                        break
                    self._tell(named(step, catalogue))
        except ReadableError as error:
            self._tell(("error", problem_json(422, str(error))))
        except Exception:
            log.exception("an answer failed")
            self._tell(("error", problem_json(500, "Something went wrong here; it has been logged.")))
        finally:
            ended()
            self._tell(None)
