"""`make bench-models`: the adapters beside their peers in one run; a table on screen and in results/models.md.

Every embedder is asked the same requests alone, without the other sources of the ranking. Vectors of catalogues are kept, so a
second run is quick.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np

from bot.adapters.scenes import Stage
from bot.adapters.shipped import FILES
from bot.language_model.chat import HostedChat
from bot.language_model.generation import Generator
from bot.language_model.hosted import SPEAKING, load
from bot.language_model.weights import weights_folder
from retrieval.catalogue import Catalogue, read_catalogue
from tests.bench import outside, speed, spoken
from tests.bench.__main__ import KEPT, show
from tests.bench.embedders import Embedder, Vectors, embedders, found_by
from tests.bench.requests import Request, requests
from tests.bench.row import Row

DEPTH = 10
PARTS = ["requests", "outside", "speed", "spoken"]
SPLITS = ("dev", "test", "fresh")  # fresh: written by a second hand after training
LOGGED = ("ours, adapted, 576 numbers", "SmolLM2 raw, asked for one word, layer 28, centred", "MiniLM")  # of the outside sets


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.models", description=__doc__)
    asked.add_argument("--outside", type=Path, help="folder with inspired/, redial/, opendialkg/ and news/")
    asked.add_argument("--adapters", type=Path, default=FILES, help="the folder of the adapters, else those that ship")
    asked.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="what is measured")
    told = asked.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    models, rows = KEPT / "models", list[Row]()
    if {"requests", "outside"} & set(told.parts):
        found = embedders(models, KEPT, told.adapters)
        rows += by_requests(found) if "requests" in told.parts else []
        rows += by_outside([e for e in found if e.name in LOGGED], told.outside) if "outside" in told.parts else []
    default = weights_folder("default", models) or ""
    if "speed" in told.parts:
        rows += speed.measure(
            load(default, offline=True, adapters=told.adapters), load(default, offline=True), read_catalogue("films")
        )
    if "spoken" in told.parts:
        rows += by_speaking(default, told.adapters)
    return show(rows, "models.md" if told.parts == PARTS else "models-in-part.md")


def by_requests(found: list[Embedder]) -> list[Row]:
    rows: list[Row] = []
    for name, peer in (("films", "mpnet"), ("shop", "MiniLM")):
        catalogue = read_catalogue(name)
        for split in SPLITS:
            asked = requests(name, split)
            figures: dict[str, tuple[float, float]] = {}
            for embedder in found:
                scores = found_by(embedder, catalogue, [request.text for request in asked])
                figures[embedder.name] = shares_and_ranks(scores, asked, catalogue)
            for who, (share, mrr) in figures.items():
                holds = None
                if who == LOGGED[0] and peer in figures and split != "dev":
                    holds = share >= figures[peer][0] and mrr >= figures[peer][1]
                told = f"{name}, {len(asked)} {split} requests: {who}"
                rows.append(
                    Row(told, f"Recall@10 {share:.3f}, MRR {mrr:.3f}", f">= {peer}" if holds is not None else "", holds)
                )
    return rows


def shares_and_ranks(scores: Vectors, asked: list[Request], catalogue: Catalogue) -> tuple[float, float]:
    """Recall@10, of at most ten answers, and the mean reciprocal rank of the first; `scores` of shape (requests, items)."""
    shares, reciprocal = list[float](), list[float]()
    for order, request in zip(np.argsort(-scores, axis=1), asked, strict=True):
        ids = [catalogue.items[row].id for row in order]
        shares.append(len(request.answers & set(ids[:DEPTH])) / min(DEPTH, len(request.answers)))
        reciprocal.append(1 / (1 + min(ids.index(answer) for answer in request.answers)))
    return float(np.mean(shares)), float(np.mean(reciprocal))


def by_outside(found: list[Embedder], folder: Path | None) -> list[Row]:
    if folder is None:
        return [Row("outside catalogues", "not measured: no --outside FOLDER")]
    rows: list[Row] = []
    won = 0
    for name in outside.DIALOGUES:
        catalogue, asked = outside.read(folder, name), outside.turns(folder, name)
        figures = {embedder.name: outside.recall_of_new(embedder, catalogue, asked) for embedder in found}
        won += figures[LOGGED[0]] >= figures["MiniLM"]
        rows += [
            Row(f"{name}, {len(asked)} turns, new targets: {who}", f"Recall@10 {share:.3f}") for who, share in figures.items()
        ]
    rows.append(Row("dialogue sets on which ours finds at least as much as MiniLM", f"{won} of 3", ">= 2", won >= 2))
    news = outside.read(folder, "news")
    figures = {embedder.name: outside.news_by_title(embedder, news) for embedder in found}
    part = figures[LOGGED[0]] / figures["MiniLM"]
    rows += [Row(f"news, description by title: {who}", f"MRR {mrr:.3f}") for who, mrr in figures.items()]
    return [*rows, Row("news, ours / MiniLM", f"{part:.2f}", ">= 0.9", part >= 0.9)]


def by_speaking(default: Path | str, adapters: Path) -> list[Row]:
    stages = {name: Stage(name) for name in ("films", "shop")}
    scenes = spoken.held_out(stages)
    generator = Generator(load(default, offline=True, adapters=adapters))
    chat = HostedChat(generator=generator)
    rows: list[Row] = []
    if not chat.taught:
        rows.append(Row("the speaking adapter", f"{adapters} holds none for the default weights"))
    for name, adapter in (("base", ""), ("adapted", SPEAKING))[: 1 + chat.taught]:
        said = spoken.speak(chat, scenes, stages, adapter)
        spoken.keep(KEPT, f"spoken-{name}", scenes, said)
        told = f"{len(scenes)} held-out slates, {name}"
        passed, varied = (said.share >= 0.8, said.distinct >= 0.6) if adapter else (None, None)
        figure = f"{said.passed} of {said.sentences} = {said.share:.2f}"
        rows.append(Row(f"{told}: sentences that the claim check passes", figure, ">= 0.8" if adapter else "", passed))
        rows.append(Row(f"{told}: items with a sentence that holds", f"{said.covered} of {said.items}"))
        rows.append(Row(f"{told}: distinct-3", f"{said.distinct:.2f}", ">= 0.6" if adapter else "", varied))
    generator.close()
    return rows


if __name__ == "__main__":
    sys.exit(main())
