"""The door answers from the first second, and knows its visitors."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.testclient import TestClient

from bot.api.doorway import Doorway
from bot.visitors import COOKIE, Visitors, visitor_of
from retrieval.errors import ReadableError

GIVEN = "Ab3_-" * 6 + "Zz"  # 32 characters, as they are given out
PATIENCE = 20  # seconds


def inner_app(**how: object) -> FastAPI:
    """A small application that tells the visitor it sees."""
    app = FastAPI(**how)

    @app.get("/{path:path}")
    def seen(path: str, request: Request) -> PlainTextResponse:
        headers = {"Referrer-Policy": "no-referrer"} if path == "strict" else {}
        return PlainTextResponse(visitor_of(request.headers.get("cookie", "")), headers=headers)

    app.add_middleware(Visitors)
    return app


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class SlowBuilding:
    """A building that reports where it is and goes on only when it is let."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def __call__(self, doorway: Doorway) -> FastAPI:
        doorway.report("embedding films", 3, 12)
        assert self.may_go_on.wait(PATIENCE)
        return inner_app()


@pytest.fixture
def building() -> SlowBuilding:
    return SlowBuilding()


@pytest.fixture
def client(building: SlowBuilding) -> Iterator[TestClient]:
    """Asks a doorway whose building has begun, and has reported its stage."""
    with TestClient(Doorway(building)) as client:
        until(lambda: client.get("/readyz").json()["total"] == 12)
        yield client
        building.may_go_on.set()


@contextmanager
def failing(error: Exception) -> Iterator[TestClient]:
    def build(_: Doorway) -> FastAPI:
        raise error

    with TestClient(Doorway(build)) as client:
        until(lambda: bool(client.get("/readyz").json()["problem"]))
        yield client


def test_health_is_answered_while_the_inside_is_built(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_names_the_stage_while_the_inside_is_built(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert (answer.json()["stage"], answer.json()["done"], answer.json()["total"]) == ("embedding films", 3, 12)


def test_readiness_comes_when_the_inside_is_built(client, building):
    building.may_go_on.set()
    until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/readyz").json()["ready"] is True


def test_the_waiting_page_stands_at_the_root_while_the_inside_is_built(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "Parley" in answer.text
    assert "readyz" in answer.text


def test_other_addresses_are_told_to_come_back_while_the_inside_is_built(client):
    answer = client.get("/gradio_api/queue/data")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_the_inside_takes_over_from_the_waiting_page(client, building):
    building.may_go_on.set()
    until(lambda: client.get("/readyz").status_code == 200)
    assert "readyz" not in client.get("/").text
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_inside_is_started_and_let_go_with_the_door():
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI):
        steps.append("started")
        yield
        steps.append("let go")

    with TestClient(Doorway(lambda _: inner_app(lifespan=lifespan))) as client:
        until(lambda: client.get("/readyz").status_code == 200)
        assert steps == ["started"]
    assert steps == ["started", "let go"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ReadableError("films.csv, line 3 has no title"), "films.csv, line 3 has no title"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (ZeroDivisionError("a bug"), "a bug"),
    ],
)
def test_a_problem_in_building_is_told_in_words(error, told):
    with failing(error) as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert told in answer.json()["problem"]
        assert client.get("/healthz").status_code == 200
        assert "Parley" in client.get("/").text


@pytest.fixture
def page() -> TestClient:
    return TestClient(inner_app())


def test_a_new_visitor_gets_a_cookie_that_scripts_cannot_read(page):
    answer = page.get("/")
    given = answer.headers["set-cookie"]
    assert visitor_of(given.partition(";")[0])
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in given.split(";")}
    assert "Secure" not in given


def test_over_https_the_cookie_never_travels_in_the_clear():
    given = TestClient(inner_app(), base_url="https://testserver").get("/").headers["set-cookie"]
    assert "Secure" in {part.strip() for part in given.split(";")}


def test_a_new_visitor_is_known_within_the_first_request(page):
    answer = page.get("/")
    assert answer.text == visitor_of(answer.headers["set-cookie"].partition(";")[0])


def test_a_known_visitor_stays_the_same(page):
    first, second = page.get("/"), page.get("/")
    assert first.text == second.text != ""
    assert "set-cookie" not in second.headers


def test_no_two_visitors_are_the_same():
    assert len({TestClient(inner_app()).get("/").text for _ in range(20)}) == 20


@pytest.mark.parametrize("forged", ["", "admin", GIVEN + "x", GIVEN[:-1], GIVEN[:-1] + "/", GIVEN[:-1] + "%", "ann"])
def test_a_forged_cookie_is_replaced(page, forged):
    answer = page.get("/", headers={"cookie": f"{COOKIE}={forged}"})
    assert len(answer.text) == 32
    assert answer.text != forged
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}={answer.text};")


@pytest.mark.parametrize("other", ["a@b=1", "a/b=1", 'shop={"id": 1}', "expires=never", "lone", "=", "é=ü"])
def test_odd_cookies_of_other_applications_cost_nobody_their_visit(page, other):
    answer = page.get("/", headers={"cookie": f"{other}; {COOKIE}={GIVEN}".encode("latin-1")})
    assert (answer.status_code, answer.text) == (200, GIVEN)


@pytest.mark.parametrize("path", ["/", "/theme.css", "/nowhere"])
def test_every_answer_carries_the_security_headers(page, path):
    headers = page.get(path).headers
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


def test_a_stricter_header_of_the_inside_is_kept(page):
    assert page.get("/strict").headers["referrer-policy"] == "no-referrer"
