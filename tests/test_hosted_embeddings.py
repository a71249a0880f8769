"""The hosted model with its real weights embeds, also while it speaks, and asks no other machine for anything."""

import sys
import threading
import time
from contextlib import closing

import numpy as np
import pytest

from bot.language_model import LanguageModel, open_language_model
from bot.settings import read_settings
from tests.speaking import SEA, SKY, asked, said

pytestmark = pytest.mark.model

FILMS = [
    "A quiet story.",
    "Cold Harbour. film noir, crime. A story of smuggling and betrayal that stays dark.",
    "Bear in the Library. " + "A bear reads to the children of a small town, evening after evening. " * 8,
]


@pytest.fixture(scope="module")
def model(models_folder) -> LanguageModel:
    model = open_language_model(read_settings(data=models_folder.parent), "film")
    yield model
    model.close()


def test_vectors_of_people_and_items_have_one_shape_and_length_one(model):
    person = np.array(model.embeddings.embed_query("a quiet film about space"))
    items = np.array(model.embeddings.embed_documents(FILMS))
    assert items.shape == (len(FILMS), len(person)) == (len(FILMS), model.embeddings.width)
    assert np.linalg.norm([person, *items], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.isfinite(items).all()


def test_a_text_embeds_alike_alone_and_in_a_padded_batch(model):
    batch = np.array(model.embeddings.embed_documents(FILMS))
    alone = np.array([model.embeddings.embed_documents([text])[0] for text in FILMS])
    assert (batch * alone).sum(axis=1).min() > 0.997  # bfloat16: .9976 is the least seen
    assert (batch @ batch.T)[~np.eye(len(FILMS), dtype=bool)].max() < 0.99


def test_embedding_goes_on_while_the_model_speaks(model):
    heard, enough = [], threading.Event()

    def listen():
        with closing(model.chat.stream(asked(SEA), most_tokens=1_000)) as pieces:
            for piece in pieces:
                heard.append(piece.text)
                if enough.is_set():
                    return

    said(model.chat, SEA, most_tokens=3)
    speaking = threading.Thread(target=listen)
    speaking.start()
    seconds, pieces_before = [], 0
    for number in range(5):
        while len(heard) <= pieces_before and speaking.is_alive():
            time.sleep(0.01)
        pieces_before = len(heard)
        started = time.monotonic()
        model.embeddings.embed_query(f"a film about {number} ships")
        seconds.append(time.monotonic() - started)
        assert speaking.is_alive()
    enough.set()
    speaking.join()
    assert sorted(seconds)[2] < 0.5


class Guard:
    """Forbids every way out of this machine while it is on, and keeps what was tried."""

    def __init__(self):
        self.on, self.tried = False, []
        sys.addaudithook(self.look)

    def look(self, event, args):
        if self.on and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            where = args[0] if event == "socket.getaddrinfo" else args[1][0]
            if where not in ("127.0.0.1", "::1", "localhost"):
                self.tried.append((event, where))
                raise ConnectionError(f"{event} to {where!r} from a test that must stay on this machine")


def test_nothing_opens_a_connection_to_anywhere(models_folder, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    guard = Guard()
    guard.on = True
    try:
        model = open_language_model(read_settings(data=models_folder.parent), "film")
        with closing(model):
            assert model.embeddings.embed_query("a quiet film") and said(model.chat, SKY, most_tokens=5)
    finally:
        guard.on = False
    assert guard.tried == []
