"""One decoder loaded once: its forward pass for embedding, its generation for speaking."""

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.language_model.errors import ModelError

if TYPE_CHECKING:
    import torch

MAX_TEXT_TOKENS = 192  # of a text to embed: a title, facets and three sentences fit; more adds time, not meaning
EMBED_BATCH = 16
LAYER_SHARE = 28 / 30  # which hidden layer embeds: 28 of SmolLM2's 30 measured best, the same share of other depths

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hosted:
    """The loaded parts. `embedding` is held while a text is embedded; generation waits for it between two tokens."""

    name: str
    model: Any  # a PreTrainedModel: its classes are typed too loosely to be named
    tokenizer: Any
    embedding: threading.Lock
    embedder: Any = None  # the model's body with its adapter merged in, ending at `layer`; None: the body itself embeds

    @property
    def device(self) -> "torch.device":
        """Where the first layer runs and inputs must be."""
        return self.model.device

    @property
    def width(self) -> int:
        """Numbers in an embedding."""
        return int(self.model.config.hidden_size)

    @property
    def layer(self) -> int:
        """The hidden layer that embeds best, counted from the input (0)."""
        return max(1, round(LAYER_SHARE * self.model.config.num_hidden_layers))

    def last_states(self, texts: Sequence[str], before: str, after: str) -> "torch.Tensor":
        """Hidden state of the last token of `before + text + after` at `layer`: float32 of shape (texts, width), on the CPU.

        A long text is cut, never its wording around it. Texts of like length share a batch, so little is padded.
        """
        import torch

        rows = self._rows(texts, before, after)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        states = torch.empty(len(rows), self.width, dtype=torch.float32)
        for start in range(0, len(order), EMBED_BATCH):
            batch = order[start : start + EMBED_BATCH]
            with self.embedding, torch.inference_mode():
                states[batch] = self._batch_states([rows[i] for i in batch]).float().cpu()
        return states

    def train_states(self, texts: Sequence[str], before: str, after: str) -> "torch.Tensor":
        """The same states of one batch, with gradients, on the model's device."""
        return self._batch_states(self._rows(texts, before, after))

    def _rows(self, texts: Sequence[str], before: str, after: str) -> list[list[int]]:
        head, tail = self._ids(before), self._ids(after)
        return [head + self._ids(text)[:MAX_TEXT_TOKENS] + tail for text in texts]

    def _batch_states(self, rows: list[list[int]]) -> "torch.Tensor":
        import torch

        lengths = torch.tensor([len(row) for row in rows])
        longest = int(lengths.max())
        padded = torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=self.device)
        mask = None
        if int(lengths.min()) < longest:  # without padding the faster attention without a mask is taken
            mask = (torch.arange(longest) < lengths[:, None]).long().to(self.device)
        last = (lengths - 1).to(self.device)
        return self._hidden(padded, mask)[torch.arange(len(rows)), last]

    def _hidden(self, tokens: "torch.Tensor", mask: "torch.Tensor | None") -> "torch.Tensor":
        """Hidden states of all tokens at `layer`."""
        if self.embedder is not None:
            return self.embedder(tokens, attention_mask=mask, use_cache=False).last_hidden_state
        body = self.model.base_model
        return body(tokens, attention_mask=mask, use_cache=False, output_hidden_states=True).hidden_states[self.layer]

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]


def load(folder: Path | str, offline: bool, *, adapted: bool = True) -> Hosted:
    """Load a decoder and its tokenizer from a folder, or by hub id when not `offline`; with its shipped adapter if `adapted`.

    bfloat16 where the processor computes in it, else float32; `device_map="auto"` places it on what accelerators there
    are. Raises ModelError when the files cannot be loaded or the model does not pass a smoke test.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads cost a busy box 11 times the time
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    from bot.adapters import lora, shipped

    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=offline, trust_remote_code=False)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=_dtype(), device_map="auto", local_files_only=offline, trust_remote_code=False,
            use_safetensors=True,
        ).eval()  # fmt: skip
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ModelError(f"the language model in {folder} cannot be loaded: {_first_line(error)}") from error
    hosted = Hosted(Path(folder).name, model, tokenizer, threading.Lock())
    adapter = shipped.beside(hosted.name) if adapted else None
    if adapter:
        twin = lora.merged(model.base_model, adapter.path, adapter.scale, hosted.layer)
        hosted = replace(hosted, name=f"{hosted.name}-{adapter.sha256[:8]}", embedder=twin)
    if not torch.isfinite(hosted.last_states(["A quiet story."], "", "")).all():
        raise ModelError(f"the language model in {folder} computes numbers that are not finite: its weights are damaged")
    return hosted


def _dtype() -> "torch.dtype":
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    fast = any(getattr(torch.cpu, check, bool)() for check in checks)
    return torch.bfloat16 if fast else torch.float32


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
