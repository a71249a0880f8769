"""Speaking with the hosted model: what is asked, what is said, how many steps it takes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from bot.language_model.chat import HostedChat
from bot.language_model.generation import Generator
from bot.language_model.hosted import Hosted

SYSTEM = SystemMessage("You speak about films in plain sentences.")
SEA = "Write a long story about the sea, the fishermen and the storm."
SKY = "Why is the sky blue?"


def asked(question: str) -> list[BaseMessage]:
    return [SYSTEM, HumanMessage(question)]


def said(chat: HostedChat, question: str, **options) -> str:
    return "".join(chunk.text for chunk in chat.stream(asked(question), **options))


@contextmanager
def speaking(hosted: Hosted) -> Iterator[HostedChat]:
    """A chat with a worker of its own and no prefix kept yet."""
    generator = Generator(hosted)
    try:
        yield HostedChat(generator=generator, most_tokens=40, deadline_seconds=120)
    finally:
        generator.close()


@contextmanager
def watched(chat: HostedChat, act: Callable[[], None] = lambda: None) -> Iterator[list[int]]:
    """The number of rows of every step the model takes meanwhile; `act` is done before each."""
    rows: list[int] = []

    def note(_: object, args: tuple, told: dict) -> None:
        rows.append(len(told["input_ids"] if "input_ids" in told else args[0]))
        act()

    hook = chat.generator.hosted.model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield rows
    finally:
        hook.remove()


def settled(rows: list[int]) -> int:
    """The number of steps once none has been added for a second."""
    before = -1
    while before != len(rows):
        before = len(rows)
        time.sleep(1)
    return before
