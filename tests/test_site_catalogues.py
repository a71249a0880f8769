"""Sites with a catalogue of their own: each has its own items and its own log, in one Parley."""

import json
from contextlib import contextmanager

import httpx
import pytest

from bot.parts import build
from bot.settings import read_settings
from retrieval.errors import ReadableError
from tests.running import CATALOGUE, free_port, serving

NEWS = [
    {"id": "bank", "title": "Central bank holds its rate", "description": "Prices settle.", "topic": ["business"]},
    {"id": "match", "title": "Striker leaves", "description": "After nine seasons.", "topic": ["sport"]},
]
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("sites"), free_port()
    (folder / "films.jsonl").write_bytes(CATALOGUE)
    (folder / "news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in NEWS))
    (folder / "sites.toml").write_text('[news]\ncatalogue = "news.jsonl"\n[films]\ntitle = "Films"\n')
    settings = {"PARLEY_SITES": str(folder / "sites.toml")}
    with serving(folder / "data", folder / "films.jsonl", port, **settings):
        yield f"http://127.0.0.1:{port}/api/v1", folder / "data"


@contextmanager
def begun(address, site):
    """A client of a site with a session."""
    with httpx.Client(base_url=address, timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {client.post('/sessions', json={'site': site}).json()['token']}"
        yield client


def asked(client, message):
    """The ids that answer a message."""
    return [item["id"] for item in client.post("/turns", json={"message": message}, headers=JSON).json()["slate"]["items"]]


def test_each_site_has_its_own_items(served):
    address, _ = served
    assert [item["id"] for item in httpx.get(f"{address}/items?site=news").json()["items"]] == ["bank", "match"]
    assert len(httpx.get(f"{address}/items").json()["items"]) == 3
    with begun(address, "news") as news, begun(address, "films") as films:
        shown = news.post("/turns", json={"message": "sport"}, headers=JSON).json()["slate"]["items"]
        assert shown[0]["id"] == "match"
        assert "tale" in [
            one["id"] for one in films.post("/turns", json={"message": "drama"}, headers=JSON).json()["slate"]["items"]
        ]
        event = {"event_id": "1", "item_id": "bank", "kind": "like"}
        assert news.post("/events", json=event).json()["accepted"] == 1
        assert films.post("/events", json=event).json()["rejected"]


def test_each_has_its_own_log(served):
    address, data = served
    with begun(address, "news") as news:
        news.post("/turns", json={"message": "marzipan"}, headers=JSON)
    folders = {"main": data, "news": data / "sites" / "news"}
    held = {name: b"".join(file.read_bytes() for file in folder.glob("log.sqlite3*")) for name, folder in folders.items()}
    assert b"marzipan" in held["news"] and b"marzipan" not in held["main"]
    assert not (data / "sites" / "films").exists()  # it has the catalogue, and so the log, of Parley itself


def test_one_database_is_not_for_two_catalogues(tmp_path):
    (tmp_path / "films.jsonl").write_bytes(CATALOGUE)
    settings = read_settings(data=tmp_path / "data", catalogue=str(tmp_path / "films.jsonl"), language_model="off")
    parts = build(settings, _Folder())
    try:
        object.__setattr__(parts, "settings", settings.model_copy(update={"database_url": "postgresql://somewhere"}))
        with pytest.raises(ReadableError, match="news"):
            parts.beside("news", "news.jsonl")
    finally:
        parts.close()


class _Folder:
    """A data folder that nobody else wants."""

    def release(self) -> None:
        pass
