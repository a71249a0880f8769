"""Parley as a process of its own, the way people start it."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import httpx

from bot.__main__ import main

_ROWS = (
    {"id": "tale", "title": "Alpha Tale", "description": "A calm story.", "year": 1990, "genres": ["drama", "quiet"]},
    {"id": "heist", "title": "Beta Heist", "description": "A loud theft.", "year": 2000, "genres": ["crime"]},
    {"id": "ray", "title": "Gamma Ray", "description": "Far out.", "year": 2010, "genres": ["science fiction"]},
)
CATALOGUE = "".join(json.dumps(row) + "\n" for row in _ROWS).encode()  # JSON Lines
ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds: a busy machine may take long to start a process


def environment(**given: str) -> dict[str, str]:
    """That of this process without its PARLEY_ settings; the language model is off unless `given` says otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**kept, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "PARLEY_LANGUAGE_MODEL": "off", **given}


def command(*arguments: object) -> list[str | bytes]:
    return [sys.executable, "-m", "bot", *(given if isinstance(given, bytes) else str(given) for given in arguments)]


def parley(
    folder: Path, *arguments: object, typed: bytes = b"", settings: dict[str, str] | None = None, **how: object
) -> subprocess.CompletedProcess[str]:
    """Run one command in `folder` to its end; what it wrote is decoded as UTF-8."""
    ran = subprocess.run(
        command(*arguments), cwd=folder, input=typed, env=environment(**(settings or {})), capture_output=True,
        timeout=PATIENCE, check=False, **how,
    )  # fmt: skip
    return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def at_once(folder: Path, *arguments: object, settings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The same within this process: a twentieth of the time, but what is logged does not show."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    given = [os.fsdecode(argument) for argument in command(*arguments)]
    with (
        contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", given[2:]), mock.patch.dict(os.environ, environment(**(settings or {})), clear=True),
    ):  # fmt: skip
        try:
            main()
        except SystemExit as exit:
            code = exit.code or 0
    return subprocess.CompletedProcess(given, code, out.getvalue(), err.getvalue())


def refusal(ran: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command was refused: nothing else on stderr, and exit code 2."""
    assert "Traceback" not in ran.stderr
    (line,) = ran.stderr.splitlines()
    assert ran.returncode == 2
    assert line.startswith("parley: ")
    return line.removeprefix("parley: ")


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@contextmanager
def serving(
    data: Path, catalogue: Path, port: int, until: str = "/readyz", options: Sequence[str] = (), **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A served page that answers at `until`; killed at the end if it still runs."""
    process = subprocess.Popen(
        command("serve", "--port", port, "--data", data, "--catalogue", catalogue, *options), cwd=catalogue.parent,
        env=environment(**settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _wait(process, f"http://127.0.0.1:{port}{until}")
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1].decode()
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {PATIENCE} s")
