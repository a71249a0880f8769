"""Clients of streams that cost next to nothing: bare sockets, so that the server is measured and not they."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

PATIENCE = 60.0  # seconds


@dataclass
class Heard:
    """What one client got: the status, the gaps between pieces of words (seconds), how long it all took."""

    status: int = 0
    gaps: list[float] = field(default_factory=list)
    seconds: float = 0.0
    retry_after: str = ""
    words: int = 0


@contextmanager
def served(name: str, at_once: int = 100) -> Iterator[tuple[int, int]]:
    """The port and the process id of one of the servers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen([sys.executable, "-m", "tests.load.servers", name, str(port), str(at_once)], env=env)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/openapi.json", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, f"{name} did not come up"
                time.sleep(0.2)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)


def tokens_for(port: int, count: int) -> list[str]:
    """That many sessions' tokens."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as client:
        return [client.post("/sessions").raise_for_status().json()["token"] for _ in range(count)]


async def turn(port: int, token: str = "", message: str = "words", accept: str = "text/event-stream") -> Heard:
    """One turn, streamed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await _asked(port, "POST", "/api/v1/turns", json.dumps({"message": message}), headers | {"Accept": accept})


async def echo(port: int) -> Heard:
    """One answer of the Gradio server, by its two calls."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        begun = await client.post("/gradio_api/call/echo", json={"data": ["hello"]})
    return await _asked(port, "GET", f"/gradio_api/call/echo/{begun.json()['event_id']}")


async def _asked(port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Heard:
    heard, started = Heard(), time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    writer.write("\r\n".join([*lines, "", body]).encode())
    before = 0.0
    try:
        while piece := await asyncio.wait_for(reader.read(65_536), PATIENCE):
            now = time.perf_counter()
            heard.status = heard.status or int(piece.split(b" ", 2)[1])
            said = piece.count(b"data:")
            if b"retry-after:" in piece.lower():
                heard.retry_after = piece.lower().split(b"retry-after:")[1].split(b"\r\n")[0].strip().decode()
            if said:
                heard.gaps += [(now - before) / said] * said if before else []
                heard.words += said
                before = now
    finally:
        writer.close()
    heard.seconds = time.perf_counter() - started
    return heard
