"""The log on PostgreSQL keeps what it keeps on SQLite; the server is the test's own, on loopback, in a temporary folder."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.corrections import Correction
from bot.events import Event, EventLog
from bot.session import Turn

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def run(*command: str) -> None:
    """Run one of the server's programs; they refuse to be run by root."""
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_owner, str(BINARIES / command[0]), *command[1:]], check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="module")
def server():
    if BINARIES is None:
        pytest.skip("no PostgreSQL server is installed: `sh .ci/needs` installs one")
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run("initdb", "-D", str(folder), "-A", "trust", "-U", "parley")
    run("pg_ctl", "-D", str(folder), "-w", "-o", f"-p {port} -k {folder}", "-l", str(folder / "log"), "start")
    yield f"postgresql+psycopg://parley@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-D", str(folder), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def log(server):
    log = EventLog(server)
    yield log
    for user in ("ann", "bob"):
        log.forget(user)
    log.close()


def deed(name: str, user: str = "ann", when: float = 1.0) -> Event:
    return Event(name, user, "pan-24", "like", when)


def test_an_event_sent_twice_is_counted_and_kept_once(log):
    assert log.append([deed("a"), deed("a", when=2.0), deed("b", when=3.0)]) == 2
    assert log.append([deed("a"), deed("c", when=4.0)]) == 1
    assert [event.id for event in log.of("ann")] == ["a", "b", "c"]


def test_a_turn_comes_back_with_its_slate_and_its_words(log):
    session = log.start_session("ann", time.time())
    turn = Turn("t1", session.id, "ann", 2.0, "something small", slate_id="s1", words="Here.")
    log.append_turn(turn, ("pan-24", "pan-28"))
    assert log.session("ann", session.id).turns == (turn,)
    assert log.slate_items("s1") == ("pan-24", "pan-28")


def test_forgetting_one_user_leaves_the_other(log):
    log.append([deed("a"), deed("b", user="bob")])
    log.forget("ann")
    assert (log.of("ann"), [event.id for event in log.of("bob")]) == ((), ["b"])


def test_a_correction_is_kept_once_whole_and_erased_with_its_user(log):
    less = Correction("c1", "ann", "weigh", 5.0, "preference:mood=dark", -0.5)
    assert (log.correct(less), log.correct(less)) == (True, False)
    assert (log.corrections("ann"), log.corrections("bob")) == ((less,), ())
    assert list(log.all_corrections()) == [less]
    assert log.held("ann")["corrections"][0]["target"] == "preference:mood=dark"
    assert log.forget("ann") == 1
    assert log.corrections("ann") == ()


def test_lately_are_a_users_newest_events_those_called_so_and_those_on_a_slate(log):
    log.append([deed("a"), deed("b", when=2.0), replace(deed("c"), slate_id="s1"), deed("d", when=9.0), deed("e", user="bob")])
    assert [event.id for event in log.lately("ann", 5.0)] == ["d"]
    assert [event.id for event in log.lately("ann", 5.0, ["b", "e"], ["s1"])] == ["c", "b", "d"]


def test_another_users_session_is_not_found(log):
    session = log.start_session("ann", time.time())
    assert log.session("bob", session.id) is None
