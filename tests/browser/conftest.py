"""The real server, started once with the real model, and visitors who look at its page in headless Chromium."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.hosting import hosting, page
from tests.browser.shelf import write_catalogue
from tests.browser.shopper import Shopper
from tests.browser.visitor import Server, Visitor
from tests.running import free_port, serving

ROOT = Path(__file__).parents[2]
START_SECONDS = 240  # the model is loaded and sixty films are embedded, beside whatever else the machine does
STRICT = (
    "default-src 'none'; script-src {parley}; connect-src {parley}; frame-src {parley}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SHARED = "a secret that the shop and Parley share, long enough"
SITES = """
[shop]
title = "Films"
origins = ["{origin}"]
keys = [{{algorithm = "HS256", file = "shop.key"}}]
limits = {{visitor_turns_per_minute = 600, sessions_per_minute = 6000}}
"""
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def server(tmp_path_factory, models_folder):
    folder = tmp_path_factory.mktemp("server")
    data = folder / "data"
    data.mkdir()
    (data / "models").symlink_to(models_folder, target_is_directory=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "PARLEY_DATA": str(data), "PARLEY_CATALOGUE": str(write_catalogue(folder / "shelf")),
        "PARLEY_LANGUAGE_MODEL": "default", "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env={**os.environ, **told}, stdout=output, stderr=output
        )
        try:
            _until_ready(f"http://127.0.0.1:{port}", process, folder / "output.txt")
            yield Server(f"http://127.0.0.1:{port}", data / "log.sqlite3")
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(server, chromium):
    """Opens the page for a new visitor; at the end no visitor's page has complained or asked another machine for anything."""
    visitors = []

    def arrive(**options) -> Visitor:
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        visitors.append(Visitor(chromium.new_context(**options), server))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    for visitor in visitors:
        assert visitor.complaints == []
        assert {url for url in visitor.asked if url.startswith("http") and not url.startswith(server.address + "/")} == set()


@pytest.fixture
def visitor(visit) -> Visitor:
    return visit()


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """A Parley without a model, and a shop on another origin whose pages it lets in."""
    folder, port = tmp_path_factory.mktemp("widget"), free_port()
    with hosting(free_port()) as host:
        catalogue, data = write_catalogue(folder / "shelf"), folder / "data"
        (folder / "shop.key").write_text(SHARED)
        (folder / "sites.toml").write_text(SITES.format(origin=host.address))
        with serving(data, catalogue, port, PARLEY_SITES=str(folder / "sites.toml")):
            parley = Server(f"http://127.0.0.1:{port}", data / "log.sqlite3")
            host.headers["Content-Security-Policy"] = STRICT.format(parley=parley.address)
            host.pages["/"] = host.pages["/other"] = page(parley.address, label="Find a film", title="Films")
            yield SimpleNamespace(parley=parley, host=host)


@pytest.fixture
def arrive(shop, chromium):
    """A new shopper; at the end nothing was forbidden or asked of anybody else, no cookie was set, and no error told."""
    shoppers = []

    def shopper(path="/", **options) -> Shopper:
        options = {"viewport": {"width": 1100, "height": 800}, **options}
        shoppers.append(Shopper(chromium.new_context(**options), shop.host, shop.parley))
        return shoppers[-1].visit(path)

    yield shopper
    for one in shoppers:
        assert one.violations == []
        assert one.complaints == []
        assert one.context.cookies() == []
        ours = (shop.parley.address + "/", shop.host.address + "/")
        assert [url for url in one.asked if not url.startswith(ours)] == []
        one.context.close()


@pytest.fixture
def shopper(arrive) -> Shopper:
    return arrive()


def _until_ready(address: str, process: subprocess.Popen, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself: {output.read_text()}")
        told = _state(address)
        if told.get("ready"):
            assert told["language_model"] == "ready", told
            return
        assert not told.get("problem"), told
        time.sleep(0.5)
    raise RuntimeError(f"the server was not ready after {START_SECONDS} s: {output.read_text()}")


def _state(address: str) -> dict:
    """What the server says of itself; nothing before it listens."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as answer:
        return json.load(answer)
    except OSError:
        return {}
