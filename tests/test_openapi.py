"""The description of the API against the running application: schemathesis asks each route all that it allows, and more."""

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from bot.api.application import api
from bot.api.sites import DEFAULT, Limits, Site

EXAMPLES = 40  # a route and way
EVER = 1e6
LIMITS = Limits(
    visitor_turns_per_minute=EVER, visitor_requests_per_minute=EVER, site_turns_per_minute=EVER, sessions_per_minute=EVER
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    ("POST", "/api/v1/sessions"), ("GET", "/api/v1/sessions/{session_id}"),
    ("GET", "/api/v1/sessions/{session_id}/script"), ("POST", "/api/v1/turns"), ("POST", "/api/v1/events"),
    ("GET", "/api/v1/recommendations"), ("GET", "/api/v1/profile"), ("PATCH", "/api/v1/profile"), ("DELETE", "/api/v1/profile"),
    ("GET", "/api/v1/export"), ("GET", "/api/v1/site"), ("GET", "/api/v1/items"), ("GET", "/api/v1/items/{item_id}"),
]  # fmt: skip
BARE = {  # any text is a session's id; of the others nothing can be asked wrongly
    ("GET", "/api/v1/sessions/{session_id}"), ("GET", "/api/v1/sessions/{session_id}/script"), ("GET", "/api/v1/export"),
    ("GET", "/api/v1/profile"), ("DELETE", "/api/v1/profile"),
}  # fmt: skip


@pytest.fixture
def app(recommender):
    return api({DEFAULT: recommender}, {DEFAULT: Site(limits=LIMITS)}, b"x" * 32)


def test_no_route_is_left_out(app):
    described = schemathesis.openapi.from_asgi("/openapi.json", app)
    assert {(one.ok().method.upper(), one.ok().path) for one in described.get_all_operations()} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "way"),
    [(*one, GenerationMode.POSITIVE) for one in OPERATIONS]
    + [(*one, GenerationMode.NEGATIVE) for one in OPERATIONS if one not in BARE],
)
def test_every_route_does_what_its_description_says(app, method, path, way):
    described = schemathesis.openapi.from_asgi("/openapi.json", app)
    token = TestClient(app).post("/api/v1/sessions").json()["token"]
    mine = {} if path == "/api/v1/sessions" else {"Authorization": f"Bearer {token}"}

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(described[path][method].as_strategy(generation_mode=way))
    def ask(case):
        case.call_and_validate(headers=mine, checks=CHECKS)

    ask()
