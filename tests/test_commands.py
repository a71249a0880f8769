"""What the commands do: answers, imports, the talk in the terminal, the doctor, and what a full disk costs."""

import json
import resource
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.events import EventLog
from tests.running import CATALOGUE, parley, refusal

MORE_EVENTS = "user_id,item_id,kind,timestamp\n" + "".join(f"u{n},tale,like,{n}\n" for n in range(3_000))
EVENTS = (
    "user_id,item_id,kind,value,timestamp\n"
    "ann,tale,like,,1700000000\n"
    "ann,nowhere,like,,1700000001\n"
    "ann,tale,loved,,1700000002\n"
    "ann,tale,rating,9,1700000003\n"
    "ann,tale,rating,,1700000004\n"
    "ann,tale,like,,tomorrow\n"
    "ann,tale,like,,99999999999\n"
    ",tale,like,,1700000005\n"
    "ann,heist\n"
    "ann,[/b],view,,1700000006\n"
    "bob,heist,rating,4.5,2026-11-22T10:00:00Z\n"
    "ann,tale,like,,1700000000\n"
)
BAD_LINES = (3, 4, 5, 6, 7, 8, 9, 10, 11)
SMALL_DISK = 1 << 20  # bytes


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "films.jsonl").write_bytes(CATALOGUE)
    (tmp_path / "events.csv").write_text(EVENTS)
    return tmp_path


def run(place: Path, *arguments: object, data: object = "data", **how: object) -> subprocess.CompletedProcess[str]:
    return parley(place, *arguments, "--catalogue", "films.jsonl", "--data", data, **how)


def answer(ran: subprocess.CompletedProcess[str]) -> dict:
    assert (ran.returncode, ran.stderr) == (0, "")
    (line,) = ran.stdout.splitlines()
    return json.loads(line)


def texts(folder: Path, user: str = "terminal") -> list[str]:
    """What the log holds of a user's messages."""
    log = EventLog.in_folder(folder)
    found = [turn.text for turn in log.turns(user)]
    log.close()
    return found


def test_recommend_prints_one_object_with_the_keys_of_the_design(place):
    found = answer(run(place, "recommend", "something quiet from before 2005", "--json", "-k", "2"))
    assert {"session_id", "slate", "words", "grounded", "relaxed", "timings_ms", "profile"} <= set(found)
    assert set(found["slate"]) == {"id", "items"}
    assert set(found["timings_ms"]) == {"understand", "embed", "retrieve", "rank", "cards", "first_word", "total"}
    assert {"preferences", "constraints", "rejected", "consumed"} <= set(found["profile"])
    assert set(found["profile"]["preferences"][0]) == {"facet", "value", "weight", "evidence"}
    for rank, item in enumerate(found["slate"]["items"], 1):
        assert set(item) == {"id", "title", "rank", "score", "contributions", "reasons", "facets"}
        assert item["rank"] == rank


def test_the_printed_object_holds_the_slate_that_the_log_holds(place):
    found = answer(run(place, "recommend", "something quiet", "--json", "--no-words"))
    log = EventLog.in_folder(place / "data")
    assert log.slate_items(found["slate"]["id"]) == tuple(item["id"] for item in found["slate"]["items"])
    assert found["slate"]["items"][0]["id"] == "tale"
    log.close()


def test_a_profile_printed_as_json_remembers_what_was_said(place):
    run(place, "recommend", "something quiet", "--user", "ann")
    found = answer(run(place, "profile", "ann", "--json"))
    assert [(wish["facet"], wish["value"]) for wish in found["preferences"]] == [("genres", "quiet")]


def test_a_printed_profile_names_everything_with_its_evidence_and_how_to_forget_it(place):
    run(place, "events", "import", "events.csv")
    run(place, "recommend", "something quiet", "--user", "ann", "--no-words")
    told = run(place, "profile", "ann").stdout
    assert all(part in told for part in ("“quiet”", "preference:genres=quiet", "Alpha Tale", "like (2023-11-14)", "item:tale"))


def test_an_export_goes_to_a_file_whole(place):
    run(place, "recommend", "something quiet with marzipan", "--user", "ann", "--no-words")
    ran = run(place, "export", "ann", "--out", "ann.json")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads((place / "ann.json").read_text())
    assert (told["user"], told["turns"][0]["text"]) == ("ann", "something quiet with marzipan")
    assert answer(run(place, "export", "ann")).keys() == told.keys()
    assert "nowhere" in refusal(run(place, "export", "ann", "--out", "nowhere/ann.json"))


def test_one_thing_is_forgotten_and_the_rest_stays(place):
    run(place, "events", "import", "events.csv")
    run(place, "recommend", "something quiet", "--user", "ann", "--no-words")
    ran = run(place, "forget", "ann", "--what", "preference:genres=quiet")
    assert (ran.returncode, ran.stdout.strip()) == (0, "preference:genres=quiet no longer counts for ann")
    found = answer(run(place, "profile", "ann", "--json"))
    assert (found["preferences"], [one["item"] for one in found["items"]]) == ([], ["tale"])
    assert "'preference:genres=loud'" in refusal(run(place, "forget", "ann", "--what", "preference:genres=loud"))


def test_forgetting_a_user_asks_first_and_erases_everything(place):
    run(place, "recommend", "something quiet with marzipan", "--user", "ann", "--no-words")
    assert run(place, "forget", "ann", typed=b"n\n").returncode == 1
    assert texts(place / "data", "ann") == ["something quiet with marzipan"]
    assert "3 rows about ann are erased" in run(place, "forget", "ann", typed=b"y\n").stdout
    assert b"marzipan" not in (place / "data" / "log.sqlite3").read_bytes()
    assert "nothing is held about the user 'ann'" in refusal(run(place, "forget", "ann", "--yes"))


@pytest.mark.parametrize("quantity", [0, 51, "many"])
def test_a_number_of_items_that_is_none_costs_no_traceback(place, quantity):
    ran = run(place, "recommend", "quiet", "-k", quantity)
    assert (ran.returncode, "'-k'" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)


def test_repeated_ids_are_reported_with_their_lines_and_left_out(place):
    (place / "twice.csv").write_text("id,title\ntale,Alpha Tale\n[/b],Beta\ntale,Alpha Again\n[/b],Gamma\n")
    ran = parley(place, "index", "twice.csv", "--data", "data")
    assert ran.returncode == 0
    assert "line 4 repeats the id 'tale' of line 2" in ran.stderr
    assert "line 5 repeats the id '[/b]' of line 3" in ran.stderr
    assert "2 items ready in data; 2 rows left out" in ran.stdout


def test_binary_junk_between_good_rows_costs_only_its_own_row(place):
    (place / "junk.csv").write_bytes(b"id,title\na,Alpha\n\x00\x01,\xff\xfe\nb,Beta\n")
    ran = parley(place, "index", "junk.csv", "--data", "data")
    assert (ran.returncode, "line 3" in ran.stderr) == (0, True)
    assert "2 items ready in data; 1 rows left out" in ran.stdout


def test_an_import_names_the_line_of_every_bad_row_and_keeps_the_good_ones(place):
    ran = run(place, "events", "import", "events.csv")
    assert ran.returncode == 0
    assert ran.stdout.strip() == f"2 new, 1 known already, {len(BAD_LINES)} bad"
    told = ran.stderr.splitlines()
    assert [line.partition(" ")[2].split()[1] for line in told] == [str(line) for line in BAD_LINES]
    assert all(line.startswith("events.csv, line ") for line in told)


def test_a_second_import_knows_everything_already(place):
    run(place, "events", "import", "events.csv")
    ran = run(place, "events", "import", "events.csv")
    assert ran.stdout.strip() == f"0 new, 3 known already, {len(BAD_LINES)} bad"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("none.csv", None, "does not exist"), ("odd.csv", "user,item\na,b\n", "'user_id'"), ("events.txt", "", "'.txt'")],
)
def test_an_event_file_that_cannot_be_used_is_named(place, name, content, told):
    if content is not None:
        (place / name).write_text(content)
    sentence = refusal(run(place, "events", "import", name))
    assert all(part in sentence for part in (name, told)), sentence


def test_a_talk_in_the_terminal_goes_on_until_an_empty_line(place):
    ran = run(place, "chat", typed=b"something quiet\nonly after 1995\n\nnever read\n")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "3 items are here" in ran.stdout
    assert "Alpha Tale" in ran.stdout
    assert texts(place / "data") == ["something quiet", "only after 1995"]


def test_a_talk_in_the_terminal_ends_with_its_input(place):
    assert run(place, "chat", typed=b"something quiet").returncode == 0
    assert texts(place / "data") == ["something quiet"]


@pytest.mark.parametrize("odd", [b"a" * 1_000_000, b"[/b] " * 500])
def test_a_message_that_is_too_long_is_told_and_the_talk_goes_on(place, odd):
    ran = run(place, "chat", typed=odd + b"\nsomething quiet\n\n")
    assert ran.returncode == 0
    (told,) = ran.stderr.splitlines()
    assert "characters; at most" in told
    assert "Alpha Tale" in ran.stdout
    assert texts(place / "data") == ["something quiet"]


def test_the_doctor_finds_a_sound_installation_sound(place):
    ran = run(place, "doctor", data="my [/films] & 100%?")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in ran.stdout.splitlines())
    assert [path.name for path in (place / "my [/films] & 100%?").glob("log.sqlite3")] == ["log.sqlite3"]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (lambda place: (place / "films.jsonl").unlink(), "catalogue: films.jsonl does not exist"),
        (lambda place: (place / "data" / "log.sqlite3").write_bytes(b"no database" * 500), "database: the log at"),
        (lambda place: (place / "data" / "vectors-x.partial").touch(), "index: indexing was cut off"),
    ],
)
def test_the_doctor_names_what_is_to_be_mended(place, breaks, told):
    (place / "data").mkdir()
    breaks(place)
    ran = run(place, "doctor")
    assert (ran.returncode, ran.stderr) == (2, "")
    assert next(line for line in ran.stdout.splitlines() if not line.startswith("ok ")).startswith(f"mend {told}")


def test_the_doctor_names_a_data_folder_that_cannot_be_made(place):
    ran = run(place, "doctor", data="films.jsonl/under")
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "mend data folder: the data folder films.jsonl/under cannot be used" in ran.stdout


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", folder]
    made = subprocess.run(mount, capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_and_costs_nothing_that_was_kept(place, disk):
    run(place, "events", "import", "events.csv", data=disk / "data")
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(2 * SMALL_DISK))
    (place / "more.csv").write_text(MORE_EVENTS)
    for arguments in (("events", "import", "more.csv"), ("recommend", "quiet"), ("index", "films.jsonl")):
        asked = parley(place, *arguments, "--data", disk / "data", settings={"PARLEY_CATALOGUE": "films.jsonl"})
        assert str(disk) in refusal(asked)
    filler.unlink()
    assert "0 new, 3 known already" in run(place, "events", "import", "events.csv", data=disk / "data").stdout
    assert "3000 new, 0 known already" in run(place, "events", "import", "more.csv", data=disk / "data").stdout


def test_a_log_that_may_not_grow_is_told_and_keeps_what_it_has(place):
    run(place, "events", "import", "events.csv")
    (place / "more.csv").write_text(MORE_EVENTS)
    limit = (place / "data" / "log.sqlite3").stat().st_size
    stop = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
    assert "log.sqlite3" in refusal(run(place, "events", "import", "more.csv", preexec_fn=stop))
    assert "0 new, 3 known already" in run(place, "events", "import", "events.csv").stdout
