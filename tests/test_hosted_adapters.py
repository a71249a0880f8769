"""Both adapters beside the real weights: one set of them, switched per call, never mixed up, left alone when off."""

import threading

import numpy as np
import pytest
import torch

from bot.adapters import lora
from bot.adapters.shipped import FILES
from bot.language_model.chat import HostedChat
from bot.language_model.embedding import HostedEmbeddings
from bot.language_model.hosted import EMBEDDING, SPEAKING, Hosted, load
from bot.language_model.weights import weights_folder
from tests.speaking import SKY, said, speaking

pytestmark = pytest.mark.model

WISHES = ("a quiet film about space", "something to laugh about with the children", "cold and French")


@pytest.fixture(scope="module")
def adapted(models_folder) -> Hosted:
    """In float32, where nothing but the adapter changes what is computed."""
    hosted = load(weights_folder("default", models_folder), offline=True, adapters=FILES)
    torch.manual_seed(1)
    with torch.no_grad():  # one that speaks otherwise, whatever ships
        for part in lora.begin(hosted.model.base_model, SPEAKING, range(20, 30), rank=4):
            part.copy_(torch.randn_like(part) / 5)
    hosted.model.float()
    hosted.embedder.float()
    return hosted


@pytest.fixture(scope="module")
def raw(models_folder) -> Hosted:
    hosted = load(weights_folder("default", models_folder), offline=True)
    hosted.model.float()
    return hosted


@pytest.fixture(scope="module")
def chat(adapted) -> HostedChat:
    with speaking(adapted) as chat:
        yield chat


def test_beside_the_weights_and_in_a_copy_of_them_an_adapter_gives_the_same(adapted):
    beside = adapted.embedding_at(adapted.layer)
    own = {id(part) for part in adapted.model.parameters()}
    assert {id(part) for part in beside.embedder.parameters()} <= own  # nothing is copied there
    vectors = [np.array([HostedEmbeddings(h, "film").embed_query(wish) for wish in WISHES]) for h in (adapted, beside)]
    assert (vectors[0] * vectors[1]).sum(axis=1).min() > 0.999


def test_without_an_adapter_the_model_says_what_it_says_without_any_installed(chat, raw):
    with speaking(raw) as bare:
        assert said(chat, SKY, most_tokens=25, adapter="") == said(bare, SKY, most_tokens=25)
    assert said(chat, SKY, most_tokens=25, adapter=SPEAKING) != said(chat, SKY, most_tokens=25, adapter="")


def test_the_embedding_adapter_changes_what_embeds_and_where(adapted, raw):
    ours, theirs = HostedEmbeddings(adapted, "film"), HostedEmbeddings(raw, "film")
    assert ours.key != theirs.key
    vectors = np.array([[e.embed_query(wish) for wish in WISHES] for e in (ours, theirs)])
    assert np.abs((vectors[0] * vectors[1]).sum(axis=1)).max() < 0.9


def test_embedding_and_speaking_at_once_give_what_each_gives_alone(adapted, chat):
    embeddings = HostedEmbeddings(adapted, "film")
    alone = {wish: np.array(embeddings.embed_documents([wish])[0]) for wish in WISHES}
    spoken = {name: said(chat, SKY, most_tokens=20, adapter=name) for name in ("", SPEAKING)}
    heard: list[tuple[str, str]] = []

    def speak(name: str) -> None:
        heard.extend((name, said(chat, SKY, most_tokens=20, adapter=name)) for _ in range(3))

    threads = [threading.Thread(target=speak, args=(name,)) for name in spoken]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for wish, vector in alone.items():
            assert np.array(embeddings.embed_documents([wish])[0]) == pytest.approx(vector, abs=1e-4)
    assert sorted(set(heard)) == sorted(spoken.items())
    assert len(heard) == 6


def test_a_batch_of_several_is_spoken_as_each_alone(chat):
    texts = [SKY, "Name a film in which it rains."]
    alone = [said(chat, text, most_tokens=15) for text in texts]
    together: dict[str, str] = {}
    threads = [threading.Thread(target=lambda t=t: together.update({t: said(chat, t, most_tokens=15)})) for t in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[text] for text in texts] == alone


def test_fewer_numbers_are_the_first_of_all_of_them_at_length_one(adapted):
    whole, part = HostedEmbeddings(adapted, "film"), HostedEmbeddings(adapted, "film", 128)
    assert (whole.width, part.width) == (adapted.width, 128)
    assert part.key.endswith("-128")
    first = np.array(whole.embed_query(WISHES[0]))[:128]
    assert np.array(part.embed_query(WISHES[0])) == pytest.approx(first / np.linalg.norm(first), abs=1e-5)


def test_the_shipped_adapter_finds_what_the_raw_weights_do_not(adapted, raw):
    items = [
        "Paterson. drama. A bus driver in New Jersey writes poems in a notebook between his rounds.",
        "Speed. action. A bus must not slow down, or the bomb on board goes off.",
        "Spirited Away. animation. A girl works in a bathhouse for spirits to free her parents.",
        "Alien. horror. The crew of a freighter is hunted by a creature it took aboard.",
        "Amélie. romance. A shy waitress in Paris secretly mends the lives of others.",
    ]
    requests = [
        "someone who scribbles verses while driving people around", "explosive thing on public transport",
        "kid in a place full of ghosts, Japanese cartoon", "monster loose in a spaceship",
        "sweet French girl doing good deeds in secret",
    ]  # fmt: skip

    def first(hosted: Hosted) -> list[int]:
        embeddings = HostedEmbeddings(hosted, "film")
        scores = np.array([embeddings.embed_query(r) for r in requests]) @ np.array(embeddings.embed_documents(items)).T
        return scores.argmax(axis=1).tolist()

    assert first(adapted) == list(range(5))


def test_the_adapters_names_are_those_that_calls_ask_for(adapted):
    layers = [part for part in adapted.model.modules() if isinstance(part, lora.LoraLinear)]
    assert {name for layer in layers for name in layer.down} == {EMBEDDING, SPEAKING}
