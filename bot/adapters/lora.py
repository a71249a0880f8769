"""Low-rank adapters (LoRA, Hu et al., 2021) beside one set of frozen weights; each call says which of them counts.

`switched("speaking")` holds for the thread that enters it: an embedding in one thread and a sentence in another run
through the same weights at the same time, each with its own adapter, and cannot get the other's.
"""

import copy
import math
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from retrieval.errors import ReadableError

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
MEANS = "mean."  # before the names of an embedding adapter's calibration means in its file

_active: ContextVar[str] = ContextVar("adapter", default="")


@contextmanager
def switched(name: str) -> Generator[None]:
    """Within it this thread's calls go through the adapter `name`; "" or a name that a layer does not have: none."""
    before = _active.set(name)
    try:
        yield
    finally:
        _active.reset(before)


class LoraLinear(nn.Module):
    """A frozen linear layer and, by name, the adapters beside it: W x + B A x, scaled by nothing but the learning rate."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The base layer's answer, with the part of the adapter that is switched on."""
        answer = self.base(x)
        name = _active.get()
        if not name or name not in self.down:
            return answer
        low = functional.linear(x, self.down[name].to(x.dtype))
        return torch.addmm(answer.flatten(0, -2), low.flatten(0, -2), self.up[name].to(x.dtype).T).view_as(answer)

    def add(self, name: str, down: torch.Tensor, up: torch.Tensor) -> None:
        """Put an adapter beside the layer: `down` of shape (rank, inputs), `up` of shape (outputs, rank)."""
        where = self.base.weight.device
        self.down[name] = nn.Parameter(down.to(where), requires_grad=False)
        self.up[name] = nn.Parameter(up.to(where), requires_grad=False)


def begin(
    body: nn.Module, name: str, layers: range, rank: int, projections: tuple[str, ...] = PROJECTIONS
) -> list[nn.Parameter]:
    """A new adapter that changes nothing yet, beside `projections` of `layers`; returns what is to be trained."""
    trained: list[nn.Parameter] = []
    for layer in _adaptable(body, layers, projections).values():
        down = torch.empty(rank, layer.base.in_features)
        nn.init.kaiming_uniform_(down, a=math.sqrt(5))
        layer.add(name, down, torch.zeros(layer.base.out_features, rank))
        trained += [layer.down[name], layer.up[name]]
    for part in trained:
        part.requires_grad_(True)
    return trained


def save(body: nn.Module, name: str, path: Path, about: dict[str, str], means: dict[str, torch.Tensor]) -> None:
    """Write an adapter as safetensors in bfloat16, its calibration means in float32, `about` in the header."""
    tensors: dict[str, torch.Tensor] = {f"{MEANS}{side}": mean.float().contiguous() for side, mean in means.items()}
    for at, layer in body.named_modules():
        if isinstance(layer, LoraLinear) and name in layer.down:
            tensors[f"{at}.down"] = layer.down[name].detach().to("cpu", torch.bfloat16).contiguous()
            tensors[f"{at}.up"] = layer.up[name].detach().to("cpu", torch.bfloat16).contiguous()
    save_file(tensors, path, metadata=about)


def attach(body: nn.Module, name: str, path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Put the adapter in the file `path` beside the layers of `body`; returns what the file says of itself and its means.

    Raises ValueError when the file belongs to a body of another make.
    """
    with safe_open(path, framework="pt") as file:
        about: dict[str, str] = file.metadata() or {}
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
    for at in sorted({key.rpartition(".")[0] for key in tensors if not key.startswith(MEANS)}):
        try:
            layer, down, up = _adapted(body, at), tensors[f"{at}.down"], tensors[f"{at}.up"]
        except (AttributeError, KeyError) as error:
            raise ValueError(f"{at} is not a layer of this model, or is there by half") from error
        if (up.shape[0], down.shape[1]) != (layer.base.out_features, layer.base.in_features):
            raise ValueError(f"{at} has another shape in this model")
        layer.add(name, down.to(layer.base.weight.dtype), up.to(layer.base.weight.dtype))
    return about, {key.removeprefix(MEANS): mean for key, mean in tensors.items() if key.startswith(MEANS)}


def merged(body: Any, name: str) -> Any:
    """A twin of `body` with the adapter in copies of its layers' own weights: quicker, and as large as what is copied."""
    twin = copy.copy(body)
    twin._modules = dict(body._modules)
    twin.layers = nn.ModuleList(copy.deepcopy(layer) for layer in body.layers)
    for path, layer in list(twin.layers.named_modules()):
        if isinstance(layer, LoraLinear):
            if name in layer.down:
                change = layer.up[name].float() @ layer.down[name].float()
                layer.base.weight.data += change.to(layer.base.weight.dtype)
            parent, _, last = path.rpartition(".")
            setattr(twin.layers.get_submodule(parent), last, layer.base)
    return twin


def restore(body: nn.Module, name: str, path: Path) -> None:
    """Copy the numbers of the adapter in `path` into one of the same shape that `begin` has put beside the layers."""
    with safe_open(path, framework="pt") as file, torch.no_grad():
        for key in file.keys():  # noqa: SIM118 - not a dict
            if not key.startswith(MEANS):
                at, _, part = key.rpartition(".")
                try:
                    getattr(body.get_submodule(at), part)[name].copy_(file.get_tensor(key))
                except (AttributeError, KeyError, RuntimeError) as error:
                    raise ReadableError(f"{path} was fitted with another layer or rank than is asked for") from error


def _adaptable(body: nn.Module, layers: range, projections: tuple[str, ...]) -> dict[str, LoraLinear]:
    wanted = tuple(f"layers.{number}." for number in layers)
    paths = [path for path, _ in body.named_modules() if path.startswith(wanted) and path.rsplit(".", 1)[-1] in projections]
    return {path: _adapted(body, path) for path in paths}


def _adapted(body: nn.Module, path: str) -> LoraLinear:
    """The layer at `path`, made adaptable where it is not yet."""
    layer: Any = body.get_submodule(path)
    if not isinstance(layer, LoraLinear):
        layer = LoraLinear(layer)
        parent, _, last = path.rpartition(".")
        setattr(body.get_submodule(parent), last, layer)
    return layer
