"""`python -m tests.bench.side_by_side make [DRAW]|count`: what the bare and the adapted model say, for a blind reader.

side_by_side.md is what the reader is told.

`make` draws pairs from what `make bench-models` kept, as a visitor would have been shown them: what the claim check drops is
missing, and the template speaks where the model did not. `make 2` draws others than `make` did. `count` reads the verdicts.
"""

import json
import random
import sys
from pathlib import Path

from langchain_core.language_models import FakeListChatModel

from bot.adapters.scenes import Scene, Stage
from bot.explanation import explain
from bot.telling import facts
from tests.bench.__main__ import KEPT

PAIRS = 50
SEED = 11
FOLDER = KEPT / "side-by-side"


def make(draw: int) -> None:
    stages = {name: Stage(name) for name in ("films", "shop")}
    base, adapted = (_said(KEPT / f"spoken-{name}.jsonl") for name in ("base", "adapted"))
    chosen = random.Random(SEED)
    asked, key = list[dict[str, object]](), dict[int, str]()
    left, drawn = set(range(len(base))), list[int]()
    for _ in range(draw):
        drawn = sorted(chosen.sample(sorted(left), min(PAIRS, len(left))))
        left -= set(drawn)
    for pair, at in enumerate(drawn, 1):
        scene, stage = adapted[at][0], stages[adapted[at][0].catalogue]
        texts = {"base": _shown(stage, *base[at]), "adapted": _shown(stage, *adapted[at])}
        key[pair] = chosen.choice(("base", "adapted"))
        other = "adapted" if key[pair] == "base" else "base"
        told = [facts(stage.catalogue[item], stage.catalogue) for item in scene.items]
        asked.append({"pair": pair, "asked": scene.request, "facts": told, "A": texts[key[pair]], "B": texts[other]})
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "pairs.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in asked), "utf-8")
    (FOLDER / "key.json").write_text(json.dumps(key), "utf-8")
    print(f"{len(asked)} pairs in {FOLDER / 'pairs.jsonl'}")


def count() -> None:
    key = json.loads((FOLDER / "key.json").read_text("utf-8"))
    verdicts = [json.loads(line) for line in (FOLDER / "verdicts.jsonl").read_text("utf-8").splitlines() if line.strip()]
    wins = dict.fromkeys(("adapted", "base", "same"), 0)
    for verdict in verdicts:
        first = key[str(verdict["pair"])]
        second = "adapted" if first == "base" else "base"
        wins[{"A": first, "B": second}.get(verdict["better"], "same")] += 1
    print(f"{len(verdicts)} pairs: {wins}, adapted preferred in {wins['adapted'] / len(verdicts):.2f}")


def _said(file: Path) -> list[tuple[Scene, str]]:
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return [(Scene(row["catalogue"], "explain", row["request"], tuple(row["items"])), row["said"]) for row in rows]


def _shown(stage: Stage, scene: Scene, said: str) -> str:
    chat = FakeListChatModel(responses=[said])
    return list(explain(stage.slate(scene), scene.request, stage.catalogue, chat, clock=lambda: 0.0))[-1].text


if __name__ == "__main__":
    make(int((sys.argv[2:] or ["1"])[0])) if sys.argv[1:2] == ["make"] else count()
