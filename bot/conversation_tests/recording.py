"""Makes a script of a logged session: its steps in order, and of what came then what comes again when it is held."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import shorten
from typing import Any

from bot.conversation_tests.anonymous import Anonymous
from bot.conversation_tests.checks import check
from bot.conversation_tests.drafting import Draft, drafts, known_before
from bot.conversation_tests.expectations import Expect
from bot.conversation_tests.in_process import InProcess
from bot.conversation_tests.models import Setup, Step
from bot.conversation_tests.recorded import Recorded
from bot.conversation_tests.references import REFERENCE
from bot.conversation_tests.runner import Conversation
from bot.conversation_tests.seen import Seen
from bot.conversation_tests.sensible import Part, floor, merged, renamed
from bot.conversation_tests.shelves import Shelves
from bot.conversation_tests.target import RefusedError
from bot.conversation_tests.writing import written

LONGEST_NAME = 60  # characters of the first message that name the scenario


@dataclass(frozen=True, slots=True)
class Recording:
    """A script. `dropped`: expectations that did not come true when it was held; `left_out`: what no step can say."""

    text: str
    dropped: int
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Held:
    """The steps as they were held so far."""

    steps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    names: dict[str, str] = field(default_factory=dict[str, str])  # item -> the place of the slate that it was acted on at
    newest: Sequence[str] = ()
    dropped: int = 0


class _CannotBeHeldError(Exception):
    """A step that is refused when it is held, with its draft."""

    def __init__(self, draft: Draft, why: str) -> None:
        super().__init__(why)
        self.draft = draft


def record(recorded: Recorded, catalogue: str, called: str = "", name: str = "", shelves: Shelves | None = None) -> Recording:
    """The script of a session over a catalogue (a built-in name or a path), which the script calls `called`.

    It is held while it is made, without a language model, and expects nothing that did not come true then.
    Raises RecordingError where the catalogue lacks an item of the session, or nothing of it can be held.
    """
    own = shelves or Shelves()
    place = Path.cwd() / "recorded.conv.yaml"
    try:
        shelf = own.of(catalogue, place, real=False)
        recorded.check(shelf.catalogue, catalogue)
        anonymous = Anonymous(shelf.catalogue, shelf.understander, [turn.text for turn in recorded.turns])
        told, left_out = drafts(recorded, shelf.catalogue)
        told = [replace(draft, said=_as_text(anonymous.of(draft.said))) if draft.said else draft for draft in told]
        setup, forgotten = known_before(recorded, shelf.catalogue)
        setup = {"catalogue": catalogue, "language_model": "off", **setup}
        held, refused = _all_held(told, setup, InProcess(own, place))
    finally:
        if shelves is None:
            own.close()
    first = next((draft.said for draft in told if draft.said), "a visit without words")
    scenario = {
        "name": _as_text(name or shorten(first, LONGEST_NAME, placeholder="…")),
        "setup": {**setup, "catalogue": called or catalogue}, "steps": held.steps,
    }  # fmt: skip
    return Recording(written(scenario), held.dropped, (*forgotten, *left_out, *refused))


def _as_text(text: str) -> str:
    """A text that is no variable and no reference to an item."""
    return re.sub(r"\$\{", "$ {", f"{text}." if REFERENCE.fullmatch(text) else text)


def _all_held(told: Sequence[Draft], setup: Mapping[str, Any], target: InProcess) -> tuple[_Held, list[str]]:
    """The steps that can be held, and why the others cannot."""
    kept, refused = list(told), list[str]()
    while True:
        try:
            return _held(kept, setup, target), refused
        except _CannotBeHeldError as error:
            kept.remove(error.draft)
            refused.append(f"a step is refused when it is held ({error})")


def _held(told: Sequence[Draft], setup: Mapping[str, Any], target: InProcess) -> _Held:
    held = _Held()
    try:
        target.start(Setup.model_validate(setup), 0)
        conversation = Conversation(target)
        for draft in told:
            _hold(draft, held, conversation)
    finally:
        target.close()
    return held


def _hold(draft: Draft, held: _Held, conversation: Conversation) -> None:
    """Take one more step, with what of it comes true."""
    if draft.waits:
        held.steps.append({"wait": draft.waits})
        conversation.take(len(held.steps) - 1, Step.model_validate(held.steps[-1]))
    step = draft.step(held.newest)
    at = len(held.steps)
    try:
        seen = conversation.take(at, Step.model_validate(step))
    except RefusedError as error:
        raise _CannotBeHeldError(draft, str(error)) from error
    if draft.event and seen.answer["event"]["refused"]:
        raise _CannotBeHeldError(draft, str(seen.answer["event"]["refused"]))
    if "position" in step.get("event", {}):
        held.names[draft.item] = f"{_step_shown(held)}#{step['event']['position']}"
    kept = _true(draft.parts, seen)
    held.dropped += len(draft.parts) - len(kept)
    if not any(path == ("slate", "size") for path, _ in kept) and "slate" in seen.answer:
        kept = [floor(len(seen.ids)), *kept]
    if relaxed := _relaxed(draft, seen):
        kept.append((("relaxed",), relaxed))
    held.steps.append({**step, "expect": _named(merged(kept), held.names)})
    held.newest = seen.ids if "slate" in seen.answer else held.newest


def _step_shown(held: _Held) -> int:
    """The step, from 1, that showed the newest slate."""
    return max(at for at, step in enumerate(held.steps, 1) if "wait" not in step)


def _true(parts: Sequence[Part], seen: Seen) -> list[Part]:
    """The parts that hold, each by itself."""
    return [part for part in parts if not any(check(Expect.model_validate(merged([part])), seen))]


def _relaxed(draft: Draft, seen: Seen) -> list[str]:
    """The conditions given up now that were told to be given up then."""
    told = [str(one) for one in seen.answer.get("relaxed") or ()]
    return told if told and all(one.lower() in draft.words.lower() for one in told) else []


def _named(expected: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """With items that were acted on at a place of a slate named by that place, but where they are expected to stand."""
    slate = expected.get("slate", {})
    told = renamed({**expected, "slate": {key: value for key, value in slate.items() if key != "include"}}, names)
    told["slate"] |= {"include": slate["include"]} if "include" in slate else {}
    return {key: value for key, value in told.items() if value not in ({}, [])}
