"""A second start: how soon the first page stands and how soon it answers."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.bench.row import Row

LONGEST = 120.0  # seconds


def measure(data: Path) -> list[Row]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--data", str(data), "--catalogue", "films"]
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        page = until(f"http://127.0.0.1:{port}/", started)
        ready = until(f"http://127.0.0.1:{port}/readyz", started)
    finally:
        server.terminate()
        server.wait(20)
    return [
        Row("second start to the first page", f"{page:.1f} s", "<= 3 s", page <= 3),
        Row("second start to ready", f"{ready:.1f} s", "<= 15 s", ready <= 15),
    ]


def until(url: str, started: float) -> float:
    """Seconds from `started` until `url` answers 200."""
    while time.perf_counter() - started < LONGEST:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.perf_counter() - started
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return LONGEST
