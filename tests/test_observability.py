"""What Parley tells of itself: metrics, log lines, spans, the audit; and that none of it tells what people said."""

import io
import json
import logging

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from bot import logs, tracing
from bot.api.application import api
from bot.api.sites import DEFAULT, Site
from tests.conversing import QUIET_SPACE, answer

SECRET = b"a secret that only the tests know, 32 bytes and more"
JSON = {"Accept": "application/json"}


@pytest.fixture
def client(recommender):
    app = api({DEFAULT: recommender}, {DEFAULT: Site()}, SECRET)
    return TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False, client=("127.0.0.1", 5))


@pytest.fixture
def mine(client):
    return {"Authorization": f"Bearer {client.post('/sessions').json()['token']}"}


@pytest.fixture
def written():
    """What is logged as JSON while a test runs, line by line."""
    root, requests = logging.getLogger(), logs.requests
    before = (root.level, root.handlers[:], requests.handlers[:], requests.propagate, requests.level)
    logs.begin("json", logging.WARNING)
    stream = io.StringIO()
    for handler in (*root.handlers, *requests.handlers):
        handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.level, root.handlers, requests.handlers, requests.propagate, requests.level = before


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_turn_is_counted_and_its_stages_are_timed(client, mine):
    before = [value("parley_stage_seconds_count", stage="rank"), value("parley_sentences_total", by="template")]
    client.post("/turns", json={"message": QUIET_SPACE}, headers=mine | JSON)
    after = [value("parley_stage_seconds_count", stage="rank"), value("parley_sentences_total", by="template")]
    assert after[0] == before[0] + 1 and after[1] > before[1]


def test_deeds_are_counted_by_what_became_of_them(client, mine):
    deeds = [
        {"event_id": "one", "item_id": "orbit-2009", "kind": "like"},
        {"event_id": "two", "item_id": "none", "kind": "like"},
    ]
    before = {became: value("parley_events_total", became=became) for became in ("accepted", "duplicate", "refused")}
    for _ in range(2):
        client.post("/events", json=deeds, headers=mine)
    assert value("parley_events_total", became="accepted") == before["accepted"] + 1
    assert value("parley_events_total", became="duplicate") == before["duplicate"] + 1
    assert value("parley_events_total", became="refused") == before["refused"] + 2


def test_metrics_are_shown_to_the_neighbourhood_alone(client, recommender):
    shown = client.get("http://localhost/metrics")
    assert shown.status_code == 200 and "parley_open_turns 0.0" in shown.text
    far = TestClient(client.app, base_url="http://localhost", client=("8.8.8.8", 5))
    assert far.get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_never_by_id(client, mine):
    client.get("/sessions/some-secret-id", headers=mine)
    client.get("/items/orbit-2009")
    shown = client.get("http://localhost/metrics").text
    assert 'route="/api/v1/sessions/{session_id}"' in shown and "some-secret-id" not in shown and "orbit-2009" not in shown


def test_every_answer_names_its_request(client):
    assert client.get("/items", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    made = client.get("/items", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"]
    assert made != "a b\tc" and len(made) == 16
    assert client.get("/items").headers["cache-control"] == "no-store"


def test_a_request_leaves_one_line_without_its_words(client, mine, written):
    said = "something quiet for ann@example.org about marzipan"
    client.post("/turns", json={"message": said}, headers=mine | JSON | {"X-Request-ID": "mine-2"})
    (line,) = written()
    assert (line["route"], line["status"], line["request_id"]) == ("/api/v1/turns", 200, "mine-2") and line["ms"] > 0
    assert "marzipan" not in json.dumps(line) and mine["Authorization"] not in json.dumps(line)


def test_a_failure_is_logged_with_its_request_and_without_personal_data(client, recommender, mine, written, monkeypatch):
    def fail(*_):
        raise ValueError("nothing for ann@example.org, call +49 30 1234 5678, Bearer eyJhbGciOiJ.eyJzdWI.c2ln")

    monkeypatch.setattr(type(recommender.understander), "understand", fail)
    answer = client.post("/turns", json={"message": "hello"}, headers=mine | JSON | {"X-Request-ID": "mine-3"})
    assert answer.status_code == 500 and "ann@" not in answer.text
    told = json.dumps(written())
    assert "[e-mail]" in told and "[number]" in told and "[token]" in told
    assert "ann@" not in told and "1234" not in told and "eyJ" not in told


@pytest.mark.parametrize("text", ["turn 12 of 2009", "took 12.345678901 ms", "v1.2.3", "item heat-1995"])
def test_what_is_nobodys_stays(text):
    assert logs.redacted(text) == text


def test_who_looks_at_a_profile_is_written_down(client, mine, tmp_path):
    kept = logs.keep_audit(tmp_path)
    client.get("/profile", headers=mine)
    client.get("/export", headers=mine)
    client.get("/items")
    kept.close()
    logs.audit.removeHandler(kept)
    lines = [json.loads(line) for line in (tmp_path / logs.AUDIT).read_text().splitlines()]
    assert [(line["what"], line["by"]) for line in lines] == [("profile", "api"), ("export", "api")]
    assert len({line["user"] for line in lines}) == 1 and all(len(line["user"]) == 16 and line["time"] for line in lines)


def test_a_turn_is_a_span_with_its_stages(recommender, log):
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracing.use(provider)
    try:
        answer(recommender, log.start_session("ann", 0.0), QUIET_SPACE)
    finally:
        tracing.use(None)
    spans = {span.name: span for span in kept.get_finished_spans()}
    whole = spans.pop("parley.turn")
    assert set(spans) == {f"parley.{stage}" for stage in ("understand", "embed", "retrieve", "rank", "explain")}
    for span in spans.values():
        assert span.parent.span_id == whole.context.span_id
        assert whole.start_time <= span.start_time <= span.end_time <= whole.end_time
    assert QUIET_SPACE not in str([span.to_json() for span in kept.get_finished_spans()])
