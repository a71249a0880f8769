"""Sites: what sites.toml may say, who may call from where, whom a site's own tokens name, how much is answered."""

import time
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from bot.api.application import api
from bot.api.buckets import Buckets
from bot.api.sites import DEFAULT, Limits, Site, SitesError, read_sites
from tests.conversing import QUIET_SPACE

SECRET = b"a secret that only the tests know, 32 bytes and more"
SHARED = "a secret that the shop and Parley share, long enough"
SHOP = "https://shop.example"
JSON = {"Accept": "application/json"}
FILE = f"""
[shop]
title = "Outdoor shop"
origins = ["{SHOP}"]
starters = ["a tent for two"]
colours = {{accent = "#0a7a5c"}}
labels = {{send = "Ask"}}
keys = [{{id = "old", algorithm = "HS256", file = "old.key"}}, {{id = "new", algorithm = "RS256", file = "new.pem"}}]

[news]
origins = ["https://news.example"]
keys = [{{algorithm = "HS256", environment = "NEWS_KEY"}}]
"""


@pytest.fixture(scope="module")
def pair():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SimpleNamespace(private=private, public=public)


@pytest.fixture
def sites(tmp_path, pair, monkeypatch):
    (tmp_path / "old.key").write_text(SHARED)
    (tmp_path / "new.pem").write_bytes(pair.public)
    monkeypatch.setenv("NEWS_KEY", SHARED)
    (tmp_path / "sites.toml").write_text(FILE)
    return read_sites(str(tmp_path / "sites.toml"))


@pytest.fixture
def client(recommender, sites):
    return served(recommender, sites)


def served(recommender, sites):
    app = api(dict.fromkeys(sites, recommender), sites, SECRET)
    return TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False)


def token(key=SHARED, algorithm="HS256", kid="old", **claims):
    told = {"sub": "ann@shop.example", "aud": "parley", "exp": int(time.time()) + 300, **claims}
    return jwt.encode({name: value for name, value in told.items() if value is not None}, key, algorithm, {"kid": kid})


def begun(client, bearer="", site="shop", **headers):
    headers |= {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return client.post("/sessions", json={"site": site}, headers=headers)


def user_of(answer):
    claims = jwt.decode(answer.json()["token"], SECRET, ["HS256"], audience="parley", options={"verify_exp": False})
    return claims["sub"], claims["site"]


def test_a_site_tells_its_words_and_colours(client):
    told = client.get("/site?site=shop").json()
    assert (told["title"], told["starters"], told["origins"]) == ("Outdoor shop", ["a tent for two"], [SHOP])
    assert told["colours"] == {"accent": "#0a7a5c"} and told["labels"] == {"consumed": "Seen it", "send": "Ask"}
    assert client.get("/site").json()["name"] == DEFAULT
    assert client.get("/site?site=nobody").status_code == 404


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[shop]\norigin = []", "shop.*origin"),
        ("[shop]\norigins = ['shop.example']", "shop.*origins.*no origin"),
        ("[shop]\norigins = ['https://shop.example/path']", "no origin"),
        ("[shop]\norigins = ['*']", "no origin"),
        ("[Shop]\n", "'Shop' is no site"),
        ("shop = 3", "'shop' is no site"),
        ("[shop]\nkeys = [{algorithm = 'none', file = 'x'}]", "keys.0.algorithm"),
        ("[shop]\nkeys = [{algorithm = 'HS256'}]", "either file or environment"),
        ("[shop]\nkeys = [{algorithm = 'HS256', file = 'missing'}]", "cannot be read from the file missing"),
        ("[shop]\nkeys = [{algorithm = 'HS256', environment = 'NO_SUCH_KEY'}]", "NO_SUCH_KEY"),
        ("[shop]\nkeys = [{algorithm = 'HS256', file = 'short'}]", "needs 32"),
        ("[shop]\nkeys = [{algorithm = 'RS256', file = 'short'}]", "no public key"),
        ("[shop]\ncolours = {accent = 'url(x)'}", "colour"),
        ("[shop]\nlimits = {visitor_turns_per_minute = 0}", "visitor_turns_per_minute"),
        ("[shop", "cannot be read"),
    ],
)
def test_a_broken_file_is_told_in_a_sentence(tmp_path, text, says):
    (tmp_path / "short").write_text("short")
    (tmp_path / "sites.toml").write_text(text)
    with pytest.raises(SitesError, match=says):
        read_sites(str(tmp_path / "sites.toml"))


def test_without_a_file_there_is_one_site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list(read_sites("")) == [DEFAULT]
    with pytest.raises(SitesError, match="elsewhere"):
        read_sites("elsewhere.toml")


def test_a_known_visitor_is_the_same_every_time_and_at_no_other_site(client):
    first, again = begun(client, token()), begun(client, token())
    assert user_of(first) == user_of(again) and user_of(first)[1] == "shop"
    assert "ann" not in user_of(first)[0]  # what the site calls her is not kept
    assert user_of(begun(client, token(kid=""), "news"))[0] != user_of(first)[0]
    assert user_of(begun(client))[0] != user_of(begun(client))[0]


def test_keys_are_rotated(client, pair):
    assert user_of(begun(client, token(pair.private, "RS256", "new"))) == user_of(begun(client, token()))


def _unsigned():
    return jwt.encode({"sub": "ann", "aud": "parley", "exp": int(time.time()) + 300}, None, "none", {"kid": "old"})


FORGED = {
    "another secret": lambda _: token("another secret that is long enough for this"),
    "alg none": lambda _: _unsigned(),
    "a public key as the secret": lambda pair: _confused(pair),
    "no such key": lambda _: token(kid="older"),
    "no key named": lambda _: token(kid=""),
    "another audience": lambda _: token(aud="elsewhere"),
    "no audience": lambda _: token(aud=None),
    "no end": lambda _: token(exp=None),
    "an end long past": lambda _: token(exp=int(time.time()) - 60),
    "too long a life": lambda _: token(exp=int(time.time()) + 90_000),
    "not yet": lambda _: token(nbf=int(time.time()) + 300),
    "nobody": lambda _: token(sub=None),
    "an empty name": lambda _: token(sub=" "),
    "another algorithm": lambda pair: token(SHARED, "HS384"),
    "RS256 with the shared key's name": lambda pair: token(pair.private, "RS256", "old"),
    "no token at all": lambda _: "x.y.z",
    "Parley's own token": lambda _: jwt.encode({"sub": "ann", "aud": "parley", "exp": int(time.time()) + 60}, SECRET, "HS256"),
}


def _confused(pair):
    """A token signed by HS256 with the public key that everybody knows, as if it were the shared secret."""
    import base64
    import hashlib
    import hmac
    import json

    def part(told):
        return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=")

    claims = {"sub": "ann", "aud": "parley", "exp": int(time.time()) + 300}
    signed = part({"alg": "HS256", "kid": "new"}) + b"." + part(claims)
    digest = hmac.new(pair.public.strip(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


@pytest.mark.parametrize("how", FORGED)
def test_a_token_that_the_site_did_not_give_is_refused(client, pair, how):
    answer = begun(client, FORGED[how](pair))
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"


def test_a_site_without_keys_knows_nobody(client):
    assert begun(client, token(), DEFAULT).status_code == 401


def test_pages_of_other_origins_may_not_call(client):
    assert begun(client, Origin=SHOP).status_code == 201
    for origin in ("https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"):
        assert begun(client, Origin=origin).status_code == 403, origin
    assert begun(client, site="news", Origin=SHOP).status_code == 403
    mine = {"Authorization": f"Bearer {begun(client).json()['token']}"}
    assert client.get("/profile", headers=mine | {"Origin": SHOP}).status_code == 200
    assert client.get("/profile", headers=mine | {"Origin": "https://news.example"}).status_code == 403
    assert client.get("/items?site=shop", headers={"Origin": "https://news.example"}).status_code == 403


def test_a_browser_is_told_which_origins_may_call(client):
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = client.options("/turns", headers=asks | {"Origin": SHOP})
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in allowed.headers
    refused = client.options("/turns", headers=asks | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in refused.headers


def test_a_token_is_for_its_own_site(recommender, sites):
    bearer = begun(served(recommender, sites)).json()["token"]
    without = {name: site for name, site in sites.items() if name != "shop"}
    answer = served(recommender, without).get("/profile", headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == 401 and "not served" in answer.json()["detail"]


def test_buckets_hold_a_minute_and_fill_evenly():
    now = [0.0]
    buckets = Buckets(6, lambda: now[0])
    assert [buckets.take("ann") for _ in range(6)] == [0.0] * 6
    assert buckets.take("ann") == pytest.approx(10)
    assert buckets.take("bob") == 0.0
    now[0] = 10
    assert buckets.take("ann") == 0.0 and buckets.take("ann") > 0
    now[0] = 1_000
    assert [buckets.take("ann") for _ in range(7)][-1] > 0


def test_buckets_forget_whom_they_have_not_seen_for_longest(monkeypatch):
    monkeypatch.setattr("bot.api.buckets.MOST", 2)
    buckets = Buckets(1, lambda: 0.0)
    assert [buckets.take(name) for name in ("ann", "bob", "cay", "ann")] == [0.0] * 4


def test_too_much_is_told_with_the_time_to_come_back(recommender):
    limits = Limits(visitor_turns_per_minute=2, sessions_per_minute=3, visitor_requests_per_minute=20)
    client = served(recommender, {DEFAULT: Site(limits=limits)})
    mine = {"Authorization": f"Bearer {begun(client, site=DEFAULT).json()['token']}"}
    answers = [client.post("/turns", json={"message": QUIET_SPACE}, headers=mine | JSON) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert [begun(client, site=DEFAULT).status_code for _ in range(3)] == [201, 201, 429]
    assert 429 in [client.get("/profile", headers=mine).status_code for _ in range(25)]


def test_a_turn_that_is_sent_again_is_not_answered_anew(client):
    with client:  # one loop for all of these requests, as a server has it
        _send_again(client)


def _send_again(client):
    session = begun(client).json()
    mine = {"Authorization": f"Bearer {session['token']}", "Idempotency-Key": "turn-1"}
    asked = {"message": QUIET_SPACE}
    first = client.post("/turns", json=asked, headers=mine | JSON).json()
    assert client.post("/turns", json=asked, headers=mine | JSON).json() == first
    stream = client.post("/turns", json=asked, headers=mine | {"Last-Event-ID": "1"}).text
    assert stream.startswith("id: 2\nevent: words") and "event: done" in stream
    assert len(client.get(f"/sessions/{session['session_id']}", headers=mine).json()["turns"]) == 1
    other = client.post("/turns", json={"message": "something else"}, headers=mine | JSON)
    assert other.status_code == 422 and "Idempotency-Key" in other.json()["detail"]
