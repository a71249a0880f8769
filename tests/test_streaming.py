"""The stream of an answer: steps as they come, a sign of life between them, an end when the client has gone."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.api.streaming import HEARTBEAT, events
from bot.recommender import MessageError, Words

POOL = ThreadPoolExecutor(4)
PATIENCE = 5  # seconds


def finished(work):
    """What it comes to, in a loop and a thread of its own: the browser's tests leave their loop running in this one."""
    return POOL.submit(asyncio.run, work).result()


def collected(reply, catalogue, **how) -> list[str]:
    async def run() -> list[str]:
        return [part async for part in events(reply, catalogue, POOL, **how)]

    return finished(run())


def test_steps_are_told_as_they_come(catalogue):
    parts = collected(lambda: (Words(text) for text in ("one", "two")), catalogue)
    assert parts == ['id: 1\nevent: words\ndata: {"text": "one"}\n\n', 'id: 2\nevent: words\ndata: {"text": "two"}\n\n']


def test_while_nothing_comes_there_is_a_sign_of_life(catalogue):
    def slow():
        time.sleep(0.3)
        yield Words("at last")

    parts = collected(slow, catalogue, heartbeat=0.05)
    assert parts[0] == HEARTBEAT and "at last" in parts[-1]


def test_a_client_that_goes_closes_the_answer(catalogue):
    closed, go_on = threading.Event(), threading.Event()

    def endless():
        try:
            while True:
                yield Words("and")
                go_on.wait(PATIENCE)
        finally:
            closed.set()

    async def leave() -> None:
        stream = events(endless, catalogue, POOL)
        await anext(stream)
        await stream.aclose()

    finished(leave())
    go_on.set()
    assert closed.wait(PATIENCE)


@pytest.mark.parametrize(
    ("error", "status", "says"), [(MessageError("too long"), 422, "too long"), (KeyError("secret"), 500, "")]
)
def test_an_error_within_a_stream_is_told_as_a_problem_without_what_is_inside(catalogue, error, status, says):
    def failing():
        yield Words("first")
        raise error

    last = collected(failing, catalogue)[-1]
    problem = json.loads(last.split("data: ")[1])
    assert "event: error" in last and problem["status"] == status
    assert says in problem["detail"] and "secret" not in last
