"""The loop that both adapters are fitted with: AdamW, a warm-up and a cosine, a checkpoint that a killed run goes on from."""

import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

WARM_UP = 15  # steps until the learning rate is reached; then it falls along a cosine to nothing
KEEP_EVERY = 25  # steps between checkpoints
CHECK_EVERY = 100  # steps between points of the curve
Curve = list[dict[str, float]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the state of a run lies. Its name says what the run was given, so that no other run goes on from it."""

    file: Path

    @classmethod
    def of(cls, folder: Path, job: str, given: object) -> "Checkpoint":
        """The checkpoint in `folder` of the run for `job` that was given all of `given`."""
        return cls(folder / f"{job}-{hashlib.sha256(repr(given).encode()).hexdigest()[:12]}.partial")

    def read(self) -> dict[str, Any] | None:
        """The state, None before the first."""
        return torch.load(self.file, weights_only=True) if self.file.is_file() else None

    def write(self, state: dict[str, Any]) -> None:
        """Put a new state in place of the one before, as a whole."""
        draft = self.file.with_suffix(".draft")
        torch.save(state, draft)
        draft.replace(self.file)

    def drop(self) -> None:
        """Let the state go, once what was fitted has been written."""
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Fit:
    """A finished run: its curve, and the checkpoint to drop when its adapter is written."""

    curve: Curve
    checkpoint: Checkpoint


def fit(
    weights: Sequence[nn.Parameter], batches: Iterator[Any], loss_of: Callable[[Any], torch.Tensor], steps: int,
    learning_rate: float, checkpoint: Checkpoint, kept: Mapping[str, torch.Tensor], check: Callable[[], Mapping[str, float]],
    check_every: int = CHECK_EVERY,
) -> Fit:  # fmt: skip
    """Fit `weights` for `steps` batches; a point of the curve is the step, minutes, mean loss and what `check` measures.

    A run that was broken off goes on from `checkpoint` and comes to the same end, since batches are drawn by seed. `kept`
    are tensors that `loss_of` changes in place (running means).
    """
    optimizer = torch.optim.AdamW(weights, lr=learning_rate, weight_decay=0.01)
    done, spent, curve, losses = _resume(weights, optimizer, checkpoint, kept)
    started = time.monotonic() - spent
    for step, batch in enumerate(batches, 1):
        if step > steps:
            break
        if step <= done:  # drawn, so that the next draws are those of an unbroken run
            continue
        rate = learning_rate * min(1.0, step / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        losses.append(_step(weights, optimizer, loss_of(batch), rate))
        minutes = (time.monotonic() - started) / 60
        if step % check_every == 0 or step == steps:
            curve.append({"step": step, "minutes": round(minutes, 1), "loss": sum(losses) / len(losses), **check()})
            losses.clear()
            log.info("%s", {key: round(value, 3) for key, value in curve[-1].items()})
        elif step % 10 == 0:
            log.info("step %d, %.1f minutes, loss %.3f", step, minutes, losses[-1])
        if step % KEEP_EVERY == 0 or step == steps:
            run = {"step": step, "seconds": time.monotonic() - started, "curve": curve, "losses": losses, "kept": dict(kept)}
            fitted = [weight.detach() for weight in weights]
            checkpoint.write({**run, "weights": fitted, "optimizer": optimizer.state_dict()})
    return Fit(curve, checkpoint)


def _step(weights: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer, loss: torch.Tensor, rate: float) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimizer.step()
    return loss.item()


def _resume(
    weights: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer, checkpoint: Checkpoint, kept: Mapping[str, torch.Tensor]
) -> tuple[int, float, Curve, list[float]]:  # fmt: skip
    state = checkpoint.read()
    if state is None:
        return 0, 0.0, [], []
    with torch.no_grad():
        for weight, value in zip(weights, state["weights"], strict=True):
            weight.copy_(value)
        for name, tensor in kept.items():
            tensor.copy_(state["kept"][name])
    optimizer.load_state_dict(state["optimizer"])
    log.info("going on after step %d of %s", state["step"], checkpoint.file)
    return state["step"], state["seconds"], state["curve"], state["losses"]
