"""The hosted model with its real weights: streaming, cancelling, batching, the kept prefix, embedding beside speaking."""

import sys
import threading
import time
from contextlib import closing, contextmanager

import numpy as np
import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from bot.language_model import ModelError, open_language_model
from bot.language_model.chat import HostedChat
from bot.language_model.generation import Generator
from bot.language_model.hosted import load
from bot.language_model.weights import weights_folder

pytestmark = pytest.mark.model

SYSTEM = SystemMessage("You speak about films in plain sentences.")
SEA = "Write a long story about the sea, the fishermen and the storm."
QUESTIONS = (
    "Why is the sky blue?",
    "Name three films in which it rains from the first minute to the last, and say what becomes of the people in them.",
    "Describe a bear in a library.",
    "What is a heist?",
)
FILMS = [
    "A quiet story.",
    "Cold Harbour. film noir, crime. A story of smuggling and betrayal that stays dark.",
    "Bear in the Library. " + "A bear reads to the children of a small town, evening after evening. " * 8,
]


@pytest.fixture(scope="module")
def model(models_folder):
    model = open_language_model("default", "", "", "film", models_folder)
    yield model
    model.close()


@pytest.fixture(scope="module")
def chat(model) -> HostedChat:
    return model.chat


@pytest.fixture(scope="module")
def exact(models_folder):
    """The same weights computing in float32, where the order of additions does not change the text."""
    hosted = load(weights_folder("default", models_folder), offline=True)
    hosted.model.float()
    with speaking(hosted) as chat:
        yield chat


@contextmanager
def speaking(hosted):
    generator = Generator(hosted)
    try:
        yield HostedChat(generator=generator, most_tokens=40, deadline_seconds=120)
    finally:
        generator.close()


@contextmanager
def watched(chat, act=lambda: None):
    """The number of rows of every step the model takes meanwhile; `act` is done at each."""
    rows = []

    def note(_, args, told):
        rows.append(len(told["input_ids"] if "input_ids" in told else args[0]))
        act()

    hook = chat.generator.hosted.model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield rows
    finally:
        hook.remove()


def asked(question):
    return [SYSTEM, HumanMessage(question)]


def said(chat, question, **options):
    return "".join(chunk.text for chunk in chat.stream(asked(question), **options))


def settled(rows):
    """The number of steps once none has been added for a second."""
    before = -1
    while before != len(rows):
        before = len(rows)
        time.sleep(1)
    return before


def test_words_come_in_several_pieces(chat):
    pieces = [chunk.text for chunk in chat.stream(asked(QUESTIONS[0]), most_tokens=30)]
    assert len([piece for piece in pieces if piece]) >= 5
    assert "sky" in "".join(pieces)


def test_invoke_says_what_the_stream_says(exact):
    assert exact.invoke(asked(QUESTIONS[2])).text == said(exact, QUESTIONS[2])


def test_no_more_is_said_than_asked_for(chat):
    text = said(chat, SEA, most_tokens=12)
    assert text
    assert len(chat.generator.hosted.tokenizer(text)["input_ids"]) <= 12


def test_closing_the_stream_stops_the_model_within_one_token(chat):
    said(chat, SEA, most_tokens=3)
    with watched(chat) as steps:
        with closing(chat.stream(asked(SEA), most_tokens=400)) as pieces:
            next(pieces)
        at_closing = len(steps)
        assert settled(steps) <= at_closing + 1


def test_the_next_request_starts_as_soon_as_a_stream_is_closed(chat):
    said(chat, SEA, most_tokens=3)
    with watched(chat) as steps:
        long = chat.stream(asked(SEA), most_tokens=400)
        next(long)
        at_closing = len(steps)
        long.close()
        with closing(chat.stream(asked(QUESTIONS[0]), most_tokens=400)) as pieces:
            next(pieces)
            at_first_word = len(steps)
        assert at_first_word <= at_closing + 4


def test_a_deadline_ends_the_words_without_an_error(chat):
    said(chat, SEA, most_tokens=3)
    started = time.monotonic()
    with watched(chat) as steps:
        text = said(chat, SEA, most_tokens=2_000, deadline_seconds=2.0)
        took = time.monotonic() - started
        at_deadline = len(steps)
        assert settled(steps) <= at_deadline + 1
    assert text
    assert took < 4


def test_an_error_inside_the_model_rises_in_the_caller_and_the_worker_lives_on(chat):
    def burn():
        if len(steps) > 3:
            raise RuntimeError("the weights are on fire")

    heard = []
    with watched(chat, burn) as steps, pytest.raises(ModelError, match="the weights are on fire"):
        for chunk in chat.stream(asked(SEA), most_tokens=100):
            heard.append(chunk.text)
    assert heard
    assert said(chat, QUESTIONS[0], most_tokens=10)


def together(chat, questions):
    """What is said to each of `questions` when they wait for the model at the same time."""
    answers = {}
    threads = [threading.Thread(target=lambda q=q: answers.update({q: said(chat, q)})) for q in questions]
    with watched(chat) as rows:
        busy = chat.stream(asked(SEA), most_tokens=400)
        next(busy)
        for thread in threads:
            thread.start()
        time.sleep(0.5)  # all of them are in the queue while the model is busy
        steps_before = len(rows)
        busy.close()
        for thread in threads:
            thread.join()
    return answers, rows[steps_before + 1 :]


def test_requests_at_once_are_decoded_together_and_each_gets_its_own_text(exact):
    alone = {question: said(exact, question) for question in QUESTIONS}
    answers, rows = together(exact, QUESTIONS)
    assert rows.count(len(QUESTIONS)) > 10
    assert answers == alone
    assert len(set(answers.values())) == len(QUESTIONS)


def test_a_fast_rounded_model_gives_each_request_an_answer_of_its_own(chat):
    """In bfloat16 a batch rounds differently, so texts begin alike and may part later."""
    answers, _ = together(chat, QUESTIONS[:2])
    assert "sky" in answers[QUESTIONS[0]] and "sky" not in answers[QUESTIONS[1]]


def test_the_kept_prefix_changes_no_word(exact):
    hosted = exact.generator.hosted
    kept = [said(exact, question) for question in (QUESTIONS[0], QUESTIONS[0], QUESTIONS[2])]
    with speaking(hosted) as fresh:
        assert said(fresh, QUESTIONS[0]) == kept[0] == kept[1]
    turns = [{"role": "system", "content": SYSTEM.text}, {"role": "user", "content": QUESTIONS[2]}]
    prompt = hosted.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    told = hosted.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    plain = hosted.model.generate(**told, do_sample=False, max_new_tokens=40, pad_token_id=0)[0, told["input_ids"].shape[1] :]
    assert hosted.tokenizer.decode(plain, skip_special_tokens=True) == kept[2]


@pytest.mark.parametrize("words", [1, 3])
def test_a_stop_string_ends_the_text_before_itself(exact, words):
    whole = said(exact, QUESTIONS[0])
    mark = " ".join(whole.split()[8 : 8 + words])
    assert said(exact, QUESTIONS[0], stop=[mark, "never said"]) == whole[: whole.index(mark)]


def test_vectors_of_people_and_items_have_one_shape_and_length_one(model):
    person = np.array(model.embeddings.embed_query("a quiet film about space"))
    items = np.array(model.embeddings.embed_documents(FILMS))
    assert items.shape == (len(FILMS), len(person)) == (len(FILMS), model.embeddings.width)
    assert np.linalg.norm([person, *items], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.isfinite(items).all()


def test_a_text_embeds_alike_alone_and_in_a_padded_batch(model):
    batch = np.array(model.embeddings.embed_documents(FILMS))
    alone = np.array([model.embeddings.embed_documents([text])[0] for text in FILMS])
    assert (batch * alone).sum(axis=1).min() > 0.999
    assert (batch @ batch.T)[~np.eye(len(FILMS), dtype=bool)].max() < 0.99


def test_embedding_goes_on_while_the_model_speaks(model, chat):
    heard, enough = [], threading.Event()

    def listen():
        with closing(chat.stream(asked(SEA), most_tokens=1_000)) as pieces:
            for piece in pieces:
                heard.append(piece.text)
                if enough.is_set():
                    return

    said(chat, SEA, most_tokens=3)
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
        model = open_language_model("default", "", "", "film", models_folder)
        with closing(model):
            assert model.embeddings.embed_query("a quiet film") and said(model.chat, QUESTIONS[0], most_tokens=5)
    finally:
        guard.on = False
    assert guard.tried == []
