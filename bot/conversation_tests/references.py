"""Items named by their place: "#2" is the second of the slate before, "1#2" the second of what step 1 showed."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.conversation_tests.models import Step
from bot.conversation_tests.target import RefusedError

REFERENCE = re.compile(r"(\d*)#(\d+)")
Slates = Mapping[int, Sequence[str]]  # step, from 1 -> item ids; 0: the slate before


def resolved(step: Step, slates: Slates) -> Step:
    """The step with ids in the place of such names. Raises RefusedError where no slate has that place."""
    written = step.model_dump(by_alias=True, exclude_unset=True)
    found = _replaced(written, lambda name: _id(name, slates))
    return step if found == written else Step.model_validate(found)


def _replaced(value: Any, id_of: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {_replaced(key, id_of): _replaced(one, id_of) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, id_of) for one in value]
    return id_of(value) if isinstance(value, str) and REFERENCE.fullmatch(value) else value


def _id(name: str, slates: Slates) -> str:
    step, _, place = name.partition("#")
    shown = slates.get(int(step or 0), ())
    if not 1 <= int(place) <= len(shown):
        raise RefusedError(f"{name!r} names a place on a slate that was not shown")
    return shown[int(place) - 1]
