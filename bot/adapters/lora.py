"""Low-rank adapters (LoRA, Hu et al., 2021) that are on only in the context that switches them on.

A context variable belongs to one thread, so a text can be embedded with an adapter while another thread speaks without
it, on the same weights: nothing is reloaded, merged or locked.
"""

import math
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

ACTIVE: ContextVar[str] = ContextVar("adapter", default="")
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class LoraLinear(nn.Module):
    """A linear layer beside which adapters add `scale * B A x` while they are on."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.down = nn.ParameterDict()
        self.up = nn.ParameterDict()
        self.scale: dict[str, float] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The base layer's answer, with the active adapter's part if there is one for this layer."""
        y = self.base(x)
        name = ACTIVE.get()
        if name not in self.scale:
            return y
        return y + nn.functional.linear(nn.functional.linear(x, self.down[name]), self.up[name]) * self.scale[name]

    def add(self, name: str, rank: int, scale: float, dtype: torch.dtype) -> None:
        """A new adapter that changes nothing yet: A random, B zero."""
        device = self.base.weight.device
        self.down[name] = nn.Parameter(torch.empty(rank, self.base.in_features, dtype=dtype, device=device))
        self.up[name] = nn.Parameter(torch.zeros(self.base.out_features, rank, dtype=dtype, device=device))
        nn.init.kaiming_uniform_(self.down[name], a=math.sqrt(5))
        self.scale[name] = scale


@contextmanager
def switched_on(name: str) -> Generator[None]:
    """Use the adapter `name` (none for "") in this thread within the context."""
    before = ACTIVE.set(name)
    try:
        yield
    finally:
        ACTIVE.reset(before)


def adapt(model: nn.Module, name: str, layers: int, rank: int, scale: float, dtype: torch.dtype) -> dict[str, LoraLinear]:
    """Put the adapter `name` beside all projections of the first `layers` layers; returns them by their path."""
    found: dict[str, LoraLinear] = {}
    blocks: Any = model.get_submodule("layers")
    for number in range(layers):
        for path, module in list(blocks[number].named_modules()):
            part = path.rsplit(".", 1)[-1]
            if part in PROJECTIONS and isinstance(module, nn.Linear | LoraLinear):
                wrapped = module if isinstance(module, LoraLinear) else LoraLinear(module)
                wrapped.add(name, rank, scale, dtype)
                parent = blocks[number].get_submodule(path.rsplit(".", 1)[0])
                setattr(parent, part, wrapped)
                found[f"layers.{number}.{path}"] = wrapped
    return found


def save(layers: dict[str, LoraLinear], name: str, path: Path, about: dict[str, str]) -> None:
    """Write one adapter as safetensors, half precision, with `about` in the header."""
    tensors = {f"{at}.down": layer.down[name].detach().to(torch.bfloat16).contiguous() for at, layer in layers.items()}
    tensors |= {f"{at}.up": layer.up[name].detach().to(torch.bfloat16).contiguous() for at, layer in layers.items()}
    save_file(tensors, path, metadata=about)


def load(model: nn.Module, name: str, path: Path, scale: float, dtype: torch.dtype) -> None:
    """Put the adapter in `path` beside a model's projections, switched off."""
    tensors = load_file(path)
    layers = 1 + max(int(at.split(".")[1]) for at in tensors)
    rank = next(iter(t.shape[0] for at, t in tensors.items() if at.endswith(".down")))
    for at, layer in adapt(model, name, layers, rank, scale, dtype).items():
        layer.down[name].data = tensors[f"{at}.down"].to(layer.base.weight.device, dtype)
        layer.up[name].data = tensors[f"{at}.up"].to(layer.base.weight.device, dtype)
