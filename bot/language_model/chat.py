"""LangChain's BaseChatModel over the hosted model: true token streaming that can be cancelled."""

from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from bot.language_model.generation import Generator, Speech
from bot.language_model.hosted import SPEAKING

MOST_TOKENS = 110  # three sentences of some 30 tokens
DEADLINE_SECONDS = 8.0  # after which a reader has turned away


class HostedChat(BaseChatModel):
    """Greedy chat. Everything before the last human message is the static prefix, whose KV cache is reused.

    `adapter` names the adapter that speaks, where the weights have it; "" is the model as it came. A call may name another.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    generator: Generator
    most_tokens: int = MOST_TOKENS
    deadline_seconds: float = DEADLINE_SECONDS
    adapter: str = SPEAKING

    @property
    def taught(self) -> bool:
        """Whether the adapter that speaks is there."""
        return self.adapter in self.generator.hosted.adapters

    @property
    def _llm_type(self) -> str:
        return "parley-hosted"

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        prefix, text = split(messages, self.generator.hosted.tokenizer)
        speech = Speech(
            prefix, text, int(kwargs.get("most_tokens", self.most_tokens)),
            float(kwargs.get("deadline_seconds", self.deadline_seconds)), str(kwargs.get("adapter", self.adapter)),
        )  # fmt: skip
        said, sent = "", 0
        pieces = self.generator.stream(speech)
        try:
            for piece in pieces:
                said += piece
                cut = min((at for mark in stop or [] if (at := said.find(mark)) >= 0), default=None)
                until = _safe(said, stop or []) if cut is None else cut
                yield _chunk(said[sent:until], run_manager)
                if cut is not None:
                    return
                sent = until
        finally:
            pieces.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator, typed as an iterator
        if sent < len(said) or not said:
            yield _chunk(said[sent:], run_manager)

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any,
    ) -> ChatResult:  # fmt: skip
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


def split(messages: list[BaseMessage], tokenizer: Any) -> tuple[str, str]:
    """The rendered conversation before and from the text of the last human message on.

    A last message of the model's own is the beginning of its answer, with which it goes on.
    """
    begun = str(messages[-1].text) if messages[-1].type == "ai" else ""
    messages = messages[:-1] if begun else messages
    roles = {"system": "system", "human": "user"}
    turns = [{"role": roles.get(message.type, "assistant"), "content": str(message.text)} for message in messages]
    rendered = str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
    at = rendered.rindex(turns[-1]["content"]) if turns[-1]["content"] else len(rendered)
    return rendered[:at], rendered[at:] + begun


def _safe(said: str, marks: list[str]) -> int:
    """How many characters can be given out: an end that may be the beginning of a stop mark waits for what follows."""
    return len(said) - max((n for mark in marks for n in range(1, len(mark)) if said.endswith(mark[:n])), default=0)


def _chunk(text: str, run_manager: CallbackManagerForLLMRun | None) -> ChatGenerationChunk:
    chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
    if run_manager:
        run_manager.on_llm_new_token(text, chunk=chunk)
    return chunk
