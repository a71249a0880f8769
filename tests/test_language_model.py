"""The hosted model with its real weights speaks: streaming, cancelling, deadlines, errors, batching, the kept prefix."""

import threading
import time
from contextlib import closing

import pytest

from bot.language_model import ModelError, open_language_model
from bot.language_model.chat import HostedChat
from bot.language_model.hosted import load
from bot.language_model.weights import weights_folder
from bot.settings import read_settings
from tests.speaking import SEA, SKY, SYSTEM, asked, said, settled, speaking, watched

pytestmark = pytest.mark.model

QUESTIONS = (
    SKY,
    "Name three films in which it rains from the first minute to the last, and say what becomes of the people in them.",
    "Describe a bear in a library.",
    "What is a heist?",
)


@pytest.fixture(scope="module")
def chat(models_folder) -> HostedChat:
    model = open_language_model(read_settings(data=models_folder.parent), "film")
    yield model.chat
    model.close()


@pytest.fixture(scope="module")
def exact(models_folder) -> HostedChat:
    """The same weights computing in float32, where the order of additions does not change the text."""
    hosted = load(weights_folder("default", models_folder), offline=True)
    hosted.model.float()
    with speaking(hosted) as chat:
        yield chat


def test_words_come_in_several_pieces(chat):
    pieces = [chunk.text for chunk in chat.stream(asked(SKY), most_tokens=30)]
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
        with closing(chat.stream(asked(SKY), most_tokens=400)) as pieces:
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
    assert said(chat, SKY, most_tokens=10)


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
    assert "sky" in answers[SKY] and "sky" not in answers[QUESTIONS[1]]


def test_the_kept_prefix_changes_no_word(exact):
    hosted = exact.generator.hosted
    kept = [said(exact, question) for question in (SKY, SKY, QUESTIONS[2])]
    with speaking(hosted) as fresh:
        assert said(fresh, SKY) == kept[0] == kept[1]
    turns = [{"role": "system", "content": SYSTEM.text}, {"role": "user", "content": QUESTIONS[2]}]
    prompt = hosted.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    told = hosted.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    plain = hosted.model.generate(**told, do_sample=False, max_new_tokens=40, pad_token_id=0)[0, told["input_ids"].shape[1] :]
    assert hosted.tokenizer.decode(plain, skip_special_tokens=True) == kept[2]


@pytest.mark.parametrize("words", [1, 3])
def test_a_stop_string_ends_the_text_before_itself(exact, words):
    whole = said(exact, SKY)
    mark = " ".join(whole.split()[8 : 8 + words])
    assert said(exact, SKY, stop=[mark, "never said"]) == whole[: whole.index(mark)]
