"""How soon a deed shows: event accepted -> the next slate with its effect, through the HTTP API, over 10,000 synthetic items.

Five visitors at once, 1,000 events, one a second of each, and some more without any pause; a server of its own process on
loopback with 3,000 remembered conversations and 100,000 imported deeds; beside it one raw query of Chroma over the same
vectors. `python -m tests.bench.reflected` prints it alone.
"""

import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import numpy as np

from bot.api.application import api
from bot.api.sites import DEFAULT, Site
from bot.events import EventLog
from bot.recommender import Recommender
from bot.understanding import Understander
from retrieval.index import ItemIndex
from tests.bench.row import Row
from tests.bench.size import World

ITEMS, EVENTS, USERS, QUERIES = 10_000, 1_000, 5, 200
PAUSE = 1.0  # seconds between the deeds of one visitor, in the mean
RUSH = 200  # events without a pause
WANTED = 50  # milliseconds at p95
PATIENCE = 120  # seconds until the server answers
KINDS = ("view", "click", "like", "dislike", "cart", "rating")
MESSAGE = "comedy, something funny from the seventies"


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url, ThreadPoolExecutor(USERS) as users:
        spent, rushed = (
            np.array([one for each in users.map(partial(visits, url, events, pause), range(USERS)) for one in each])
            for events, pause in ((EVENTS // USERS, PAUSE), (RUSH // USERS, 0.0))
        )
    (all50, all95), (slate50, slate95) = (np.percentile(spent[:, column], (50, 95)) for column in (0, 1))
    rush50, rush95 = np.percentile(rushed[:, 1], (50, 95))
    raw50, raw95 = np.percentile(raw_queries(), (50, 95))
    what = f"event accepted → in the next slate, HTTP, {USERS} visitors at once, {ITEMS:,} items, p50 / p95"
    told = f"{slate50:.0f} / {slate95:.0f} ms, from its sending {all50:.0f} / {all95:.0f}"
    told += f"; without pauses {rush50:.0f} / {rush95:.0f} (one raw Chroma query {raw50:.1f} / {raw95:.1f})"
    yield Row(what, told, f"p95 < {WANTED} ms", bool(slate95 < WANTED))


def visits(url: str, events: int, pause: float, user: int) -> list[tuple[float, float]]:
    return list(visit(url, events, pause, user))


def visit(url: str, events: int, pause: float, user: int) -> Iterator[tuple[float, float]]:
    """The milliseconds from sending each event to having a slate that shows it, and those of the slate alone."""
    dice = random.Random(user)
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {client.post('/sessions').json()['token']}"
        client.post("/turns", json={"message": MESSAGE}, headers={"Accept": "application/json"}).raise_for_status()
        slate = client.get("/recommendations").json()
        for number in range(events):
            time.sleep(dice.uniform(0, 2 * pause))
            kind, shown = dice.choice(KINDS), dice.choice(slate["slate"]["items"])["id"]
            event = {"event_id": f"{number}", "item_id": shown, "kind": kind, "value": 4.5 if kind == "rating" else None}
            started = time.perf_counter()
            taken = client.post("/events", json=event).json()
            accepted = time.perf_counter()
            after = client.get("/recommendations").json()
            ended = time.perf_counter()
            assert taken["accepted"] == 1, taken
            assert after["profile_version"] != slate["profile_version"]
            assert kind not in ("dislike", "rating") or shown not in [item["id"] for item in after["slate"]["items"]]
            slate = after
            yield 1_000 * (ended - started), 1_000 * (ended - accepted)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of a server in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.reflected", str(folder), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{url}/api/v1/items?limit=1").raise_for_status()
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, "the server did not come up"
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def serve(folder: Path, port: int) -> None:
    import uvicorn
    from langchain_core.embeddings import DeterministicFakeEmbedding

    world = World(ITEMS)
    catalogue, vectors = world.sources.index.catalogue, world.sources.index.vectors
    embeddings = DeterministicFakeEmbedding(size=vectors.shape[1])
    recommender = Recommender(catalogue, Understander(catalogue), world.sources, embeddings, None, EventLog.in_folder(folder))
    uvicorn.run(api({DEFAULT: recommender}, {DEFAULT: Site()}, b"x" * 32), port=port, log_level="warning")


def raw_queries() -> list[float]:
    """The milliseconds of single queries of Chroma over as many vectors, ids and distances alone."""
    index = World(ITEMS).sources.index
    with tempfile.TemporaryDirectory() as folder:
        chroma = ItemIndex(index.catalogue, index.vectors, "chroma")
        chroma.connect(Path(folder))
        everything = np.ones(ITEMS, dtype=np.bool_)
        spent: list[float] = []
        for row in range(QUERIES):
            started = time.perf_counter()
            chroma.nearest(index.vectors[row], everything, 10)
            spent.append(1_000 * (time.perf_counter() - started))
    return spent


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        for row in measure():
            print(row.what, "|", row.measured, "|", row.wanted, "|", "yes" if row.holds else "NO")
