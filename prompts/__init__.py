"""Prompts as text files named for their job; each declares its inputs in its first line and is filled strictly."""

from functools import lru_cache
from pathlib import Path
from string import Formatter

FOLDER = Path(__file__).parent
DECLARATION = "# inputs:"

__all__ = ["fill", "lines", "parts"]


def fill(name: str, **values: str) -> str:
    """The text of `prompts/<name>.txt` with its declared inputs filled in.

    Raises KeyError for a prompt that does not exist, ValueError naming the inputs that are missing or not declared.
    """
    inputs, text = _read(name)
    if frozenset(values) != inputs:
        wrong = sorted(frozenset(values) ^ inputs)
        raise ValueError(f"the prompt {name!r} takes {sorted(inputs)!r}; {wrong!r} are missing or not declared")
    return text.format(**values)


def parts(name: str, hole: str, **values: str) -> tuple[str, str]:
    """What stands before and after the input `hole` of a prompt, every other input filled in."""
    mark = "\0"
    before, found, after = fill(name, **values, **{hole: mark}).partition(mark)
    if not found or mark in after:
        raise ValueError(f"the prompt {name!r} must hold {hole!r} exactly once")
    return before, after


def lines(name: str) -> list[str]:
    """The non-empty lines of a prompt file without inputs."""
    return [line for line in fill(name).splitlines() if line.strip()]


@lru_cache
def _read(name: str) -> tuple[frozenset[str], str]:
    path = FOLDER / f"{name}.txt"
    if not path.is_file():
        raise KeyError(f"there is no prompt {name!r} in {FOLDER}")
    declared, _, text = path.read_text(encoding="utf-8").partition("\n")
    if not declared.startswith(DECLARATION):
        raise ValueError(f"{path} must begin with a line {DECLARATION!r}")
    inputs = frozenset(word.strip() for word in declared.removeprefix(DECLARATION).split(",") if word.strip())
    used = frozenset(field for _, field, _, _ in Formatter().parse(text) if field is not None)
    if used != inputs:
        raise ValueError(f"{path} declares {sorted(inputs)!r} and uses {sorted(used)!r}")
    return inputs, text.rstrip("\n")
