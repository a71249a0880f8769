"""Low-rank adapters (LoRA, Hu et al., 2021): trained beside frozen projections, merged into a copy of them for serving.

A copy, because the same weights go on speaking unchanged: nothing is switched, so nothing can be mixed up between threads.
It costs 200 MB; computing the adapter beside the weights costs 30 ms a query instead (DECISIONS.md).
"""

import copy
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class LoraLinear(nn.Module):
    """A linear layer beside which an adapter adds `scale * B A x`."""

    def __init__(self, base: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.base, self.scale = base, scale
        device = base.weight.device
        self.down = nn.Parameter(torch.empty(rank, base.in_features, device=device))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank, device=device))  # so that it changes nothing yet
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The base layer's answer and the adapter's part."""
        return self.base(x) + nn.functional.linear(nn.functional.linear(x, self.down), self.up) * self.scale


def adapt(model: nn.Module, layers: int, rank: int, scale: float) -> dict[str, LoraLinear]:
    """Put adapters beside all projections of the first `layers` layers of `model`; returns them by their path."""
    found: dict[str, LoraLinear] = {}
    for path, linear in _projections(model, layers).items():
        found[path] = LoraLinear(linear, rank, scale)
        parent, _, name = path.rpartition(".")
        setattr(model.get_submodule(parent), name, found[path])
    return found


def save(adapters: dict[str, LoraLinear], path: Path, about: dict[str, str]) -> None:
    """Write the adapters of one model as safetensors in bfloat16, with `about` in the header."""
    tensors: dict[str, torch.Tensor] = {}
    for at, adapter in adapters.items():
        tensors[f"{at}.down"] = adapter.down.detach().to(torch.bfloat16).contiguous()
        tensors[f"{at}.up"] = adapter.up.detach().to(torch.bfloat16).contiguous()
    save_file(tensors, path, metadata=about)


def merged(model: nn.Module, path: Path, scale: float, layers: int) -> nn.Module:
    """A twin of a decoder's body that ends after `layers` layers, with the adapters in `path` in its weights.

    Only those layers are copied; everything else is shared with `model`, which stays as it is. The twin's last hidden
    state is that of layer `layers`, not normalised.
    """
    tensors = load_file(path)
    body: Any = model
    twin: Any = copy.copy(body)
    twin._modules = dict(body._modules)
    twin.layers = nn.ModuleList(copy.deepcopy(layer) for layer in body.layers[:layers])
    twin.norm = nn.Identity()
    for at, linear in _projections(twin, layers).items():
        change = tensors[f"{at}.up"].float() @ tensors[f"{at}.down"].float() * scale
        linear.weight.data += change.to(linear.weight.device, linear.weight.dtype)
    return twin


def _projections(model: nn.Module, layers: int) -> dict[str, nn.Linear]:
    wanted = tuple(f"layers.{number}." for number in range(layers))
    return {
        path: module
        for path, module in model.named_modules()
        if isinstance(module, nn.Linear) and path.startswith(wanted) and path.rsplit(".", 1)[-1] in PROJECTIONS
    }
