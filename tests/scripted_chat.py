"""A chat model that follows a script: it says pieces of text, raises errors, and does things (moves a clock, waits)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

Step = str | Exception | Callable[[], None]


class ScriptedChat(BaseChatModel):
    """Plays `script` from its start at every request. `asked` keeps them; `closed`: how many streams ended or were let go."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    script: list[Any]
    said: list[str] = Field(default_factory=list)
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    closed: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        self.asked.append(messages)
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if callable(step):
                    step()
                    continue
                self.said.append(step)
                yield ChatGenerationChunk(message=AIMessageChunk(content=step))
        finally:
            self.closed += 1

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


class TaughtChat(ScriptedChat):
    """Was taught to explain: goes on from the title that a conversation ends with, as `after` says."""

    script: list[Any] = Field(default_factory=list)
    after: dict[str, str]
    taught: bool = True

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        self.script = list(words_of(self.after[str(messages[-1].text)]))
        yield from super()._stream(messages, stop, run_manager, **kwargs)


def chat(*script: Step) -> ScriptedChat:
    """A model that follows `script`."""
    return ScriptedChat(script=list(script))


def words_of(text: str) -> Sequence[str]:
    """`text` in pieces such as a model streams: word by word."""
    return [piece + " " for piece in text.split(" ")]
