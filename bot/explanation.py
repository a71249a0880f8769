"""Words for a slate: the model phrases computed reasons, code checks every sentence, a template speaks where none is left."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage

from bot import template
from bot.claims import Claim, ClaimChecker
from bot.pacing import paced
from bot.telling import EXPLAINED, begun, explaining
from retrieval.catalogue import Catalogue
from retrieval.ranking import Recommendation, Slate

PACE_SECONDS = 0.1  # how often the clock is looked at while the model is silent
FIRST_WORD_SECONDS = 0.9  # after which the template begins, so that words come within a second
DEADLINE_SECONDS = 8.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it is shown, the slate positions (from 1) it speaks of, the facts it rests on, and who said it."""

    text: str
    positions: tuple[int, ...]
    facts: tuple[str, ...]
    by: Literal["model", "template"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All sentences of a turn; `dropped` counts what the model said and the facts did not carry."""

    sentences: tuple[Sentence, ...] = ()
    dropped: int = 0

    @property
    def text(self) -> str:
        """The words as shown."""
        return " ".join(sentence.text for sentence in self.sentences)


def explain(
    slate: Slate, request: str, catalogue: Catalogue, chat: BaseChatModel | None, notice: str = "",
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Explanation]:  # fmt: skip
    """Yield the explanation each time it has grown by a sentence; the last one is whole. At least one is yielded.

    `notice` is what has to be said first, if anything ("I do not understand"). Closing the iterator stops the model.
    A model that fails or is late costs its words, never the explanation.
    """
    said = Explanation()
    for first in (notice, template.opening(slate, catalogue)):
        if first:
            said = _grown(said, Sentence(first, (), (), "template"))
            yield said
    top = slate.recommendations[:EXPLAINED]
    if chat is not None and top:
        said = yield from _by_model(said, slate, request, catalogue, chat, clock)
    for recommendation in top:
        if not any(recommendation.rank in sentence.positions for sentence in said.sentences):
            said = _grown(said, _template_sentence(recommendation, catalogue))
            yield said
    if not said.sentences:
        yield said


def check_claims(text: str, slate: Slate, user_words: str, catalogue: Catalogue) -> tuple[list[Claim], list[str]]:
    """The sentences of `text` that the items' facts or the user's words carry, and those that nothing carries."""
    checker = ClaimChecker(slate, user_words, catalogue)
    kept: list[Claim] = []
    dropped: list[str] = []
    for sentence in checker.sentences(text):
        claim = checker.check(sentence)
        kept.append(claim) if claim else dropped.append(sentence)
    return kept, dropped


def _by_model(
    said: Explanation, slate: Slate, request: str, catalogue: Catalogue, chat: BaseChatModel, clock: Callable[[], float]
) -> Generator[Explanation, None, Explanation]:
    """Yield `said` each time a sentence of the model that holds has grown it, and return it with all that was dropped.

    The template begins when the model's first sentence is late.
    """
    checker = ClaimChecker(slate, request, catalogue)
    started = clock()
    wanted = min(EXPLAINED, len(slate.recommendations))
    try:
        with closing(cast(Any, _spoken(checker, slate, request, catalogue, chat, lambda: _spoken_of(said)))) as spoken:
            for sentence in spoken:
                before = said
                said = _heard(said, sentence, checker)
                if not _spoken_of(said) and clock() - started > FIRST_WORD_SECONDS:
                    said = _grown(said, _template_sentence(slate.recommendations[0], catalogue))
                if said.sentences != before.sentences:
                    yield said
                if len(_spoken_of(said)) >= wanted or clock() - started > DEADLINE_SECONDS:
                    break
    except Exception as error:  # noqa: BLE001 - a remote model's client raises what it likes; it costs words, no more
        log.warning("the language model failed, the template speaks: %s", error)
    return said


def _heard(said: Explanation, sentence: str | None, checker: ClaimChecker) -> Explanation:
    """`said` with a sentence of the model, if it holds and speaks of something not spoken of yet."""
    if sentence is None:
        return said
    claim = checker.check(sentence)
    if claim is None:
        log.info("dropped a sentence that the facts do not carry")
        return Explanation(said.sentences, said.dropped + 1)
    if set(claim.positions) <= _spoken_of(said):
        return said
    return _grown(said, Sentence(claim.text, claim.positions, claim.facts, "model"))


def _spoken(
    checker: ClaimChecker, slate: Slate, request: str, catalogue: Catalogue, chat: BaseChatModel,
    done: Callable[[], set[int]],
) -> Iterator[str | None]:  # fmt: skip
    """The model's sentences as they are finished; None whenever nothing is finished for a moment.

    Asked item by item, it stops after one sentence, and where the item is among those `done` already.
    """
    for position, asked in enumerate(explaining(slate, request, catalogue, taught=bool(getattr(chat, "taught", False))), 1):
        with closing(cast(Any, _answered(checker, asked, chat))) as answer:
            for sentence in answer:
                yield sentence
                if begun(asked) and (sentence or position in done()):
                    break


def _answered(checker: ClaimChecker, asked: list[BaseMessage], chat: BaseChatModel) -> Iterator[str | None]:
    """The sentences of one answer, in the same way."""
    text = begun(asked)
    given = 0
    with closing(cast(Any, paced(chat.stream(asked), PACE_SECONDS))) as chunks:
        for chunk in chunks:
            text += chunk.text if chunk else ""
            finished = checker.sentences(text)[:-1]
            yield from finished[given:] or [None]
            given = max(given, len(finished))
    yield from checker.sentences(text)[given:] if text.rstrip().endswith((".", "!", "?")) else []


def _spoken_of(said: Explanation) -> set[int]:
    return {position for sentence in said.sentences for position in sentence.positions}


def _template_sentence(recommendation: Recommendation, catalogue: Catalogue) -> Sentence:
    facts = tuple(reason.fact for reason in recommendation.reasons)
    return Sentence(template.sentence(recommendation, catalogue), (recommendation.rank,), facts, "template")


def _grown(said: Explanation, sentence: Sentence) -> Explanation:
    return Explanation((*said.sentences, sentence), said.dropped)
