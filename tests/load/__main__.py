"""`python -m tests.load [--soak MINUTES]`: streams at once beside bare servers, connections, refusals, growth."""

import argparse
import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import psutil

from tests.load.clients import Heard, echo, served, tokens_for, turn
from tests.load.servers import GAP, TOKENS

STREAMS, CONNECTED = 100, 250

T = TypeVar("T")


def in_own_thread(begun: Callable[[], Coroutine[object, object, T]]) -> T:
    """What a coroutine returns, whatever loop the calling thread may already run: that of a browser, in tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(begun())).result()


def streams(name: str, count: int = STREAMS) -> list[Heard]:
    """`count` streams of one server at once."""
    with served(name, count) as (port, _):
        tokens = tokens_for(port, count) if name == "parley" else [""] * count

        async def all_of_them() -> list[Heard]:
            asked = [echo(port) if name == "gradio" else turn(port, token) for token in tokens]
            return await asyncio.gather(*asked)

        return in_own_thread(all_of_them)


def connected(count: int = CONNECTED, at_once: int = 25) -> list[Heard]:
    """`count` connections at once where only `at_once` are answered at a time and eight times as many wait."""
    with served("parley", at_once) as (port, _):
        tokens = tokens_for(port, count)

        async def all_of_them() -> list[Heard]:
            return await asyncio.gather(*(turn(port, token) for token in tokens))

        return in_own_thread(all_of_them)


def soak(minutes: float) -> list[tuple[float, int, int, int]]:
    """Turns without end: after each sixth of the time the turns so far, resident MB, open files and threads."""
    with served("parley", 8) as (port, pid):
        process, started, found = psutil.Process(pid), time.monotonic(), []

        async def some(tokens: list[str]) -> None:
            await asyncio.gather(*(turn(port, token, "whole", "application/json") for token in tokens))

        turns = 0
        while len(found) < 6:
            tokens = tokens_for(port, 8)
            for _ in range(5):
                in_own_thread(lambda tokens=tokens: some(tokens))
                turns += len(tokens)
            if time.monotonic() - started > (len(found) + 1) * minutes * 10:
                found.append((turns, process.memory_info().rss >> 20, process.num_fds(), process.num_threads()))
        return found


def told(name: str, heard: list[Heard]) -> str:
    gaps = np.array([gap for one in heard for gap in one.gaps]) * 1_000
    whole = np.array([one.seconds for one in heard])
    return (
        f"{name:10} {len(heard)} streams: gap p50 {np.percentile(gaps, 50):.1f} p95 {np.percentile(gaps, 95):.1f} ms "
        f"(ideal {GAP * 1_000:.0f}), whole p50 {np.percentile(whole, 50):.2f} s (ideal {TOKENS * GAP:.2f})"
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m tests.load")
    asked.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    given = asked.parse_args()
    for server in ("fastapi", "parley", "gradio"):
        print(told(server, streams(server)), flush=True)
    heard = connected()
    statuses = {status: sum(one.status == status for one in heard) for status in sorted({one.status for one in heard})}
    waits = {one.retry_after for one in heard if one.status == 429}
    slowest = max(one.seconds for one in heard if one.status == 429) if 429 in statuses else 0.0
    print(f"{CONNECTED} connected: {statuses}, Retry-After {sorted(waits)}, the slowest refusal {slowest:.2f} s", flush=True)
    for turns, megabytes, files, threads in soak(given.soak) if given.soak else ():
        print(f"soak: {turns:7,} turns  {megabytes} MB  {files} files  {threads} threads", flush=True)
