"""Reads a slow iterator in a thread, so that its reader is never held up longer than it wants."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Piece = TypeVar("Piece")


def paced(pieces: Iterable[Piece], wait_seconds: float) -> Iterator[Piece | None]:
    """The pieces as they come, and None whenever none has come for `wait_seconds`.

    An error of `pieces` is raised here. Closing this iterator closes `pieces` as soon as it gives its next piece.
    """
    ready: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    asked = threading.Semaphore(0)  # a piece is read only when one is wanted: nothing is read ahead
    over = threading.Event()

    def read() -> None:
        reader = iter(pieces)
        try:
            while asked.acquire() and not over.is_set():
                ready.put(("piece", next(reader)))
        except StopIteration:
            ready.put(("end", None))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the reader, not to this thread
            ready.put(("error", error))
        finally:
            close = getattr(reader, "close", None)
            if close:
                close()

    thread = threading.Thread(target=read, name="words", daemon=True)
    thread.start()
    try:
        while True:
            asked.release()
            while (told := _within(ready, wait_seconds)) is None:
                yield None
            kind, piece = told
            if kind == "error":
                raise piece
            if kind == "end":
                return
            yield piece
    finally:
        over.set()
        asked.release()
        thread.join(wait_seconds)


def _within(ready: "queue.SimpleQueue[tuple[str, Any]]", seconds: float) -> tuple[str, Any] | None:
    try:
        return ready.get(timeout=seconds)
    except queue.Empty:
        return None
