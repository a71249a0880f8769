"""Reads a slow iterator in a thread, so that its reader is never held up longer than it wants."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

Piece = TypeVar("Piece")


def paced(pieces: Iterable[Piece], wait_seconds: float) -> Iterator[Piece | None]:
    """The pieces as they come, and None whenever none has come for `wait_seconds`.

    Nothing is read ahead. An error of `pieces` is raised here. Closing this iterator closes `pieces` as soon as it gives
    its next piece.
    """
    reader = _Reader(pieces)
    try:
        while True:
            reader.asked.release()
            while (told := reader.within(wait_seconds)) is None:
                yield None
            kind, piece = told
            if kind == "error":
                raise piece
            if kind == "end":
                return
            yield piece
    finally:
        reader.stop(wait_seconds)


class _Reader(Generic[Piece]):
    """The thread that reads a piece each time one is asked for."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.asked = threading.Semaphore(0)
        self._pieces = pieces
        self._ready: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="words", daemon=True)
        self._thread.start()

    def within(self, seconds: float) -> tuple[str, Any] | None:
        """What was read: ("piece", it), ("end", None) or ("error", it); None when nothing came in time."""
        try:
            return self._ready.get(timeout=seconds)
        except queue.Empty:
            return None

    def stop(self, seconds: float) -> None:
        """Close what is read, waiting at most `seconds` for it."""
        self._over.set()
        self.asked.release()
        self._thread.join(seconds)

    def _read(self) -> None:
        pieces = iter(self._pieces)
        try:
            while self.asked.acquire() and not self._over.is_set():
                self._ready.put(("piece", next(pieces)))
        except StopIteration:
            self._ready.put(("end", None))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the reader, not to this thread
            self._ready.put(("error", error))
        finally:
            close = getattr(pieces, "close", None)
            if close:
                close()
