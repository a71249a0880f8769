"""Fits the speaking adapter: supervised, on completions alone, what is to be said in scenes rendered as when serving.

`python -m bot.adapters speaking --help`.
"""

import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from bot.adapters import lora
from bot.adapters.fitting import Checkpoint, Fit, fit
from bot.adapters.scenes import Scene, Stage
from bot.language_model.chat import split
from bot.language_model.hosted import SPEAKING, Hosted

VALIDATION = 25  # one scene in so many is kept out of training, for choosing
CHECK_EVERY = 65  # steps between points of the curve
WINDOW = 8  # batches' worth of examples that are put in order of length, so that little is padded


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be varied, with what ships as default."""

    first_layer: int = 8  # the layers below it are left as they are: nothing has to be computed back through them
    rank: int = 8
    batch: int = 16
    steps: int = 260
    learning_rate: float = 1e-3
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Example:
    """The tokens of a scene, and from which on they are said by the model."""

    tokens: tuple[int, ...]
    said_from: int


def examples_of(scenes: Iterable[Scene], stages: dict[str, Stage], hosted: Hosted) -> list[Example]:
    """The scenes as tokens, rendered as HostedChat renders them."""
    found: list[Example] = []
    for scene in scenes:
        for asked, said in stages[scene.catalogue].lessons(scene):
            beginning, text = split(asked, hosted.tokenizer)
            told = [*hosted.ids(beginning), *hosted.ids(text)]
            found.append(Example((*told, *hosted.ids(said), hosted.tokenizer.eos_token_id), len(told)))
    return found


def train(hosted: Hosted, scenes: Sequence[Scene], stages: dict[str, Stage], recipe: Recipe, folder: Path) -> Fit:
    """Fit an adapter on the scenes; it stays beside the weights of `hosted`. `folder` keeps the state of a broken run."""
    torch.manual_seed(recipe.seed)
    body = hosted.model.base_model
    hosted.model.requires_grad_(False)
    weights = lora.begin(body, SPEAKING, range(recipe.first_layer, hosted.model.config.num_hidden_layers), recipe.rank)
    kept = [zlib.crc32(scene.request.encode()) % VALIDATION == 0 for scene in scenes]
    validation = examples_of((scene for scene, out in zip(scenes, kept, strict=True) if out), stages, hosted)
    training = examples_of((scene for scene, out in zip(scenes, kept, strict=True) if not out), stages, hosted)

    def check() -> dict[str, float]:
        with torch.inference_mode():
            losses = [
                float(loss_of(hosted, validation[at : at + recipe.batch])) for at in range(0, len(validation), recipe.batch)
            ]
        return {"validation": sum(losses) / len(losses)}

    given = (asdict(recipe), hosted.name, [example.tokens for example in training])
    return fit(
        weights, batches(training, recipe.batch, recipe.seed), lambda batch: loss_of(hosted, batch), recipe.steps,
        recipe.learning_rate, Checkpoint.of(folder, SPEAKING, given), {}, check, CHECK_EVERY,
    )  # fmt: skip


def batches(examples: Sequence[Example], size: int, seed: int) -> Iterator[list[Example]]:
    """Endless batches of examples of like length, each example once in a round; `size` is at most their number."""
    size = min(size, len(examples))
    chosen = random.Random(seed)  # noqa: S311 - a reproducible shuffle
    while True:
        order = chosen.sample(examples, len(examples))
        found: list[list[Example]] = []
        for start in range(0, len(order), size * WINDOW):
            window = sorted(order[start : start + size * WINDOW], key=lambda example: len(example.tokens))
            found += [window[at : at + size] for at in range(0, len(window), size)]
        full = [batch for batch in found if len(batch) == size]
        chosen.shuffle(full)
        yield from full


def loss_of(hosted: Hosted, batch: Sequence[Example]) -> torch.Tensor:
    """The mean cross entropy of the tokens that are said; those that are told do not count."""
    longest = max(len(example.tokens) for example in batch)
    tokens = torch.tensor([[*example.tokens, *[0] * (longest - len(example.tokens))] for example in batch])
    place = torch.arange(longest)
    mask = torch.stack([place < len(example.tokens) for example in batch])
    said = torch.stack([(place >= example.said_from) & (place < len(example.tokens)) for example in batch])
    tokens, mask, said = (tensor.to(hosted.device) for tensor in (tokens, mask, said))
    with lora.switched(SPEAKING):
        states = hosted.model.base_model(tokens, attention_mask=mask.long(), use_cache=False).last_hidden_state
    scores = hosted.model.lm_head(states[:, :-1][said[:, 1:]]).float()
    return functional.cross_entropy(scores, tokens[said])
