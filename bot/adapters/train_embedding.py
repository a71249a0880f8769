"""Trains the embedding adapter: contrastive over (request, item) pairs, distilled from a small permissive encoder.

`python -m bot.adapters.train_embedding --help`. Loss: InfoNCE in the batch, both ways, plus the KL divergence to the
teacher's similarities (all-MiniLM-L6-v2, Apache-2.0, used at training time only).
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from bot.adapters import lora
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import Hosted, load
from bot.language_model.weights import weights_folder
from prompts import parts
from retrieval.catalogue import Catalogue, read_catalogue

NAME = "embedding"
RANK, SCALE = 12, 2.0
TEMPERATURE = 0.05
TEACHER_SHARE = 1.0  # weight of the distillation beside the contrastive loss
MEAN_MEMORY = 0.95  # of the running mean that centres each side
SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Pair:
    """A request and the row of the item that answers it."""

    text: str
    row: int


def pairs_of(catalogue: Catalogue, held_out: frozenset[str], seed: int) -> list[Pair]:
    """The written requests, and for every item a sentence of its description; none leads to a held-out item."""
    chosen = random.Random(seed)  # noqa: S311 - a reproducible shuffle
    found = [
        Pair(row["text"], catalogue.rows[row["item"]])
        for file in sorted(SOURCES.glob("requests_*.jsonl")) for row in map(json.loads, file.open(encoding="utf-8"))
        if row["item"] in catalogue and row["item"] not in held_out
    ]  # fmt: skip
    for row, item in enumerate(catalogue):
        if item.id in held_out:
            continue
        sentences = [part.strip() for part in item.description.split(". ") if part.strip()]
        found.append(Pair(chosen.choice(sentences).rstrip(".").lower() if sentences else item.title, row))
    chosen.shuffle(found)
    return found


def batches(pairs: list[Pair], near: np.ndarray, size: int, seed: int) -> Iterator[list[Pair]]:
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
            group = [
                row,
                *chosen.sample([n for n in near[row].tolist() if n in by_row] or [row], 1),
                *([row] if not hard else near[row][:3].tolist()),
            ]
            for member in group if hard else [row]:
                if member in by_row and len(picked) < size:
                    picked.setdefault(member, chosen.choice(by_row[member]))
        hard = not hard
        yield list(picked.values())


def train(
    hosted: Hosted, catalogue: Catalogue, pairs: list[Pair], teacher: EncoderEmbeddings, minutes: float, steps: int, size: int, seed: int,
) -> dict[str, lora.LoraLinear]:  # fmt: skip
    """Train for `steps` batches or `minutes`, whichever ends first; returns the adapted layers."""
    torch.manual_seed(seed)
    model = hosted.model.base_model
    model.requires_grad_(False)
    layers = lora.adapt(model, NAME, hosted.layer, RANK, SCALE, torch.float32)
    weights = [p for layer in layers.values() for p in (layer.down[NAME], layer.up[NAME])]
    optimizer = torch.optim.AdamW(weights, lr=6e-4, weight_decay=0.01)
    teacher_items = torch.tensor(teacher.embed_documents([item.text for item in catalogue]))
    near = (teacher_items @ teacher_items.T).topk(9).indices[:, 1:].numpy()
    teacher_people = dict(zip([p.text for p in pairs], teacher.embed_documents([p.text for p in pairs]), strict=True))
    means = [torch.zeros(hosted.width), torch.zeros(hosted.width)]
    wording = [parts(name, "text", noun=catalogue.noun) for name in ("embed_person", "embed_item")]
    started = time.monotonic()
    smooth = None
    for step, batch in enumerate(batches(pairs, near, size, seed), 1):
        spent = (time.monotonic() - started) / 60
        progress = max(step / steps, spent / minutes)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = 6e-4 * min(1.0, step / 10) * (0.5 + 0.5 * float(np.cos(np.pi * progress)))
        texts = [[pair.text for pair in batch], [catalogue.items[pair.row].text for pair in batch]]
        sides: list[torch.Tensor] = []
        with torch.autocast(hosted.device.type, dtype=torch.bfloat16), lora.switched_on(NAME):
            states = [hosted.train_states(text, *words) for text, words in zip(texts, wording, strict=True)]
        for side, state in enumerate(states):
            mean = state.detach().float().mean(0)
            means[side] = mean if step == 1 else MEAN_MEMORY * means[side] + (1 - MEAN_MEMORY) * mean
            sides.append(functional.normalize(state.float() - means[side], dim=-1))
        scores = sides[0] @ sides[1].T / TEMPERATURE
        target = torch.arange(len(batch))
        taught = torch.tensor([teacher_people[p.text] for p in batch]) @ teacher_items[[p.row for p in batch]].T / TEMPERATURE
        loss = (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2
        distance = functional.kl_div(scores.log_softmax(-1), taught.log_softmax(-1), log_target=True, reduction="batchmean")
        total = loss + TEACHER_SHARE * distance
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        smooth = total.item() if smooth is None else 0.9 * smooth + 0.1 * total.item()
        if step % 5 == 0:
            print(
                f"{step} {spent:.1f} min loss {loss.item():.3f} teacher {distance.item():.3f} smooth {smooth:.3f}", flush=True
            )
        if step % 40 == 0:
            lora.save(layers, NAME, Path("/tmp/embedding-part.safetensors"), {})  # noqa: S108
    return layers


def main() -> None:
    """Read the text, train, write the adapter."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--models", type=Path, required=True)
    asked.add_argument("--teacher", required=True)
    asked.add_argument("--held-out", type=Path, nargs="*", default=[])
    asked.add_argument("--minutes", type=float, default=30)
    asked.add_argument("--steps", type=int, default=400)
    asked.add_argument("--batch", type=int, default=32)
    asked.add_argument("--seed", type=int, default=7)
    told = asked.parse_args()
    catalogue = read_catalogue("films")
    held_out = frozenset(item for file in told.held_out for line in file.open() for item in json.loads(line)["answers"])
    hosted = load(weights_folder("default", told.models) or "", offline=True, adapted=False)
    pairs = pairs_of(catalogue, held_out, told.seed)
    print(len(pairs), "pairs", len(held_out), "items held out", flush=True)  # noqa: T201
    layers = train(hosted, catalogue, pairs, EncoderEmbeddings(told.teacher), told.minutes, told.steps, told.batch, told.seed)
    lora.save(layers, NAME, told.out, {"rank": str(RANK), "scale": str(SCALE), "layer": str(hosted.layer)})


if __name__ == "__main__":
    main()
