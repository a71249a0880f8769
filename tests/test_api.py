"""The HTTP API over a real recommender: every route, good and bad, and nobody sees anybody else."""

import json
import time
from typing import get_args

import jwt
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.api import routes
from bot.api.application import api
from bot.api.bounded import MOST_BYTES
from bot.api.identity import AUDIENCE, FILE, SECRET_BYTES, secret_of
from bot.api.sites import DEFAULT, Site
from bot.deeds import KINDS
from bot.rights import How
from retrieval.errors import ReadableError
from tests.conversing import QUIET_SPACE

SECRET = b"a secret that only the tests know, 32 bytes and more"
JSON = {"Accept": "application/json"}


@pytest.fixture
def client(recommender) -> TestClient:
    app = api({DEFAULT: recommender}, {DEFAULT: Site()}, SECRET)
    return TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False)


@pytest.fixture
def ann(client) -> dict[str, str]:
    return visitor(client)


@pytest.fixture
def bob(client) -> dict[str, str]:
    return visitor(client)


def visitor(client) -> dict[str, str]:
    """The headers of somebody new."""
    begun = client.post("/sessions")
    assert begun.status_code == 201
    return {"Authorization": f"Bearer {begun.json()['token']}"}


def says(client, headers, message, **more):
    return client.post("/turns", json={"message": message, **more}, headers=headers | JSON)


def told(response, status):
    """The problem of a response, which has the shape of the standard."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status and problem["title"] and problem["detail"]
    return problem


def streamed(client, headers, message, **more):
    """The events of a stream: (id, name, data)."""
    answer = client.post("/turns", json={"message": message, **more}, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(int(line["id"]), line["event"], json.loads(line["data"])) for line in lines]


def test_a_stream_tells_the_slate_then_the_words_then_all(client, ann):
    events = streamed(client, ann, QUIET_SPACE, k=3)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    names = [name for _, name, _ in events]
    assert names[0] == "slate" and names[-1] == "done" and set(names[1:-1]) == {"words"}
    slate, done = events[0][2], events[-1][2]
    assert done["slate"] == slate and len(slate["items"]) == 3
    assert done["words"] == " ".join(data["text"] for _, name, data in events if name == "words")


def test_asked_for_json_the_answer_is_one_object_like_the_streams_last(client, ann):
    done = says(client, ann, QUIET_SPACE).json()
    assert done["slate"]["items"][0]["id"] == "orbit-2009"
    assert set(done) == set(streamed(client, ann, QUIET_SPACE)[-1][2])


def test_a_session_can_be_gone_on_with_after_a_reload(client, ann):
    done = says(client, ann, QUIET_SPACE).json()
    found = client.get(f"/sessions/{done['session_id']}", headers=ann).json()
    shown = {"id": done["slate"]["id"], "items": [item["id"] for item in done["slate"]["items"]]}
    assert found == {
        "session_id": done["session_id"],
        "turns": [{"message": QUIET_SPACE, "words": done["words"], "slate": shown}],
        "slate": found["slate"],
        "liked": [],
    }
    assert [item["id"] for item in found["slate"]["items"]] == shown["items"]
    assert [item["reasons"] for item in found["slate"]["items"]] == [item["reasons"] for item in done["slate"]["items"]]


def test_the_items_whose_like_stands_are_told_after_a_reload(client, ann):
    session = says(client, ann, QUIET_SPACE).json()["session_id"]
    for n, (item, kind) in enumerate([("orbit-2009", "like"), ("vault-1988", "like"), ("vault-1988", "dislike")]):
        client.post("/events", json={"event_id": f"{n}", "item_id": item, "kind": kind}, headers=ann)
    assert client.get(f"/sessions/{session}", headers=ann).json()["liked"] == ["orbit-2009"]
    client.patch("/profile", json={"how": "forget", "target": "item:orbit-2009"}, headers=ann)
    assert client.get(f"/sessions/{session}", headers=ann).json()["liked"] == []


def test_a_slate_that_is_asked_for_to_be_shown_is_logged_and_stands_after_a_reload(client, ann, recommender):
    session = says(client, ann, QUIET_SPACE).json()["session_id"]
    slate = client.get("/recommendations", params={"log": True}, headers=ann).json()["slate"]
    shown = [item["id"] for item in slate["items"]]
    assert list(recommender.log.slate_items(slate["id"])) == shown
    found = client.get(f"/sessions/{session}", headers=ann).json()
    assert found["slate"]["id"] == slate["id"] and [item["id"] for item in found["slate"]["items"]] == shown
    assert found["turns"][-1]["message"] == found["turns"][-1]["words"] == ""


def test_nobody_sees_another_ones_session_profile_or_export(client, ann, bob):
    session = says(client, ann, "a canary film about space").json()["session_id"]
    told(client.get(f"/sessions/{session}", headers=bob), 404)
    for path in ("/profile", "/export", "/recommendations"):
        assert "canary" not in client.get(path, headers=bob).text
    assert "canary" in client.get("/export", headers=ann).text


def test_an_event_shows_in_the_next_recommendations(client, ann):
    before = client.get("/recommendations", headers=ann).json()
    worst = before["slate"]["items"][0]["id"]
    event = {"event_id": "1", "item_id": worst, "kind": "dislike"}
    assert client.post("/events", json=event, headers=ann).json() == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [],
        "notes": [],
    }
    after = client.get("/recommendations", headers=ann).json()
    assert after["profile_version"] != before["profile_version"]
    assert worst not in [item["id"] for item in after["slate"]["items"]]


def test_recommendations_log_nothing_and_keep_to_the_number_asked_for(client, ann, recommender):
    for k in (1, 4):
        assert len(client.get("/recommendations", params={"k": k}, headers=ann).json()["slate"]["items"]) == k
    assert list(recommender.log.all_turns()) == []


def test_an_event_sent_again_counts_once_and_two_visitors_may_use_one_id(client, ann, bob):
    event = {"event_id": "same", "item_id": "orbit-2009", "kind": "like"}
    assert client.post("/events", json=event, headers=ann).json()["accepted"] == 1
    assert client.post("/events", json=[event, event], headers=ann).json()["duplicates"] == 2
    assert client.post("/events", json=event, headers=bob).json()["accepted"] == 1


def test_of_a_batch_what_is_sound_is_taken_and_the_rest_told_one_by_one(client, ann):
    good = {"event_id": "g", "item_id": "orbit-2009", "kind": "like"}
    rows = [
        {"event_id": "a", "item_id": "no-such", "kind": "like"}, good,
        {"event_id": "b", "item_id": "orbit-2009", "kind": "hug"},
        {"item_id": "orbit-2009", "kind": "like"}, {"event_id": "c", "item_id": "orbit-2009", "kind": "rating", "value": 9},
        {**good, "event_id": "d", "extra": 1}, {**good, "event_id": "e", "timestamp": 1.0},
    ]  # fmt: skip
    taken = client.post("/events", json=rows, headers=ann)
    assert taken.status_code == 202
    assert taken.json()["accepted"] == 2
    assert [one["index"] for one in taken.json()["rejected"]] == [0, 2, 3, 4, 5]
    whys = [one["why"] for one in taken.json()["rejected"]]
    assert all(word in why for word, why in zip(("no-such", "kind", "event_id", "rating", "extra"), whys, strict=True)), whys
    assert [one["index"] for one in taken.json()["notes"]] == [6]


def test_too_many_events_at_once_are_refused_whole(client, ann):
    rows = [{"event_id": f"{n}", "item_id": "orbit-2009", "kind": "view"} for n in range(routes.MOST_EVENTS + 1)]
    assert "501" in told(client.post("/events", json=rows, headers=ann), 422)["detail"]


def test_this_one_means_the_item_of_the_page(client, ann):
    done = says(client, ann, "something like this one", context={"item_id": "vault-1988"}).json()
    assert done["profile"]["affinities"]["vault-1988"] > 0
    assert "no-such" in told(says(client, ann, "more", context={"item_id": "no-such"}), 422)["detail"]


def test_a_preference_can_be_seen_corrected_and_forgotten(client, ann):
    says(client, ann, "something dark")
    held = client.get("/profile", headers=ann).json()["preferences"]
    (dark,) = [one for one in held if one["value"] == "dark"]
    after = client.patch("/profile", json={"how": "forget", "target": dark["target"]}, headers=ann).json()
    assert "dark" not in [one["value"] for one in after["preferences"]]
    assert (
        "nonsense" in told(client.patch("/profile", json={"how": "forget", "target": "nonsense"}, headers=ann), 422)["detail"]
    )


def test_whoever_is_forgotten_has_nothing_left_and_may_begin_anew(client, ann):
    says(client, ann, "something dark")
    assert client.delete("/profile", headers=ann).status_code == 204
    export = client.get("/export", headers=ann)
    assert "attachment" in export.headers["content-disposition"]
    assert export.json()["turns"] == [] and export.json()["profile"]["preferences"] == []
    assert says(client, ann, QUIET_SPACE).status_code == 200


def test_the_catalogue_is_open_and_comes_page_by_page(client):
    assert client.get("/items/orbit-2009").json()["title"] == "Low Orbit"
    told(client.get("/items/no-such"), 404)
    found: list[str] = []
    after = ""
    while after is not None:
        page = client.get("/items", params={"limit": 5, "after": after}).json()
        found += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(found) == len(set(found)) == 12
    assert client.get("/items", params={"q": "heist"}).json()["items"][0]["id"].startswith("vault")
    told(client.get("/items", params={"after": "no-such"}), 422)


def forged(**claims) -> str:
    now = time.time()
    return jwt.encode({"sub": "x", "sid": "y", "aud": AUDIENCE, "exp": now + 100} | claims, SECRET, "HS256")


@pytest.mark.parametrize(
    "token",
    [
        "", "Basic abc", "Bearer", "Bearer abc.def.ghi", f"Bearer {forged(aud='else')}", f"Bearer {forged(exp=1)}",
        f"Bearer {jwt.encode({'sub': 'x', 'sid': 'y', 'aud': AUDIENCE, 'exp': 9e9}, 'b' * 40, 'HS256')}",
        f"Bearer {jwt.encode({'sub': 'x', 'sid': 'y', 'aud': AUDIENCE, 'exp': 9e9}, None, 'none')}",
        f"Bearer {jwt.encode({'sub': 'x', 'aud': AUDIENCE, 'exp': 9e9}, SECRET, 'HS256')}", f"Bearer {forged(exp='soon')}",
        f"Bearer {jwt.encode({'sub': 'x', 'sid': 'y', 'aud': AUDIENCE, 'exp': 9e9}, SECRET + b'x' * 20, 'HS512')}",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/profile"), ("POST", "/turns"), ("DELETE", "/profile"), ("GET", "/export")]
)
def test_without_a_token_that_was_given_out_here_nothing_is_told(client, method, path, token):
    headers = {"Authorization": token} if token else {}
    answer = client.request(method, path, headers=headers, json={"message": "hello"} if method == "POST" else None)
    assert "Authorization" in told(answer, 401)["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"), ({"message": ""}, "message"), ({"message": "x" * 2_001}, "message"), ({"message": "x", "k": 0}, "k"),
        ({"message": "x", "k": 21}, "k"), ({"message": "x", "more": 1}, "more"), ({"message": 5}, "message"), ([], "body"),
        ({"message": "x", "context": {"url": "y" * 1_001}}, "url"),
    ],
)  # fmt: skip
def test_a_turn_that_is_not_valid_names_the_field(client, ann, body, field):
    assert field in told(client.post("/turns", json=body, headers=ann), 422)["detail"]


def test_what_is_too_large_is_refused_however_its_length_is_declared(client, ann):
    told(client.post("/turns", content=b"x" * (MOST_BYTES + 1), headers=ann), 413)
    pieces = (b"x" * 1_024 for _ in range(MOST_BYTES // 1_024 + 1))
    told(client.post("/turns", content=pieces, headers=ann), 413)


def test_unknown_paths_and_methods_are_problems_too(client, ann):
    told(client.get("/nowhere"), 404)
    told(client.put("/profile", headers=ann), 405)


def test_a_session_is_answered_one_turn_at_a_time_and_the_queue_has_an_end(client, ann):
    door = client.app.state.doors[DEFAULT].turns
    session = says(client, ann, QUIET_SPACE).json()["session_id"]
    with door.turn_of(session):
        assert told(says(client, ann, "more"), 409)
    assert says(client, ann, "more").status_code == 200
    others = [door.turn_of(f"session-{n}") for n in range(door.most)]
    for other in others:
        other.__enter__()
    busy = says(client, ann, "more")
    assert told(busy, 429) and int(busy.headers["retry-after"]) > 0
    for other in others:
        other.__exit__(None, None, None)


def test_the_description_names_every_route_with_its_problems(client):
    described = client.get("http://localhost/openapi.json").json()
    paths = described["paths"]
    assert {path for path in paths} == {
        "/api/v1/sessions", "/api/v1/sessions/{session_id}", "/api/v1/sessions/{session_id}/script", "/api/v1/turns",
        "/api/v1/events", "/api/v1/recommendations",
        "/api/v1/profile", "/api/v1/export", "/api/v1/site", "/api/v1/items", "/api/v1/items/{item_id}",
    }  # fmt: skip
    for path in paths.values():
        for operation in path.values():
            assert operation["summary"] and "500" in operation["responses"]
    assert {"Problem", "Event", "Events", "TurnIn"} <= set(described["components"]["schemas"])
    page = client.get("http://localhost/docs")
    assert page.status_code == 200 and "https://" not in page.text.replace("https://fastapi", "")


texts = st.text(max_size=40)
numbers = st.none() | st.integers(-5, 5_000) | st.floats(allow_nan=False, allow_infinity=False)
turns = st.fixed_dictionaries(
    {"message": texts}, optional={"k": numbers, "context": st.fixed_dictionaries({}, optional={"item_id": texts, "url": texts})}
)
deeds = st.fixed_dictionaries(
    {"event_id": texts, "item_id": texts | st.just("orbit-2009"), "kind": st.sampled_from([*KINDS, "hug"])},
    optional={"value": numbers, "timestamp": numbers, "slate_id": texts, "position": numbers},
)
corrections = st.fixed_dictionaries(
    {"how": st.sampled_from([*get_args(How), "never"])},
    optional={"target": texts | st.just("item:orbit-2009"), "weight": numbers},
)
anything = st.recursive(
    numbers | texts | st.booleans(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
requests = st.one_of(
    st.tuples(st.just("POST"), st.just("/turns"), turns), st.tuples(st.just("PATCH"), st.just("/profile"), corrections),
    st.tuples(st.just("POST"), st.just("/events"), deeds | st.lists(deeds, max_size=4)),
    st.tuples(st.just("POST"), st.sampled_from(["/turns", "/events"]), anything),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests)
def test_nothing_that_is_sent_breaks_anything(client, ann, request_):
    method, path, body = request_
    assert client.request(method, path, json=body, headers=ann | JSON).status_code < 500


def test_the_key_is_made_once_kept_to_its_owner_and_told_of_when_it_is_broken(tmp_path):
    made = secret_of(tmp_path)
    assert len(made) == SECRET_BYTES and secret_of(tmp_path) == made
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert secret_of(tmp_path, "g" * 40) == b"g" * 40
    with pytest.raises(ReadableError, match="api_secret"):
        secret_of(tmp_path, "short")
    (tmp_path / FILE).write_bytes(b"torn")
    with pytest.raises(ReadableError, match=FILE):
        secret_of(tmp_path)


def test_the_root_is_left_to_the_page(client):
    assert client.get("http://localhost/", follow_redirects=False).status_code == 404
