"""The log: idempotent, ordered, private, erasable, durable."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corrections import Correction
from bot.events import KINDS, Event, EventLog, LogError
from bot.session import Mention, Turn, Understanding
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish

CANARY = "purple-otter-canary"
ROOT = Path(__file__).parent.parent
events = st.builds(
    Event,
    id=st.text("abcdef", min_size=1, max_size=3), user=st.just("ann"), item=st.sampled_from(["pan-24", "pan-28", "lid-24"]),
    kind=st.sampled_from(KINDS), time=st.floats(0, 2e9), value=st.none() | st.floats(0.5, 5),
    session_id=st.sampled_from(["", "s1"]), slate_id=st.sampled_from(["", "l1"]), position=st.none() | st.integers(1, 5),
)  # fmt: skip


def deed(number: int, user: str = "ann", item: str = "pan-24") -> Event:
    return Event(f"{user}-{number}", user, item, "like", 1000.0 + number)


def turn(text: str, user: str = "ann", session: str = "s1", **changes) -> Turn:
    return replace(Turn(f"{user}-{session}-{text}", session, user, 1.0, text, Understanding(), f"slate-{text}"), **changes)


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_event_sent_again_is_passed_over(log):
    assert log.append([deed(1)]) == 1
    assert log.append([deed(1), deed(2), deed(2)]) == 1
    assert log.of("ann") == (deed(1), deed(2))


def test_the_first_event_under_an_id_is_the_one_that_counts(log):
    log.append([deed(1)])
    log.append([replace(deed(1), kind="dislike")])
    assert log.of("ann") == (deed(1),)


@given(batches=st.lists(st.lists(events, max_size=6), max_size=4))
def test_events_come_back_whole_in_order_and_once(batches):
    log = EventLog("sqlite://")
    first = {}
    for batch in batches:
        new = {event.id: event for event in reversed(batch) if event.id not in first}
        assert log.append(batch) == len(new)
        first |= new
    assert log.of("ann") == tuple(sorted(first.values(), key=lambda event: (event.time, event.id)))
    log.close()


def test_a_user_sees_no_events_of_another(log):
    log.append([deed(1, "ann"), deed(2, "bob")])
    assert log.of("bob") == (deed(2, "bob"),)
    assert log.of("eve") == ()
    assert list(log.all_events()) == [deed(1, "ann"), deed(2, "bob")]


def test_a_turn_comes_back_with_all_that_was_understood(log):
    understanding = Understanding(
        "refine", (Mention("pan-24", -1.0, consumed=True, evidence="had it"),), (Wish("colour", "red", 1.0),),
        (Constraint("price", "$lt", 30.0, "under 30"), Constraint("colour", "$nin", ("blue",))), "pan", "a", understood=False,
    )  # fmt: skip
    said = turn("a small red pan", understanding=understanding, words="Here you are.")
    log.append_turn(said, ("pan-28", "lid-24"))
    assert log.turns("ann") == (said,)
    assert log.slate_items(said.slate_id) == ("pan-28", "lid-24")


def test_a_turn_written_again_only_changes_its_words(log):
    log.append_turn(turn("hello"), ("pan-24",))
    log.append_turn(turn("hello", words="Good day."), ("pan-24",))
    assert [(said.text, said.words) for said in log.turns("ann")] == [("hello", "Good day.")]


def test_a_session_holds_its_own_turns_in_order(log):
    for session in ("s1", "s2"):
        log.start_session("ann", 1.0, session)
    log.append_turn(turn("later", time=5.0), ())
    log.append_turn(turn("sooner", time=2.0), ())
    log.append_turn(turn("elsewhere", session="s2", time=3.0), ())
    assert [said.text for said in log.session("ann", "s1").turns] == ["sooner", "later"]


def test_the_newest_session_is_found_without_its_name(log):
    log.start_session("ann", 1.0, "zz-older")
    log.start_session("ann", 2.0, "aa-newer")
    assert log.session("ann").id == "aa-newer"


def test_a_correction_is_kept_once_whole_and_erased_with_its_user(log):
    less = Correction("c1", "ann", "weigh", 5.0, "preference:mood=dark", -0.5)
    assert (log.correct(less), log.correct(less)) == (True, False)
    assert (log.corrections("ann"), log.corrections("bob")) == ((less,), ())
    assert list(log.all_corrections()) == [less]
    assert log.held("ann")["corrections"][0]["target"] == "preference:mood=dark"
    assert log.forget("ann") == 1
    assert log.corrections("ann") == ()


def test_lately_are_a_users_newest_events_those_called_so_and_those_on_a_slate(log):
    log.append([deed(1), deed(2), replace(deed(3), slate_id="s1"), deed(9), deed(9, "bob")])
    assert log.lately("ann", 1009.0) == (deed(9),)
    assert [event.id for event in log.lately("ann", 1009.0, ["ann-2", "bob-9"], ["s1"])] == ["ann-2", "ann-3", "ann-9"]


def test_another_users_session_is_not_found(log):
    session = log.start_session("ann", 1.0)
    assert log.session("ann", session.id) == session
    assert log.session("bob", session.id) is None
    assert log.session("bob") is None


def test_a_slate_that_does_not_exist_is_empty(log):
    assert log.slate_items("nowhere") == ()


def fill_with_canary(log: EventLog) -> None:
    log.start_session("ann", 1.0, "s-ann")
    log.append([deed(number, "ann", f"{CANARY}-item") for number in range(50)])
    for number in range(50):
        log.append_turn(turn(f"{CANARY} {number} " * 50, session="s-ann", id=f"t{number}", words=CANARY), (f"{CANARY}-item",))
    log.start_session("bob", 1.0, "s-bob")
    log.append([deed(1, "bob")])
    log.append_turn(turn("bob's own", "bob", "s-bob"), ("pan-24",))


def test_a_forgotten_user_leaves_no_byte_in_the_files(log, tmp_path):
    fill_with_canary(log)
    assert CANARY.encode() in bytes_on_disk(tmp_path)
    assert log.forget("ann") > 100
    assert (log.of("ann"), log.turns("ann"), log.session("ann")) == ((), (), None)
    assert CANARY.encode() not in bytes_on_disk(tmp_path)
    assert log.forget("ann") == 0


def test_forgetting_one_user_leaves_the_others(log):
    fill_with_canary(log)
    log.forget("ann")
    assert log.of("bob") == (deed(1, "bob"),)
    assert [said.text for said in log.session("bob", "s-bob").turns] == ["bob's own"]
    assert log.slate_items("slate-bob's own") == ("pan-24",)


def test_a_file_that_is_no_database_is_told_in_words(tmp_path):
    (tmp_path / "log.sqlite3").write_bytes(b"this is no database at all " * 500)
    with pytest.raises(LogError, match=r"log\.sqlite3 cannot be opened: .*not a database"):
        EventLog.in_folder(tmp_path)


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path):
    with pytest.raises(LogError, match="cannot be opened"):
        EventLog(f"sqlite:///{tmp_path}/nowhere/log.sqlite3")


def test_pages_damaged_on_the_disk_are_told_in_words_when_read(tmp_path):
    log = EventLog.in_folder(tmp_path)
    log.append(deed(number) for number in range(500))
    log.close()
    file = tmp_path / "log.sqlite3"
    page, content = 4096, bytearray(file.read_bytes())
    content[8 * page :] = b"\xff" * (len(content) - 8 * page)
    file.write_bytes(content)
    with pytest.raises(LogError, match=r"log\.sqlite3"):
        damaged = EventLog.in_folder(tmp_path)
        damaged.of("ann")


def test_a_database_that_cannot_be_written_is_told_in_words(log, tmp_path):
    log.append([deed(1)])
    read_only = EventLog(f"sqlite:///file:{tmp_path}/log.sqlite3?mode=ro&uri=true")
    with pytest.raises(LogError, match="cannot be written"):
        read_only.append([deed(2)])
    assert read_only.of("ann") == (deed(1),)
    read_only.close()


def test_a_batch_that_fails_leaves_nothing_behind(log):
    with pytest.raises(LogError, match="cannot be written"):
        log.append([deed(1), replace(deed(2), value=object())])
    assert log.of("ann") == ()


def test_two_threads_writing_the_same_events_count_each_once(log):
    ready = threading.Barrier(2)

    def write(_: int) -> int:
        ready.wait()
        return sum(log.append([deed(number)]) for number in range(150))

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(write, range(2))) == 150
    assert len(log.of("ann")) == 150


def test_no_acknowledged_event_is_lost_when_the_process_is_killed(tmp_path):
    code = (
        "import sys, pathlib; from bot.events import Event, EventLog\n"
        "log = EventLog.in_folder(pathlib.Path(sys.argv[1]))\n"
        "for n in range(100_000):\n"
        "    log.append([Event(f'e{n}', 'ann', 'pan-24', 'view', float(n))]); print(f'e{n}', flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    acknowledged = [child.stdout.readline().strip() for _ in range(100)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    log = EventLog.in_folder(tmp_path)
    assert set(acknowledged) <= {event.id for event in log.of("ann")}
    log.close()
    with sqlite3.connect(tmp_path / "log.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
