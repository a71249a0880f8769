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


async def events(
    reply: Callable[[], Iterator[ReplyEvent]], catalogue: Catalogue, pool: Executor, heartbeat: float = HEARTBEAT_SECONDS
) -> AsyncIterator[str]:
    """The stream of a reply, which runs in `pool`. When it is closed, because the client has gone, the reply is closed too."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Named | None]()
    gone = threading.Event()

    def tell(event: Named | None) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(queue.put_nowait, event)

    running = loop.run_in_executor(pool, _run, reply, catalogue, tell, gone)
    number = 0
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), heartbeat)
            except TimeoutError:
                yield HEARTBEAT
                continue
            if event is None:
                break
            number += 1
            yield written(number, event)
        await running
    finally:
        gone.set()


def _run(
    reply: Callable[[], Iterator[ReplyEvent]], catalogue: Catalogue, tell: Callable[[Named | None], None], gone: threading.Event
) -> None:
    """Tell the steps of a reply one by one, at last None; stop and close it at the next step once they are `gone`."""
    try:
        with closing(cast(Generator[ReplyEvent], reply())) as steps:
            for step in steps:
                if gone.is_set():
                    break
                tell(named(step, catalogue))
    except ReadableError as error:
        tell(("error", problem_json(422, str(error))))
    except Exception:
        log.exception("an answer failed")
        tell(("error", problem_json(500, "Something went wrong here; it has been logged.")))
    finally:
        tell(None)
