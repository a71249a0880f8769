"""One decoder loaded once: its forward pass for embedding, its generation for speaking."""

import copy
import ctypes
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.language_model.errors import ModelError

if TYPE_CHECKING:
    import torch

MAX_TEXT_TOKENS = 192  # of a text to embed: a title, facets and three sentences fit; more adds time, not meaning
EMBED_BATCH = 16
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # of glibc's mallopt
LAYER_SHARE = 28 / 30  # which hidden layer embeds: 28 of SmolLM2's 30 measured best, the same share of other depths

EMBEDDING, SPEAKING = "embedding", "speaking"  # the jobs that an adapter can have

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hosted:
    """The loaded parts. `embedding` is held while a text is embedded; generation waits for it between two tokens."""

    name: str  # of the weights and of the adapter that embeds: vectors of one name can be compared
    model: Any  # a PreTrainedModel: its classes are typed too loosely to be named
    tokenizer: Any
    embedding: threading.Lock
    embedder: Any  # the layers up to `layer`: the model's own, or copies with an adapter in their weights
    layer: int  # the hidden layer that embeds, counted from the input (0)
    adapters: frozenset[str] = frozenset()  # what is beside the weights
    means: Mapping[str, "torch.Tensor"] = field(default_factory=dict[str, "torch.Tensor"])  # by side, of a trained adapter

    @property
    def device(self) -> "torch.device":
        """Where the first layer runs and inputs must be."""
        return self.model.device

    @property
    def width(self) -> int:
        """Numbers in an embedding."""
        return int(self.model.config.hidden_size)

    def last_states(self, texts: Sequence[str], before: str, after: str) -> "torch.Tensor":
        """Hidden state of the last token of `before + text + after` at `layer`: float32 of shape (texts, width), on the CPU.

        A long text is cut, never its wording around it. Texts of like length share a batch, so little is padded.
        """
        import torch

        rows = self.rows(texts, before, after)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        states = torch.empty(len(rows), self.width, dtype=torch.float32)
        for start in range(0, len(order), EMBED_BATCH):
            batch = order[start : start + EMBED_BATCH]
            with self.embedding, torch.inference_mode():
                states[batch] = self.batch_states([rows[i] for i in batch]).float().cpu()
        return states

    def rows(self, texts: Sequence[str], before: str, after: str) -> list[list[int]]:
        """The tokens of each text within its wording."""
        head, tail = self.ids(before), self.ids(after)
        return [head + self.ids(text)[:MAX_TEXT_TOKENS] + tail for text in texts]

    def batch_states(self, rows: Sequence[Sequence[int]]) -> "torch.Tensor":
        """Hidden state at `layer` of the last token of each row, on the model's device; training has its gradients too."""
        import torch

        from bot.adapters.lora import switched

        lengths = torch.tensor([len(row) for row in rows])
        longest = int(lengths.max())
        padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=self.device)
        mask = None
        if int(lengths.min()) < longest:  # without padding the faster attention without a mask is taken
            mask = (torch.arange(longest) < lengths[:, None]).long().to(self.device)
        last = (lengths - 1).to(self.device)
        with switched(EMBEDDING):
            states = self.embedder(padded, attention_mask=mask, use_cache=False).last_hidden_state
        return states[torch.arange(len(rows)), last]

    def ids(self, text: str) -> list[int]:
        """The tokens of a piece of text, none added."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def embedding_at(self, layer: int) -> "Hosted":
        """The same weights, embedding at another layer."""
        return replace(self, layer=layer, embedder=_ending_at(self.model.base_model, layer))


def load(folder: Path | str, offline: bool, adapters: Path | None = None) -> Hosted:
    """Load a decoder and its tokenizer from a folder, or by hub id when not `offline`; with what `adapters` holds for it.

    bfloat16 where the processor computes in it, else float32; `device_map="auto"` places it on what accelerators there
    are. Raises ModelError when the files cannot be loaded or the model does not pass a smoke test.
    """
    _keep_memory()
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    from bot.adapters import lora, shipped
    from bot.language_model import attention

    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=offline, trust_remote_code=False)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=_dtype(), device_map="auto", local_files_only=offline, trust_remote_code=False,
            use_safetensors=True,
        ).eval()  # fmt: skip
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ModelError(f"the language model in {folder} cannot be loaded: {_first_line(error)}") from error
    attention.choose(model)
    layer = max(1, round(LAYER_SHARE * model.config.num_hidden_layers))
    name, body = Path(folder).name, model.base_model
    hosted = Hosted(name, model, tokenizer, threading.Lock(), _ending_at(body, layer), layer)
    found = shipped.beside(name, adapters) if adapters else ()
    if adapters and not found:
        log.info("%s holds no adapter for %s: it speaks and embeds as it came", adapters, name)
    hosted = replace(hosted, adapters=frozenset(adapter.name for adapter in found))
    for adapter in found:
        try:
            about, means = lora.attach(body, adapter.name, adapter.path)
            if adapter.name == EMBEDDING:
                view = hosted.embedding_at(int(about["layer"]))
                twin = lora.merged(view.embedder, EMBEDDING)  # beside the weights a request takes half as long again
                hosted = replace(view, embedder=twin, name=f"{name}-{adapter.sha256[:8]}", means=means)
        except (SafetensorError, ValueError, KeyError) as error:
            raise ModelError(f"the adapter {adapter.path} cannot be used with {name}: {_first_line(error)}") from error
    if not torch.isfinite(hosted.last_states(["A quiet story."], "", "")).all():
        raise ModelError(f"the language model in {folder} computes numbers that are not finite: its weights are damaged")
    return hosted


def _keep_memory() -> None:
    """Have the C library keep what it frees: giving megabytes back and faulting them in anew doubles a small layer's time."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no such call outside glibc
        return
    for parameter, size in ((M_MMAP_THRESHOLD, 1 << 30), (M_TRIM_THRESHOLD, 1 << 30), (M_TOP_PAD, 64 << 20)):
        mallopt(parameter, size)


def _ending_at(body: Any, layer: int) -> Any:
    """A view of a decoder's body that ends after `layer` layers and does not normalise; all its parts are the body's own."""
    import torch

    view = copy.copy(body)
    view.__dict__.pop("forward", None)  # accelerate's, where the model is spread over devices, is bound to the whole body
    view._modules = dict(body._modules)
    view.layers = body.layers[:layer]
    view.norm = torch.nn.Identity()
    return view


def _dtype() -> "torch.dtype":
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    fast = any(getattr(torch.cpu, check, bool)() for check in checks)
    return torch.bfloat16 if fast else torch.float32


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
