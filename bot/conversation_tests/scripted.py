"""A chat model that says what it is told to, and counts what any model is given and says."""

import re
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field

TOKEN = re.compile(r"\w+|[^\w\s]")


class Scripted(BaseChatModel):
    """Says `says`, a line a request, the last one again and again, word by word."""

    says: list[str] = Field(default_factory=list)
    requests: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        line = self.says[min(self.requests, len(self.says) - 1)] if self.says else ""
        self.requests += 1
        for word in f"{line} ".splitlines(keepends=True) if not line else line.split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


class Counted(BaseChatModel):
    """Another model, with what it was asked and what it said counted in words and marks."""

    model: BaseChatModel
    counts: dict[str, int] = Field(default_factory=lambda: {"asked": 0, "said": 0})

    @property
    def _llm_type(self) -> str:
        return "counted"

    @property
    def taught(self) -> bool:
        """As the model itself says: whether it was taught to explain."""
        return bool(getattr(self.model, "taught", False))

    def taken(self) -> dict[str, int]:
        """What was counted since it was last asked."""
        counts, self.counts = self.counts, {"asked": 0, "said": 0}
        return counts

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        self.counts["asked"] += sum(len(TOKEN.findall(str(message.text))) for message in messages)
        for chunk in self.model.stream(messages, stop=stop, **kwargs):
            self.counts["said"] += len(TOKEN.findall(str(chunk.text)))
            yield ChatGenerationChunk(message=AIMessageChunk(content=chunk.content))

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))
