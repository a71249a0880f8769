"""`parley record` from a log, a server and the terminal, and a session's script over the API."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import yaml
from fastapi.testclient import TestClient

from bot.api.application import api
from bot.api.sites import DEFAULT, Site
from bot.conversation_tests.reading import read
from bot.conversation_tests.saving import SavedAsTest
from bot.events import EventLog
from tests.conversation_folder import QUIET, folder
from tests.running import at_once, parley, refusal

SECRET = b"a secret that only the tests know, 32 bytes and more"
OVER = ("--data", "data", "--catalogue", "catalogue.jsonl")
JSON = {"Accept": "application/json"}


@pytest.fixture
def place(catalogue_file, tmp_path):
    """A folder with a catalogue and a log in which ann spoke once, then bob."""
    place = folder(catalogue_file, tmp_path)
    for user, said in (("ann", QUIET), ("bob", "a funny film about a heist")):
        ran = at_once(place, "recommend", said, "--user", user, *OVER)
        assert ran.returncode == 0, ran.stderr
    return place


def said(text):
    return [step["user"] for step in yaml.safe_load(text)["scenarios"][0]["steps"]]


def test_the_newest_session_a_users_and_a_named_one_are_recorded_and_hold(place):
    last, anns = at_once(place, "record", "--last", *OVER), at_once(place, "record", "--user", "ann", *OVER)
    assert (said(last.stdout), said(anns.stdout)) == (["a funny film about a heist"], [QUIET])
    (session,) = json.loads(at_once(place, "export", "ann", *OVER).stdout)["sessions"]
    named = at_once(place, "record", session["id"], "--out", "deeper/ann.conv.yaml", "--name", "quiet", *OVER)
    assert "cannot be written" in refusal(named)
    (place / "deeper").mkdir()
    named = at_once(place, "record", session["id"], "--out", "deeper/ann.conv.yaml", "--name", "quiet", *OVER)
    assert named.returncode == 0 and named.stdout == "" and "deeper/ann.conv.yaml" in named.stderr
    (script,) = read(place / "deeper" / "ann.conv.yaml")
    assert (script.name, script.scenario.setup.catalogue) == ("quiet", "../catalogue.jsonl")
    assert at_once(place, "test", "deeper").returncode == 0
    assert "record" in (place / "data" / "audit.jsonl").read_text()


def test_a_file_that_is_there_stays_unless_it_is_forced(place):
    (place / "kept.conv.yaml").write_text("mine")
    assert "is there already" in refusal(at_once(place, "record", "--last", "--out", "kept.conv.yaml", *OVER))
    assert (place / "kept.conv.yaml").read_text() == "mine"
    assert at_once(place, "record", "--last", "--force", "--out", "kept.conv.yaml", *OVER).returncode == 0
    assert said((place / "kept.conv.yaml").read_text()) == ["a funny film about a heist"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["nowhere"], "no session called 'nowhere'"),
        (["--user", "eve"], "of the user 'eve'"),
        ([], "name one session"),
        (["--chat", "--last"], "name one session"),
        (["--url", "http://localhost:9"], "--token"),
        (["--url", "localhost:9", "--token", "x"], "begins with http"),
        (["--url", "http://localhost:9", "--token", "x"], "cannot be reached"),
        (["--last", "--catalogue", "shop"], "which the catalogue shop does not have"),
    ],
)
def test_what_cannot_be_recorded_is_told_in_one_sentence(place, given, told):
    assert told in refusal(at_once(place, "record", *OVER, *given))


def test_a_session_without_turns_is_told(place):
    log = EventLog.in_folder(place / "data")
    session = log.start_session("ann", 0.0)
    log.close()
    assert f"no session called {session.id!r}" in refusal(at_once(place, "record", session.id, *OVER))


def test_one_is_held_in_the_terminal_and_recorded(place):
    typed = f"{QUIET}\nno horror\n:quit\nnever said\n".encode()
    ran = parley(place, "record", "--chat", "--user", "eve", "--out", "chat.conv.yaml", *OVER, typed=typed)
    assert ran.returncode == 0, ran.stderr
    assert said((place / "chat.conv.yaml").read_text()) == [QUIET, "no horror"]
    assert at_once(place, "test", "chat.conv.yaml").returncode == 0
    ended = parley(place, "record", "--chat", *OVER, typed=QUIET.encode())
    assert said(ended.stdout) == [QUIET], "the end of what is typed ends it as well"


@contextmanager
def answering(status, body):
    """A server that answers so who asks for the export with the token "secret"."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = (self.path, self.headers["Authorization"]) == ("/api/v1/export", "Bearer secret")
            self.send_response(status if asked else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, b"no", "answers 401"),
        (200, b"no", "does not answer with JSON"),
        (200, b"{}", "another shape"),
        (200, b"[1]", "another shape"),
        (200, b'{"turns": [], "slates": [], "events": [], "corrections": []}', "nothing was said"),
    ],
)
def test_a_server_that_tells_no_session_is_told_in_one_sentence(place, status, body, told):
    with answering(status, body) as url:
        assert told in refusal(at_once(place, "record", "--url", url, "--token", "secret", *OVER))


def test_a_visitors_session_is_recorded_from_a_server_as_the_log_has_it(place, client):
    client.post("/turns", json={"message": QUIET}, headers=visitor(client) | JSON)
    ann = visitor(client)
    first = client.post("/turns", json={"message": "a funny film"}, headers=ann | JSON).json()["slate"]
    deed = {"event_id": "e1", "item_id": first["items"][1]["id"], "kind": "dislike", "slate_id": first["id"], "position": 2}
    assert client.post("/events", json=deed, headers=ann).json()["accepted"] == 1
    client.get("/recommendations?log=true", headers=ann)
    client.get("/recommendations?log=true", headers=ann)
    exported = client.get("/export", headers=ann)
    with answering(200, exported.content) as url:
        ran = at_once(place, "record", "--url", url, "--token", "secret", "--out", "served.conv.yaml", *OVER)
    assert ran.returncode == 0, ran.stderr
    (script,) = read(place / "served.conv.yaml")
    steps = script.scenario.steps
    assert [step.user or step.observe or step.event.kind for step in steps] == ["a funny film", "dislike", "slate"]
    assert at_once(place, "test", "served.conv.yaml").returncode == 0


def app(recommender, catalogue_file, *, developer=True):
    scripts = {DEFAULT: SavedAsTest(str(catalogue_file), recommender.log)} if developer else {}
    made = api({DEFAULT: recommender}, {DEFAULT: Site()}, SECRET, scripts=scripts)
    return TestClient(made, base_url="http://localhost/api/v1", raise_server_exceptions=False)


@pytest.fixture
def client(recommender, catalogue_file):
    return app(recommender, catalogue_file)


def visitor(client):
    """The headers of somebody new, with the session's id."""
    begun = client.post("/sessions").json()
    return {"Authorization": f"Bearer {begun['token']}", "X-Session": begun["session_id"]}


def script_of(client, headers, session=""):
    return client.get(f"/sessions/{session or headers['X-Session']}/script", headers=headers)


def test_a_visitors_own_session_is_given_as_a_script_that_holds(client, catalogue_file, tmp_path):
    ann, place = visitor(client), folder(catalogue_file, tmp_path)
    client.post("/turns", json={"message": QUIET}, headers=ann | JSON)
    answer = script_of(client, ann)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/yaml")
    assert "conversation.conv.yaml" in answer.headers["content-disposition"]
    assert said(answer.text) == [QUIET] and ann["X-Session"] not in answer.text and str(tmp_path) not in answer.text
    (place / "own.conv.yaml").write_text(answer.text)
    assert at_once(place, "test", "own.conv.yaml").returncode == 0


def test_nobody_is_given_anothers_session_nor_an_empty_one(client):
    ann, bob = visitor(client), visitor(client)
    client.post("/turns", json={"message": QUIET}, headers=ann | JSON)
    assert script_of(client, bob, ann["X-Session"]).status_code == 404
    assert script_of(client, {}, ann["X-Session"]).status_code == 401
    assert "nothing was said" in script_of(client, bob).json()["detail"]


def test_without_the_setting_no_session_is_given_as_a_script(recommender, catalogue_file):
    client = app(recommender, catalogue_file, developer=False)
    ann = visitor(client)
    client.post("/turns", json={"message": QUIET}, headers=ann | JSON)
    answer = script_of(client, ann)
    assert answer.status_code == 404 and "developer" in answer.json()["detail"]
