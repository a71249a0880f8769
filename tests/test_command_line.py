"""The command line: bad input costs one sentence and exit code 2, never a traceback and nothing that was kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.events import Event, EventLog
from tests.running import CATALOGUE, at_once, free_port, parley, refusal, serving

KEPT = (Event("e1", "ann", "tale", "like", 1.7e9), Event("e2", "ann", "heist", "dislike", 1.7e9 + 1))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with a catalogue, films.jsonl, and a data folder, data, that holds two events of ann."""
    (tmp_path / "films.jsonl").write_bytes(CATALOGUE)
    log = EventLog.in_folder(tmp_path / "data")
    log.append(KEPT)
    log.close()
    return tmp_path


def kept(place: Path) -> bool:
    """Whether all that was in the data folder still is."""
    log = EventLog.in_folder(place / "data")
    found = log.of("ann")
    log.close()
    return found == KEPT


def run(place: Path, *arguments: object, data: str = "data", by=parley, **how):
    return by(place, *arguments, "--catalogue", "films.jsonl", "--data", data, **how)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nowhere.csv", None, ["nowhere.csv does not exist"]),
        ("nothing", None, ["no catalogue 'nothing'", "films"]),
        ("notes.txt", b"id,title\n", ["notes.txt", "'.txt'", ".csv"]),
        ("open.csv", b'id,title\n"a,Alpha\n', ["open.csv", "line 2", "not CSV"]),
        ("odd.csv", b"id,name\na,Alpha\n", ["odd.csv", "'title'", "id, name"]),
        ("junk.csv", bytes(range(256)) * 40, ["junk.csv", "line 1", "not a CSV file"]),
        ("inside.csv", b"id,title\na,\x00\x01\x02\n", ["inside.csv", "line 2", "binary"]),
        ("cut.jsonl", b'{"id": "a", "tit', ["cut.jsonl", "line 1", "not JSON"]),
        ("list.jsonl", b"\n[1, 2]\n", ["list.jsonl", "line 2", "not a JSON object"]),
        ("junk.parquet", b"PAR1" + bytes(100), ["junk.parquet", "not a Parquet file"]),
        ("none.jsonl", b"", ["none.jsonl", "empty"]),
        ("header.csv", b"id,title\n", ["header.csv", "empty"]),
    ],
)  # fmt: skip
def test_a_catalogue_that_cannot_be_used_is_named(place, name, content, told):
    if content is not None:
        (place / name).write_bytes(content)
    sentence = refusal(at_once(place, "index", name, "--data", "data"))
    assert all(part in sentence for part in told), sentence
    assert kept(place)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[facets.mood]\ncard = true\n", ["'mood'", "genres, year"]),
        ("[facets.genres]\ncolour = 1\n", ["facets.genres.colour"]),
        ("[facets.genres\n", ["line 1", "TOML"]),
    ],
)
def test_a_fault_in_catalogue_toml_is_named(place, toml, told):
    (place / "catalogue.toml").write_text(toml)
    sentence = refusal(run(place, "recommend", "something quiet", by=at_once))
    assert all(part in sentence for part in ["catalogue.toml", *told]), sentence


@pytest.mark.parametrize(
    ("toml", "settings", "told"),
    [
        ("prot = 8000\n", {}, ["'prot'", "port"]),
        ("[port\n", {}, ["parley.toml", "line 1"]),
        ("port = 0\n", {}, ["port", "0"]),
        ("", {"PARLEY_PORT": "high"}, ["port", "'high'"]),
        ("", {"PARLEY_SLATE_SIZE": "21"}, ["slate_size", "'21'"]),
        ("", {"PARLEY_SEARCH": "best"}, ["search", "'best'", "exact"]),
        ("", {"PARLEY_DATABASE_URL": "nonsense"}, ["database_url"]),
        ("", {"PARLEY_LANGUAGE_MODEL": "/nowhere"}, ["language_model", "'/nowhere'"]),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(place, toml, settings, told):
    (place / "parley.toml").write_text(toml)
    sentence = refusal(at_once(place, "index", "films.jsonl", "--data", "data", settings=settings))
    assert all(part in sentence for part in told), sentence
    assert kept(place)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty"])
def test_a_port_that_is_none_is_named(place, port):
    sentence = refusal(run(place, "serve", "--port", port, by=at_once))
    assert "port" in sentence
    assert port in sentence


@pytest.mark.parametrize(
    "arguments", [("recommend", "quiet"), ("profile", "ann"), ("events", "import", "films.jsonl"), ("chat",)]
)
def test_a_data_folder_that_cannot_be_made_is_named(place, arguments):
    assert "films.jsonl/under" in refusal(run(place, *arguments, data="films.jsonl/under", by=at_once))
    assert (place / "films.jsonl").read_bytes() == CATALOGUE


@pytest.mark.parametrize("arguments", [("recommend", "quiet"), ("profile", "ann"), ("chat",)])
def test_a_log_that_is_no_database_is_named_and_left_alone(place, arguments):
    log = place / "other" / "log.sqlite3"
    log.parent.mkdir()
    log.write_bytes(b"my diary, not a database " * 200)
    before = log.read_bytes()
    assert "log.sqlite3" in refusal(run(place, *arguments, data="other", by=at_once))
    assert log.read_bytes() == before


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[Path, int, int]]:
    """A served page: the folder it runs in, its port and its process id."""
    folder, port = tmp_path_factory.mktemp("running"), free_port()
    (folder / "films.jsonl").write_bytes(CATALOGUE)
    with serving(folder / "data", folder / "films.jsonl", port, until="/healthz") as process:
        yield folder, port, process.pid


@pytest.mark.parametrize("arguments", [("recommend", "quiet"), ("chat",), ("serve", "--port", free_port())])
def test_a_data_folder_in_use_is_told_with_its_owner(running, arguments):
    folder, _, owner = running
    sentence = refusal(run(folder, *arguments))
    assert all(part in sentence for part in ("data", "in use", str(owner), "--data")), sentence


def test_a_port_in_use_is_told(running, place):
    port = str(running[1])
    sentence = refusal(run(place, "serve", "--port", port))
    assert all(part in sentence for part in (port, "--port")), sentence


def test_an_empty_message_is_told(place):
    assert "empty" in refusal(run(place, "recommend", "  \n "))


def test_a_message_that_is_no_utf_8_is_answered(place):
    assert run(place, "recommend", b"something qui\xe9t", "--json").returncode == 0


def test_an_engine_that_is_not_there_is_told(place):
    assert "--engine" in refusal(at_once(place, "index", "films.jsonl", "--data", "data", "--engine", "abacus"))


def test_an_unknown_user_is_told_in_profile(place):
    sentence = refusal(run(place, "profile", "nobody"))
    assert "'nobody'" in sentence
    assert "data" in sentence


def test_debug_shows_where_a_refusal_came_from(place):
    ran = run(place, "profile", "nobody", "--debug")
    assert ran.returncode == 2
    assert "Traceback" in ran.stderr
    assert "ReadableError" in ran.stderr
    assert ran.stderr.splitlines()[-1].startswith("parley: nothing is held")
