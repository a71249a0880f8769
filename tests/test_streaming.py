"""The stream of an answer: steps as they come, a sign of life between them, an end when the client has gone."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.api.streaming import HEARTBEAT, Answer
from bot.recommender import MessageError, Words

POOL = ThreadPoolExecutor(4)
PATIENCE = 5  # seconds


def finished(work):
    """What it comes to, in a loop and a thread of its own: the browser's tests leave their loop running in this one."""
    return POOL.submit(asyncio.run, work).result()


def collected(reply, catalogue, heartbeat=5.0, after=0, **how) -> list[str]:
    async def run() -> list[str]:
        return [part async for part in Answer(reply, catalogue, POOL, **how).read(after, heartbeat)]

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
        stream = Answer(endless, catalogue, POOL).read()
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


def test_what_takes_too_long_ends_with_a_problem(catalogue):
    go_on = threading.Event()

    def slow():
        yield Words("first")
        go_on.wait(PATIENCE)
        yield Words("last")

    *_, error = collected(slow, catalogue, longest=0.2)
    go_on.set()
    assert "event: error" in error and '"status": 503' in error


def test_an_answer_goes_on_for_a_reader_that_comes_back(catalogue):
    go_on = threading.Event()

    def reply():
        yield Words("one")
        assert go_on.wait(PATIENCE)
        yield Words("two")

    async def broken() -> list[str]:
        answer = Answer(reply, catalogue, POOL, patience=PATIENCE)
        first = answer.read()
        await anext(first)
        await first.aclose()
        go_on.set()
        return [part async for part in answer.read(after=1)]

    assert finished(broken()) == ['id: 2\nevent: words\ndata: {"text": "two"}\n\n']


def test_an_answer_that_nobody_reads_ends(catalogue, monkeypatch):
    monkeypatch.setattr("bot.api.streaming.UNREAD_SECONDS", 0.1)
    ended, steps = threading.Event(), []

    def endless():
        while True:
            steps.append(1)
            yield Words("and")
            time.sleep(0.02)

    async def unread() -> None:
        Answer(endless, catalogue, POOL, ended=ended.set)
        await asyncio.sleep(0.3)

    finished(unread())
    assert ended.wait(PATIENCE) and len(steps) < 20
