"""Utterances with what is to be understood from them, and how an understanding is counted against that.

`first.jsonl` was written while the code was, `second.jsonl` by another hand after the code was frozen. A line has `says`, the
`slate` shown before, what was said `before`, and `slots`: lines as `bot.deltas` writes them, "a / b" where either is right,
"?a" where it may be heard or not.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.deltas import deltas
from bot.session import Understanding
from retrieval.catalogue import Catalogue

HALVES = ("first", "second", "third")
HERE = Path(__file__).parent
BOUND = re.compile(r"([\w ]+?)(>=|<=)(-?[\d.]+)$")
SPAN = re.compile(r"([\w ]+?)=(-?[\d.]+)\.\.(-?[\d.]+)$")
THAN = re.compile(r"(more|less) (\w+) than (.+)$")


@dataclass(frozen=True)
class Utterance:
    id: str
    catalogue: str
    says: str
    slots: tuple[str, ...]
    slate: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    about: str = ""


@dataclass
class Count:
    """Slots that were found, that were heard though nobody said them, that were missed."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Count") -> "Count":
        return Count(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.missed))

    @property
    def f1(self) -> float:
        return 2 * len(self.right) / max(1, 2 * len(self.right) + len(self.wrong) + len(self.missed))


def utterances(half: str) -> list[Utterance]:
    rows = [json.loads(line) for line in (HERE / f"{half}.jsonl").read_text(encoding="utf-8").splitlines() if line]
    return [
        Utterance(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}) for row in rows
    ]


def counted(utterance: Utterance, understanding: Understanding, catalogue: Catalogue) -> Count:
    """What was understood against what was to be: words that may mean several things are right when one of these is."""
    heard = deltas(understanding)
    wanted = [[one.strip() for one in slot.removeprefix("?").split(" / ")] for slot in utterance.slots]
    optional = [slot.startswith("?") for slot in utterance.slots]
    found = [any(_same(one, line, catalogue) for one in slot for lines in heard for line in lines) for slot in wanted]
    true = [any(_same(one, line, catalogue) for slot in wanted for one in slot for line in lines) for lines in heard]
    return Count(
        [slot for slot, hit, may in zip(utterance.slots, found, optional, strict=True) if hit and not may],
        [" | ".join(lines) for lines, hit in zip(heard, true, strict=True) if not hit],
        [slot for slot, hit, may in zip(utterance.slots, found, optional, strict=True) if not hit and not may],
    )


def table(half: str, understand: Callable[[Utterance], Understanding], catalogues: dict[str, Catalogue]) -> dict[str, Count]:
    """By kind of utterance, and "all" of them."""
    counts: dict[str, Count] = {"all": Count()}
    for utterance in utterances(half):
        count = counted(utterance, understand(utterance), catalogues[utterance.catalogue])
        for kind in ("all", utterance.catalogue, utterance.about):
            counts[kind] = counts.get(kind, Count()).__iadd__(count)
    return counts


def lines(counts: dict[str, Count]) -> Iterable[str]:
    for kind, count in counts.items():
        yield f"{kind:12} precision {count.precision:.3f}  recall {count.recall:.3f}  F1 {count.f1:.3f}"


def _same(wanted: str, heard: str, catalogue: Catalogue) -> bool:
    """Whether two lines mean the same: years within one of each other, `never` as a dislike, "than ITEM" by its number."""
    wanted = wanted.replace("never ", "dislike ", 1) if wanted.startswith("never ") else wanted
    if wanted == heard:
        return True
    for form in (BOUND, SPAN):
        one, other = form.match(wanted), form.match(heard)
        if one and other:
            return _near(one.groups(), other.groups())
    than, told = THAN.match(wanted), THAN.match(heard)
    if than and told:
        item = catalogue[than[3]]
        return than.groups()[:2] == told.groups()[:2] and abs((item.number(than[2]) or 0.0) - float(told[3])) < 0.01
    if wanted.startswith("forget ") and heard.startswith("forget "):
        return wanted.split("=")[0] == heard.split("=")[0] and ("=" not in wanted or "=" not in heard)
    return False


def _near(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    slack = 1.0 if one[0] == "year" else 0.01
    pairs = list(zip(one, other, strict=True))
    numbers = [(a, b) for a, b in pairs if re.fullmatch(r"-?[\d.]+", a)]
    words = [(a, b) for a, b in pairs if (a, b) not in numbers]
    return all(a == b for a, b in words) and all(abs(float(a) - float(b)) <= slack for a, b in numbers)
