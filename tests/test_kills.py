"""Killed in the middle of its work, Parley loses nothing that it has acknowledged and goes on where it was."""

import json
import random
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from bot.data_folder import DataFolder
from bot.events import EventLog
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.vectors import BATCH, VectorFiles
from tests.running import PATIENCE, command, environment, free_port, parley, serving

FILMS = 80
WORDS = ("lantern", "river", "clock", "orchard", "parade", "harbour", "letter", "winter", "train", "garden")
LONG = 40  # words: long enough that embedding all films takes seconds
WIDTH = 576  # of the default model's vectors
MARK = np.eye(WIDTH, dtype=np.float32)[0]  # a vector that no text has
KILLED_AFTER = 6  # acknowledged reactions


def write_films(path: Path) -> Path:
    dice = random.Random(3)
    told = [" ".join(dice.choices(WORDS, k=LONG)) for _ in range(FILMS)]
    rows = [{"id": f"film-{n}", "title": f"Film {n}", "description": text} for n, text in enumerate(told)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def only(folder: Path, pattern: str) -> Path | None:
    found = list(folder.glob(pattern))
    assert len(found) <= 1
    return found[0] if found else None


def kill_while_embedding(data: Path, catalogue: Path) -> Path:
    """Begin an index, kill it as soon as some vectors are safe; returns the file they are in."""
    environs = environment(PARLEY_LANGUAGE_MODEL="default")
    process = subprocess.Popen(
        command("index", catalogue, "--data", data), env=environs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: process.poll() is not None or ((file := only(data, "*.partial")) and file.stat().st_size))
    finally:
        process.kill()
        process.wait()
    partial = only(data, "*.partial")
    assert partial, "the index was finished before it could be killed"
    return partial


class Embedder:
    """Stands in for the model: one and the same vector for every text, and no more after some batches."""

    def __init__(self, batches: int) -> None:
        self._batches = batches

    def __call__(self, texts: list[str]) -> list[list[float]]:
        if not self._batches:
            raise InterruptedError
        self._batches -= 1
        return [MARK.tolist()] * len(texts)


def mark_what_is_safe(partial: Path, films: Catalogue, files: VectorFiles) -> int:
    """Put a mark in the place of every vector that the killed run has kept, and half a record after them; returns how many."""
    kept: list[int] = []
    with pytest.raises(InterruptedError):
        files.complete(films, Embedder(0), kept.append)
    partial.unlink()
    with pytest.raises(InterruptedError):
        files.complete(films, Embedder(kept[0] // BATCH))
    with partial.open("ab") as file:
        file.write(b"half a record")
    return kept[0]


@pytest.mark.model
def test_a_killed_index_embeds_only_what_is_missing_when_it_is_run_again(tmp_path, models_folder):
    catalogue, data = write_films(tmp_path / "films.jsonl"), tmp_path / "data"
    data.mkdir()
    (data / "models").symlink_to(models_folder)
    partial = kill_while_embedding(data, catalogue)
    films, files = read_catalogue(catalogue), VectorFiles(data, partial.stem.removeprefix("vectors-"), WIDTH)
    safe = mark_what_is_safe(partial, films, files)
    assert 0 < safe < FILMS

    ran = parley(tmp_path, "index", catalogue, "--data", data, settings={"PARLEY_LANGUAGE_MODEL": "default"})

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{FILMS} items ready" in ran.stdout
    assert only(data, "*.partial") is None
    vectors = files.complete(films, Embedder(0))
    assert (vectors[:safe] == MARK).all(), "what was safe has been embedded again"
    assert not (vectors[safe:] == MARK).all(axis=1).any()


class Visitor:
    """A browser that opens the page and reacts to every card."""

    def __init__(self, port: int) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        self._http.get("/")
        config = self._http.get("/config").json()
        self._prefix, self._listeners = config["api_prefix"], config["dependencies"]
        self._ask("load", "load", [])
        self._ask("say", "submit", ["something with a river", None])
        self.acknowledged: list[str] = []

    @property
    def name(self) -> str:
        return self._http.cookies["parley_visitor"]

    def like_all(self, items: list[str]) -> None:
        """Like item after item; those that were answered with a slate are acknowledged. Ends when the server does."""
        try:
            for item in items:
                self._ask("react", "click", [None], {"kind": "like", "item": item, "position": 1, "slate": ""})
                self.acknowledged.append(item)
        except httpx.TransportError:
            return
        finally:
            self._http.close()

    def _ask(self, name: str, trigger: str, data: list[Any], event: dict[str, Any] | None = None) -> None:
        """Run one of the page's listeners, as its script does, until the first answer."""
        (number,) = (
            listener["id"] for listener in self._listeners
            if listener["api_name"] == name and any(target[1] == trigger for target in listener["targets"])
        )  # fmt: skip
        asked = {"data": data, "event_data": event, "fn_index": number, "trigger_id": None, "session_hash": "visit"}
        joined = self._http.post(f"{self._prefix}/queue/join", json=asked).raise_for_status().json()
        with self._http.stream("GET", f"{self._prefix}/queue/data", params={"session_hash": "visit"}) as answers:
            for line in answers.iter_lines():
                told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed" and told.get("event_id") == joined["event_id"]:
                    assert told["success"], told
                    return
        raise httpx.RemoteProtocolError("the answers ended before this one")


def test_a_killed_server_has_kept_every_acknowledged_event_and_starts_again_by_itself(tmp_path):
    catalogue, data, port = write_films(tmp_path / "films.jsonl"), tmp_path / "data", free_port()
    items = [f"film-{n}" for n in range(FILMS)]
    with serving(data, catalogue, port) as process:
        visitor = Visitor(port)
        liking = threading.Thread(target=visitor.like_all, args=[items])
        liking.start()
        until(lambda: len(visitor.acknowledged) >= KILLED_AFTER or not liking.is_alive())
        process.kill()
        liking.join(PATIENCE)
    assert KILLED_AFTER <= len(visitor.acknowledged) < FILMS

    DataFolder(data).release()  # raises where the lock is still held
    log = EventLog.in_folder(data)
    kept = [event.item for event in log.of(visitor.name)]
    assert kept in (visitor.acknowledged, [*visitor.acknowledged, items[len(visitor.acknowledged)]])
    assert log.turns(visitor.name)[0].text == "something with a river"
    log.close()

    with serving(data, catalogue, port):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").json()["ready"] is True


def test_events_imported_beside_a_server_outlive_its_being_killed(tmp_path):
    catalogue, data, port = write_films(tmp_path / "films.jsonl"), tmp_path / "data", free_port()
    events = "user_id,item_id,kind,timestamp\n" + "".join(f"ann,film-{n},view,{1_700_000_000 + n}\n" for n in range(FILMS))
    (tmp_path / "events.csv").write_text(events)
    importing = ("events", "import", "events.csv", "--data", data, "--catalogue", catalogue)
    with serving(data, catalogue, port, until="/healthz") as process:
        assert f"{FILMS} new" in parley(tmp_path, *importing).stdout
        process.kill()
    assert f"0 new, {FILMS} known already, 0 bad" in parley(tmp_path, *importing).stdout
