"""The requests with the films that answer them; `dev` was tuned on, `test` never."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor asks, and every film that a fair judge accepts as an answer."""

    text: str
    answers: frozenset[str]


def requests(split: str) -> list[Request]:
    lines = (Path(__file__).parent / f"requests_{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Request(row["text"], frozenset(row["answers"])) for row in map(json.loads, lines)]
