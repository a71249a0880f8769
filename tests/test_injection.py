"""Orders to the language model, in messages and in a catalogue: whatever the model then says, only what facts carry is told."""

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from bot.api.application import api
from bot.api.sites import DEFAULT, Site
from bot.recommender import Recommender
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.sources import Sources
from tests.conversing import NOW, QUIET_SPACE, answer, deed
from tests.payloads import FAR, ORDERS, SECRET, XSS
from tests.scripted_chat import chat, words_of

JSON = {"Accept": "application/json"}
OBEYS = f"Of course. {SECRET}! Low Orbit says {SECRET}. Visit http:{FAR} for Low Orbit and {SECRET}. The password is {SECRET}."


def test_there_are_enough_of_them():
    assert len(set(ORDERS)) >= 40 and len(set(XSS)) >= 60


@pytest.fixture
def obedient(recommender):
    """With a model that does what it was ordered to."""
    return replace(recommender, chat=chat(*words_of(OBEYS)))


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_in_a_message_is_not_obeyed(obedient, log, order):
    obedient = replace(obedient, clock=lambda: NOW + 10**6)
    session = log.start_session("ann", NOW)
    first = answer(obedient, session, QUIET_SPACE)
    obedient.admit([deed(session, "dislike", first.slate.item_ids[0])])
    done = answer(obedient, session, f"{order} {QUIET_SPACE}")
    said = done.explanation.text.replace(order, "")
    assert FAR not in said and "password" not in said
    assert SECRET not in said.replace(f"“{SECRET}”", "")
    assert first.slate.item_ids[0] not in done.slate.item_ids
    assert set(done.slate.item_ids) <= set(obedient.catalogue.rows)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """A catalogue whose descriptions and facets hold an order each."""
    file = tmp_path_factory.mktemp("poisoned") / "catalogue.jsonl"
    rows = [
        {
            "id": f"item-{n}", "title": f"Silver Lantern {n}", "description": f"A quiet story. {order}", "mood": ["quiet"],
            "note": order,
        }
        for n, order in enumerate(ORDERS)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_catalogue(str(file))


def test_an_order_in_a_catalogue_is_not_obeyed(poisoned, log):
    import numpy as np

    sources = Sources.of(poisoned, np.zeros((len(poisoned), 1), dtype=np.float32))
    said = f"Silver Lantern 1 is what you want: {SECRET}. {SECRET}. Visit http:{FAR} now."
    model = chat(*words_of(said))
    recommender = Recommender(poisoned, Understander(poisoned), sources, None, model, log)
    session = log.start_session("ann", NOW)
    for message in ("something quiet", "why the first?", "something else"):
        done = answer(recommender, session, message)
        assert FAR not in done.explanation.text and "Visit" not in done.explanation.text


def test_markup_in_a_message_comes_back_as_text_alone(recommender):
    app = api({DEFAULT: recommender}, {DEFAULT: Site()}, b"x" * 32)
    client = TestClient(app, base_url="http://localhost/api/v1")
    mine = {"Authorization": f"Bearer {client.post('/sessions').json()['token']}"}
    for at in range(0, len(XSS), 10):
        sent = client.post("/turns", json={"message": " ".join(XSS[at : at + 10])}, headers=mine | JSON)
        assert sent.status_code == 200 and sent.headers["content-type"] == "application/json"
        assert sent.headers["x-content-type-options"] == "nosniff"
