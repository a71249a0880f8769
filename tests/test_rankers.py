"""Versions of the ranker: kept beside each other, brought into use, rolled back; learnt from a log by command."""

import json
from pathlib import Path

import pytest

from retrieval.errors import ReadableError
from retrieval.ranker import Ranker
from retrieval.rankers import SHIPPED, Rankers
from tests.running import at_once, refusal

FIRST, SECOND, OWN = (Ranker.straight({"lexical": weight}) for weight in (1.0, 2.0, 0.5))


@pytest.fixture
def rankers(tmp_path) -> Rankers:
    return Rankers(tmp_path / "rankers")


def test_without_any_version_the_shipped_one_is_in_use(rankers):
    assert (rankers.active, rankers.versions, rankers.read(OWN)) == (SHIPPED, (), OWN)


def test_a_version_is_used_once_it_is_activated_and_not_before(rankers):
    version = rankers.add(FIRST, {"moments": 7})
    assert (rankers.active, rankers.read(OWN)) == (SHIPPED, OWN)
    rankers.activate(version)
    assert (rankers.active, rankers.read(OWN)) == (version, FIRST)
    assert rankers.about(version) == {"moments": 7}


def test_rolling_back_goes_to_what_was_in_use_before(rankers):
    versions = [rankers.add(ranker, {}) for ranker in (FIRST, SECOND)]
    for version in versions:
        rankers.activate(version)
    assert rankers.roll_back() == versions[0] and rankers.read(OWN) == FIRST
    assert rankers.roll_back() == SHIPPED and rankers.read(OWN) == OWN
    with pytest.raises(ReadableError, match="no earlier"):
        rankers.roll_back()


def test_versions_are_numbered_in_order_and_the_shipped_one_can_be_named(rankers):
    assert [rankers.add(FIRST, {}) for _ in range(3)] == ["0001", "0002", "0003"] == list(rankers.versions)
    rankers.activate("0002")
    rankers.activate(SHIPPED)
    assert rankers.read(OWN) == OWN


def test_a_version_that_is_not_there_or_damaged_is_not_activated(rankers):
    rankers.activate(rankers.add(FIRST, {}))
    broken = rankers.add(SECOND, {})
    (rankers.folder / broken / "ranker.json").write_text("{")
    for version, said in ((broken, r"ranker\.json cannot be read"), ("0009", "known are shipped, 0001, 0002")):
        with pytest.raises(ReadableError, match=said):
            rankers.activate(version)
    assert rankers.read(OWN) == FIRST


def test_a_version_of_an_earlier_parley_says_how_to_get_a_new_one(rankers):
    earlier = rankers.add(FIRST, {})
    told = {"always": {"lexical": 1.0}, "always_bent": {}, "named": {}, "named_bent": {}}
    (rankers.folder / earlier / "ranker.json").write_text(json.dumps(told))
    with pytest.raises(ReadableError, match="of an earlier Parley: `parley learn --activate shipped`"):
        rankers.activate(earlier)


def test_a_damaged_note_of_what_is_in_use_is_told_with_its_file(rankers):
    rankers.activate(rankers.add(FIRST, {}))
    (rankers.folder / "active.json").write_text("nonsense")
    with pytest.raises(ReadableError, match=r"active\.json"):
        rankers.read(OWN)


@pytest.fixture
def place(tmp_path, catalogue_file) -> Path:
    (tmp_path / "shelf").symlink_to(catalogue_file.parent)
    taken = [("blue mornings", "harbour-1950"), ("green afternoons", "bear-2011"), ("grey nights", "kite-1995")]
    rows = [
        {
            "dialog_id": f"d{n}", "turn": 1, "context": [{"role": "user", "text": f"I want {taken[n % 3][0]} {n}"}],
            "mentioned": [], "targets": [taken[n % 3][1]],
        }
        for n in range(45)
    ]  # fmt: skip
    (tmp_path / "talks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def run(place: Path, *arguments: str):
    return at_once(place, *arguments, "--catalogue", "shelf", "--data", "data")


def test_a_log_is_learnt_from_and_the_version_comes_into_use(place):
    run(place, "dialogues", "import", "talks.jsonl")
    ran = run(place, "learn")
    assert "45 moments" in ran.stdout and "0001 (in use from the next start on)" in ran.stdout
    about = Rankers(place / "data" / "rankers").about("0001")
    assert about["recall@10 after"] >= about["recall@10 before"]
    answer = json.loads(run(place, "recommend", "I want grey nights", "--json", "--no-words").stdout)
    assert answer["slate"]["items"][0]["id"] == "kite-1995"
    assert answer["slate"]["items"][0]["contributions"]["past_all"] > 0


def test_versions_are_listed_and_rolled_back_by_command(place):
    run(place, "dialogues", "import", "talks.jsonl")
    run(place, "learn")
    assert "0001 (in use" in run(place, "learn", "--list").stdout
    assert "shipped (in use" in run(place, "learn", "--rollback").stdout
    assert "0001 (in use" in run(place, "learn", "--activate", "0001").stdout
    assert "known are shipped, 0001" in refusal(run(place, "learn", "--activate", "0004"))


def test_with_too_little_logged_nothing_is_learnt(place):
    assert "only 0 moments" in refusal(run(place, "learn"))
    assert Rankers(place / "data" / "rankers").versions == ()
