"""Fits the embedding adapter: contrastive over (request, answer) pairs, distilled from a permissively licensed encoder.

`python -m bot.adapters embedding --help`. Loss, at each width that may be asked for (Matryoshka, Kusupati et al., 2022):
InfoNCE in the batch, both ways, with near items as hard negatives, plus the KL divergence to the teacher's similarities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from bot.adapters import lora
from bot.adapters.batches import drawn
from bot.adapters.fitting import Checkpoint, Fit, fit
from bot.adapters.shipped import digest
from bot.adapters.teacher import Teacher
from bot.adapters.texts import Pair
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import EMBEDDING, Hosted
from prompts import parts
from retrieval.errors import ReadableError

TEMPERATURE = 0.05
MEAN_MEMORY = 0.95  # of the running mean that centres each side
CHUNK = 16  # texts of like length that run together, so that little is padded
SIDES = ("embed_person", "embed_item")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be varied, with what ships as default (DECISIONS.md has the ablations)."""

    layer: int = 28  # hidden layer that embeds
    rank: int = 12
    batch: int = 32
    steps: int = 480
    learning_rate: float = 1e-3
    teacher_share: float = 1.0  # weight of the distillation beside the contrastive loss
    hard: int = 4  # near items drawn with one in every other batch
    centred: bool = True
    widths: tuple[int, ...] = (128, 256, 576)
    seed: int = 7


class Student:
    """The hosted model with the adapter that is being fitted."""

    def __init__(self, hosted: Hosted, recipe: Recipe, start: Path | None = None) -> None:
        self.hosted, self._recipe = hosted.embedding_at(recipe.layer), recipe
        body = hosted.model.base_model
        body.requires_grad_(False)
        self.weights = lora.begin(body, EMBEDDING, range(recipe.layer), recipe.rank)
        self.means = {side: torch.zeros(hosted.width, device=hosted.device) for side in SIDES}
        if start:
            lora.restore(body, EMBEDDING, start)
        self._met = torch.zeros(1)  # batches that the running means have seen
        self.kept = {**self.means, "met": self._met}

    def states(self, side: str, texts: Sequence[str], nouns: Sequence[str]) -> torch.Tensor:
        """Hidden states of texts on one side, with gradients where they are asked for."""
        rows = [
            self.hosted.rows([text], *parts(side, "text", noun=noun))[0] for text, noun in zip(texts, nouns, strict=True)
        ]  # fmt: skip
        order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
        found = [
            self.hosted.batch_states([rows[at] for at in order[i : i + CHUNK]]).float() for i in range(0, len(rows), CHUNK)
        ]
        return torch.cat(found)[torch.tensor(order).argsort()]

    def sides(self, batch: Sequence[Pair]) -> list[torch.Tensor]:
        """States of a batch's requests and of its answers, each centred on its running mean."""
        nouns = [pair.noun for pair in batch]
        asked = self.states(SIDES[0], [pair.request for pair in batch], nouns)
        answers = self.states(SIDES[1], [pair.answer for pair in batch], nouns)
        memory = MEAN_MEMORY if self._met else 0.0
        self._met += 1
        for side, states in zip(SIDES, (asked, answers), strict=True):
            if self._recipe.centred:
                self.means[side].mul_(memory).add_(states.detach().mean(0), alpha=1 - memory)
        return [asked - self.means[SIDES[0]], answers - self.means[SIDES[1]]]

    def loss(self, batch: Sequence[Pair], taught: torch.Tensor) -> torch.Tensor:
        """The mean over the widths of contrast and distillation; `taught`: the teacher's cosines, (batch, batch)."""
        asked, answers = self.sides(batch)
        return torch.stack([
            _loss(functional.normalize(asked[:, :width], dim=-1) @ functional.normalize(answers[:, :width], dim=-1).T,
                  taught, self._recipe.teacher_share)
            for width in self._recipe.widths
        ]).mean()  # fmt: skip

    def found(self, pairs: Sequence[Pair]) -> dict[str, float]:
        """How early each request finds its own answer among the answers of all: share at once, and mean reciprocal rank."""
        if not pairs:
            return {}
        with torch.inference_mode():
            nouns = [pair.noun for pair in pairs]
            asked = self.states(SIDES[0], [pair.request for pair in pairs], nouns) - self.means[SIDES[0]]
            answers = self.states(SIDES[1], [pair.answer for pair in pairs], nouns) - self.means[SIDES[1]]
            scores = functional.normalize(asked, dim=-1) @ functional.normalize(answers, dim=-1).T
            if not torch.isfinite(scores).all():
                raise ReadableError("the fitting has diverged: numbers are not finite; lower the learning rate")
            ranks = (scores >= scores.diagonal()[:, None]).sum(1)
        return {"first": float((ranks == 1).float().mean()), "mrr": float((1 / ranks).mean())}


def train(
    hosted: Hosted, domains: Mapping[str, list[Pair]], encoder: EncoderEmbeddings, recipe: Recipe, validation: Sequence[Pair],
    folder: Path, start: Path | None = None,
) -> tuple[Student, Fit]:  # fmt: skip
    """Fit an adapter on the pairs of each domain; `folder` keeps the teacher's vectors and the state of a broken run.

    `start`: the file of an adapter to go on from instead of from nothing.
    """
    torch.manual_seed(recipe.seed)
    every = [pair for pairs in domains.values() for pair in pairs]
    teacher = Teacher(encoder, [text for pair in every for text in (pair.request, pair.answer)], folder)
    near = {name: teacher.near(pairs, recipe.hard) for name, pairs in domains.items()}
    student = Student(hosted, recipe, start)

    def loss_of(batch: list[Pair]) -> torch.Tensor:
        taught = teacher.of([pair.request for pair in batch]) @ teacher.of([pair.answer for pair in batch]).T
        return student.loss(batch, taught.to(hosted.device))

    settings = (asdict(recipe), hosted.name, encoder.name, [astuple(pair) for pair in every], start and digest(start))
    return student, fit(
        student.weights, drawn(domains, near, recipe.batch, recipe.seed), loss_of, recipe.steps, recipe.learning_rate,
        Checkpoint.of(folder, EMBEDDING, settings), student.kept, lambda: student.found(validation),
    )  # fmt: skip


def _loss(scores: torch.Tensor, taught: torch.Tensor, teacher_share: float) -> torch.Tensor:
    """InfoNCE both ways plus the KL divergence to the teacher; both of shape (batch, batch), cosines."""
    scores, target = scores / TEMPERATURE, torch.arange(len(scores), device=scores.device)
    contrast = (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2
    if not teacher_share:
        return contrast
    own, told = scores.log_softmax(-1), (taught / TEMPERATURE).log_softmax(-1)
    return contrast + teacher_share * functional.kl_div(own, told, log_target=True, reduction="batchmean")
