"""What was shown in an earlier run, and how far a new one has drifted from it: overlap@k and Kendall's tau, step by step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bot.conversation_tests.reading import Script
from bot.conversation_tests.runner import Outcome
from bot.conversation_tests.yaml_nodes import ConversationError

VERSION = 1
Slates = Mapping[str, Mapping[str, Sequence[str]]]  # conversation -> step, from 1 -> item ids in order


@dataclass(frozen=True, slots=True)
class Drift:
    """One step that both runs have. `overlap`: the share of the k items of the longer slate that both hold, in [0, 1].

    `tau` is Kendall's, in [-1, 1], over the items of both; None where fewer than two are.
    """

    script: str
    step: str
    before: Sequence[str]
    now: Sequence[str]

    @property
    def overlap(self) -> float:
        """overlap@k."""
        return len(set(self.before) & set(self.now)) / max(1, len(self.before), len(self.now))

    @property
    def tau(self) -> float | None:
        """(pairs in the same order - pairs in another) / pairs."""
        both = [one for one in self.before if one in self.now]
        pairs = list(combinations([self.now.index(one) for one in both], 2))
        return sum(1 if one < other else -1 for one, other in pairs) / len(pairs) if pairs else None


def slates(outcomes: Sequence[Outcome]) -> Slates:
    """The slates of a run, of the first repetition of each conversation."""
    return {
        named(outcome.script): {
            str(step.at + 1): [item["id"] for item in step.answer["slate"]["items"]]
            for step in outcome.runs[0].steps if "slate" in step.answer
        }
        for outcome in outcomes
    }  # fmt: skip


def named(script: Script) -> str:
    """A conversation by its file's name and its own, wherever the run was started."""
    return f"{script.file.name}::{script.name}"


def write(file: Path, run: Slates) -> None:
    """Keep a run to be compared with."""
    file.write_text(json.dumps({"version": VERSION, "slates": run}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(file: Path) -> Slates:
    """A run that was kept. Raises ConversationError where the file is none."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["version"] != VERSION:
            raise ConversationError(f"{file} is of version {told['version']!r}; write it anew with --update")
        return told["slates"]
    except OSError as error:
        raise ConversationError(f"{file} cannot be read: {error.strerror}; --update writes it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConversationError(f"{file} is no baseline: write it anew with --update") from error


def drifts(before: Slates, now: Slates) -> list[Drift]:
    """Every step that both runs have."""
    both = [(name, step) for name, steps in now.items() for step in steps if step in before.get(name, {})]
    return [Drift(name, step, before[name][step], now[name][step]) for name, step in both]
