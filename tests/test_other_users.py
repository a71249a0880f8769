"""Other people's sessions, profiles, slates and exports: nobody has them by guessing, by an old token or from another page."""

import json
import time
from dataclasses import replace
from typing import get_args

import jwt
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.api.application import api
from bot.api.identity import AUDIENCE
from bot.api.sites import DEFAULT, Limits, Site
from bot.deeds import KINDS
from bot.events import EventLog
from bot.rights import How
from tests.conversing import QUIET_SPACE

SECRET = b"a secret that only the tests know, long enough for every algorithm, 64 bytes"
EVER = 1e6
LIMITS = Limits(
    visitor_turns_per_minute=EVER, visitor_requests_per_minute=EVER, site_turns_per_minute=EVER, sessions_per_minute=EVER
)
SHOP, NEWS, STRANGER = "https://shop.example", "https://news.example", "https://stranger.example"
SITES = {
    DEFAULT: Site(limits=LIMITS), "shop": Site(name="shop", origins=(SHOP,), limits=LIMITS),
    "news": Site(name="news", origins=(NEWS,), limits=LIMITS),
}  # fmt: skip
JSON = {"Accept": "application/json"}
CANARY = "marzipan"
READS = ("/profile", "/export", "/recommendations", "/sessions/{session}")
WRITES = (
    ("POST", "/turns", {"message": CANARY}), ("POST", "/events", {"event_id": "1", "item_id": "orbit-2009", "kind": "like"}),
    ("PATCH", "/profile", {"how": "undo"}), ("DELETE", "/profile", None), ("POST", "/sessions", {}),
)  # fmt: skip
FORMS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
HYPOTHESIS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def client(recommender, tmp_path):
    """Three sites over one catalogue, the news with a log of its own; `client.later` moves the clock."""
    ahead = [0.0]
    recommender = replace(recommender, clock=lambda: time.time() + ahead[0])
    (tmp_path / "news").mkdir()
    log = EventLog.in_folder(tmp_path / "news")
    served = {DEFAULT: recommender, "shop": recommender, "news": replace(recommender, log=log)}
    client = TestClient(api(served, SITES, SECRET), base_url="http://localhost/api/v1", raise_server_exceptions=False)
    client.log, client.later = recommender.log, ahead
    yield client
    log.close()


def begun(client, site="shop", **headers) -> dict:
    return client.post("/sessions", json={"site": site}, headers=headers).json()


def bearing(session: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


@pytest.fixture
def ann(client) -> dict:
    """Somebody of whom much is held."""
    session = begun(client)
    told = client.post("/turns", json={"message": f"{CANARY}, {QUIET_SPACE}"}, headers=bearing(session) | JSON).json()
    like = {"event_id": "ann-1", "item_id": "orbit-2009", "kind": "like", "slate_id": told["slate"]["id"], "position": 1}
    assert client.post("/events", json=like, headers=bearing(session)).json()["accepted"] == 1
    return session | {"slate": told["slate"]["id"]}


def everything(client) -> str:
    """What the log holds of everybody."""
    return json.dumps(
        [client.log.held(user) for user in sorted({turn.user for turn in client.log.all_turns()})], sort_keys=True
    )


def user_of(session: dict) -> str:
    return jwt.decode(session["token"], options={"verify_signature": False})["sub"]


def test_nobody_reads_what_is_held_of_another_with_a_token_of_their_own(client, ann):
    for site in SITES:
        eve = bearing(begun(client, site))
        for path in READS:
            told = client.get(path.format(session=ann["session_id"]), headers=eve)
            assert CANARY not in told.text and ann["slate"] not in told.text and user_of(ann) not in told.text
        assert client.get(f"/sessions/{ann['session_id']}", headers=eve).status_code == 404


@pytest.mark.parametrize(
    "guess", ["1", "ann", "*", "%", "' or 1=1 --", "..", "%2e%2e", "null", "{session}x", "{user}", "{slate}"]
)
def test_a_guessed_session_is_nobodys(client, ann, guess):
    eve = bearing(begun(client))
    named = guess.format(session=ann["session_id"], user=user_of(ann), slate=ann["slate"])
    told = client.get(f"/sessions/{named}", headers=eve)
    assert told.status_code in (404, 405) and CANARY not in told.text


def forged(ann: dict, **changes) -> list[str]:
    """Tokens that name Ann and were not given out here."""
    claims = jwt.decode(ann["token"], options={"verify_signature": False}) | changes
    header, body, signature = ann["token"].split(".")
    other = begun_body(claims | {"site": "news"})
    return [
        jwt.encode(claims, "another secret that is as long as the right one", "HS256"), jwt.encode(claims, None, "none"),
        jwt.encode(claims | {"aud": "shop"}, SECRET, "HS256"), jwt.encode(claims, SECRET, "HS512"),
        f"{header}.{other}.{signature}", f"{header}.{body}.", f"{header}.{body}", f"{header}.{body}.{signature[::-1]}",
        user_of(ann), ann["session_id"], "",
    ]  # fmt: skip


def begun_body(claims: dict) -> str:
    return jwt.encode(claims, "x" * 32, "HS256").split(".")[1]


def test_a_guessed_token_reads_and_changes_nothing(client, ann):
    before = everything(client)
    for token in forged(ann):
        for method, path, body in [*(("GET", path, None) for path in READS), *WRITES[:4]]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            told = client.request(method, path.format(session=ann["session_id"]), json=body, headers=headers)
            assert told.status_code == 401 and CANARY not in told.text, (token, path)
    assert everything(client) == before


def test_a_stolen_token_that_has_ended_reads_and_changes_nothing(client, ann):
    before = everything(client)
    claims = jwt.decode(ann["token"], SECRET, ["HS256"], audience=AUDIENCE)
    client.later[0] = claims["exp"] - time.time() - 5
    assert CANARY in client.get("/export", headers=bearing(ann)).text  # it is good to its last moment
    client.later[0] += 6
    for method, path, body in [*(("GET", path, None) for path in READS), *WRITES[:4]]:
        told = client.request(method, path.format(session=ann["session_id"]), json=body, headers=bearing(ann))
        assert told.status_code == 401 and "ended" in told.json()["detail"] and CANARY not in told.text
    assert everything(client) == before


def test_a_token_of_one_site_opens_nothing_on_a_page_of_another(client, ann):
    before = everything(client)
    for method, path, body in [*(("GET", path, None) for path in READS), *WRITES[:4]]:
        told = client.request(
            method, path.format(session=ann["session_id"]), json=body, headers=bearing(ann) | {"Origin": NEWS}
        )
        assert told.status_code == 403 and CANARY not in told.text
    assert everything(client) == before
    assert client.get("/export", headers=bearing(ann) | {"Origin": SHOP}).status_code == 200


def test_what_the_site_in_a_token_says_cannot_be_changed(client, ann):
    named = {"sub": user_of(ann), "sid": ann["session_id"], "site": "nowhere", "aud": AUDIENCE, "exp": int(time.time()) + 60}
    told = client.get("/profile", headers={"Authorization": f"Bearer {jwt.encode(named, SECRET, 'HS256')}"})
    assert told.status_code == 401
    moved = jwt.encode(named | {"site": "news"}, SECRET, "HS256")  # as if it had been given out there
    assert CANARY not in client.get("/export", headers={"Authorization": f"Bearer {moved}"}).text


def test_an_event_and_a_correction_touch_nobody_else(client, ann):
    eve, before = bearing(begun(client)), client.log.held(user_of(ann))
    event = {"event_id": "ann-1", "item_id": "orbit-2009", "kind": "dislike", "slate_id": ann["slate"], "position": 1}
    assert client.post("/events", json=event, headers=eve).json()["accepted"] == 1  # an id of her own, though it is called so
    for how in ("undo", "forget"):
        for entry in (*client.log.turns(user_of(ann)), *client.log.of(user_of(ann))):
            told = client.patch("/profile", json={"how": how, "target": f"entry:{entry.id}"}, headers=eve)
            assert told.status_code == 422
    assert client.delete("/profile", headers=eve).status_code == 204
    assert client.log.held(user_of(ann)) == before


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", "file://", "https://shop.example.evil.example", "https://SHOP.example:444"]
)
@pytest.mark.parametrize("form", [*FORMS, "application/json"])
def test_another_page_posts_in_vain(client, ann, origin, form):
    before = everything(client)
    for method, path, body in WRITES:
        sent = json.dumps(body | {"site": "shop"} if path == "/sessions" else body)
        headers = {"Origin": origin, "Content-Type": form}
        for more in ({}, bearing(ann)):
            told = client.request(method, path, content=sent, headers=headers | more)
            assert told.status_code in (401, 403, 422), (path, told.text)
            assert "access-control-allow-origin" not in told.headers
    assert everything(client) == before


@pytest.mark.parametrize("form", FORMS)
def test_a_form_changes_nothing_even_from_the_sites_own_page(client, ann, form):
    """A browser asks nobody before it sends one, so what it says is not read."""
    before = everything(client)
    for method, path, body in WRITES[:3]:
        sent = client.request(
            method, path, content=json.dumps(body), headers=bearing(ann) | {"Origin": SHOP, "Content-Type": form}
        )
        assert sent.status_code == 422, (path, sent.text)
    assert everything(client) == before


def test_a_cookie_stands_for_nobody(client, ann):
    for method, path, body in WRITES[:4]:
        for cookie in (f"parley_visitor={user_of(ann)}", f"Authorization=Bearer {ann['token']}", f"token={ann['token']}"):
            assert client.request(method, path, json=body, headers={"Cookie": cookie}).status_code == 401


texts = st.text(max_size=60)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8,
)  # fmt: skip
context = st.fixed_dictionaries(
    {},
    optional={"item_id": st.sampled_from(["", "orbit-2009"]), "url": st.text(max_size=1_000), "title": st.text(max_size=1_000)},
)
message = st.text(min_size=1, max_size=2_000).filter(lambda text: text.encode(errors="replace").decode().split())
turns = st.fixed_dictionaries({"message": message}, optional={"k": st.none() | st.integers(1, 20), "context": context})
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
deeds = st.fixed_dictionaries(
    {
        "event_id": ids, "item_id": st.sampled_from(["orbit-2009", "vault-1988"]),
        "kind": st.sampled_from([kind for kind in KINDS if kind != "rating"]),
    },
    optional={
        "timestamp": st.none() | st.floats(-1e12, 1e12), "slate_id": st.text(max_size=64),
        "position": st.none() | st.integers(1, 1_000),
    },
)  # fmt: skip
ratings = st.builds(lambda deed, value: deed | {"kind": "rating", "value": value}, deeds, st.sampled_from([0.5, 3, 5]))
corrections = st.fixed_dictionaries({"how": st.sampled_from(["pause", "resume"])}, optional={"target": texts})
weighed = st.fixed_dictionaries(
    {"how": st.just("weigh"), "target": st.just("preference:mood=quiet"), "weight": st.floats(-1, 1)}
)
sessions = st.fixed_dictionaries({}, optional={"site": st.sampled_from(list(SITES))})
VALID = {
    "turn": ("POST", "/turns", turns, 200), "event": ("POST", "/events", deeds | ratings, 202),
    "correction": ("PATCH", "/profile", corrections | weighed, 200), "session": ("POST", "/sessions", sessions, 201),
}  # fmt: skip


@pytest.mark.parametrize("model", VALID)
def test_what_is_valid_is_accepted(client, model):
    method, path, bodies, status = VALID[model]

    @HYPOTHESIS
    @given(bodies)
    def send(body):
        mine = bearing(begun(client))
        if body.get("how") == "weigh":
            client.post("/turns", json={"message": "something quiet"}, headers=mine | JSON)
        told = client.request(method, path, json=body, headers=mine | JSON if path != "/sessions" else JSON)
        assert told.status_code == status, told.text
        assert path != "/events" or told.json()["accepted"] == 1, told.text

    send()


def mangled(bodies):
    """A valid body with one of its values replaced or one more key."""
    names = st.sampled_from(
        ["message", "k", "context", "event_id", "item_id", "kind", "value", "timestamp", "slate_id", "position", "how",
         "target", "weight", "site", "more"]
    )  # fmt: skip
    return st.builds(lambda body, name, value: body | {name: value}, bodies, names, anything)


@pytest.mark.parametrize("model", VALID)
def test_whatever_json_is_sent_nothing_breaks(client, model):
    method, path, bodies, _ = VALID[model]
    mine = bearing(begun(client)) if path != "/sessions" else {}

    @HYPOTHESIS
    @given(
        mangled(bodies) | anything | st.fixed_dictionaries({"how": st.sampled_from(get_args(How))}, optional={"target": texts})
    )
    def send(body):
        told = client.request(
            method, path, content=json.dumps(body), headers=mine | JSON | {"Content-Type": "application/json"}
        )
        assert told.status_code < 500, told.text
        assert told.status_code < 300 or told.headers["content-type"] == "application/problem+json"

    send()


@pytest.mark.parametrize("path", ["/turns", "/events", "/sessions"])
@pytest.mark.parametrize(
    "sent", [b"", b"{", b"\xff", b"NaN", b'{"a":' * 2_000, b"[" * 30_000, b'{"message": "\\ud800"}', b"1e999", b'"\\u0000"'],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_json_breaks_nothing_either(client, path, sent):
    told = client.post(path, content=sent, headers=bearing(begun(client)) | JSON | {"Content-Type": "application/json"})
    assert told.status_code < 500
