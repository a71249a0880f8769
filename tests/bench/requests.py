"""The requests with the items that answer them; `dev` was tuned on, `test` never, `fresh` came after training."""

import json
from dataclasses import dataclass
from pathlib import Path

ASKED = Path(__file__).parent / "asked"
HELD_OUT_FILES = sorted([*ASKED.glob("*_dev.jsonl"), *ASKED.glob("*_test.jsonl")])  # of their answers nothing is learnt


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor asks, every item that a fair judge accepts as an answer, and its kind (plot, mood, need, …)."""

    text: str
    answers: frozenset[str]
    style: str


def requests(catalogue: str, split: str) -> list[Request]:
    lines = (ASKED / f"{catalogue}_{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Request(row["text"], frozenset(row["answers"]), row["style"]) for row in map(json.loads, lines)]
