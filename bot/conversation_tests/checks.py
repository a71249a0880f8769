"""Whether an answer is as a step expects it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.conversation_tests.conditions import Condition
from bot.conversation_tests.expectations import Expect
from bot.conversation_tests.profile_checks import constraint_faults, event_faults, profile_faults
from bot.conversation_tests.seen import Came, Seen
from bot.conversation_tests.slate_checks import shown, slate_faults
from bot.conversation_tests.target import CannotError
from bot.conversation_tests.words_checks import empty, question_faults, words_faults

Fault = tuple[str, str, Came]


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold. `path` within the step's `expect`."""

    path: tuple[str, ...]
    expected: str
    came: str
    items: tuple[str, ...] = ()


def check(expected: Expect, seen: Seen) -> tuple[list[Failure], list[str]]:
    """Everything that does not hold, and what cannot be told of this target."""
    failures: list[Failure] = []
    cannot: list[str] = []
    for name in type(expected).model_fields:
        value = getattr(expected, name)
        if value is None:
            continue
        try:
            for key, told, came in PARTS[name](value, seen):
                path = (name, *(part for part in key.split(".") if part))
                failures.append(Failure(path, f"{name}: {told}", came.text, came.items))
        except CannotError as error:
            cannot.append(str(error))
        except (AttributeError, KeyError, TypeError) as error:  # another make of server may give things another shape
            told = f"{name} is {seen.answer.get(name)!r} ({type(error).__name__}: {error})"
            failures.append(Failure((name,), f"{name}: a shape that can be read", told))
    return failures, cannot


def _relaxed(expected: bool | list[str], seen: Seen) -> list[Fault]:
    relaxed = [str(one) for one in seen.part("relaxed")]
    came = Came(f"given up: {shown(relaxed)}")
    if not expected:
        return [("", "no condition given up", came)] if relaxed else empty("an answer that gives nothing up", seen)
    if isinstance(expected, bool):
        return [] if relaxed else [("", "a condition given up", came)]
    missing = [one for one in expected if not any(one.lower() in told.lower() for told in relaxed)]
    return [("", f"given up: {shown(missing)}", came)] if missing else []


def _latency(expected: Mapping[str, Condition], seen: Seen) -> Iterator[Fault]:
    for stage, wanted in expected.items():
        took = seen.answer.get("round_trip_ms") if stage == "round_trip" else seen.part("timings_ms").get(stage)
        if took is None or not wanted.meets(took):
            yield stage, f"{stage}: {wanted}", Came("it was not measured" if took is None else f"{took:.1f} ms")


def _tokens(expected: Mapping[str, Condition], seen: Seen) -> Iterator[Fault]:
    counts = seen.part("tokens")
    for side, wanted in expected.items():
        if not wanted.meets(counts.get(side)):
            yield side, f"{side}: {wanted}", Came(f"{side}: {counts.get(side)}")


PARTS: Mapping[str, Callable[[Any, Seen], Any]] = {
    "slate": slate_faults, "profile": profile_faults, "constraints": constraint_faults, "relaxed": _relaxed,
    "question": question_faults, "words": words_faults, "events": event_faults, "latency_ms": _latency, "tokens": _tokens,
}  # fmt: skip
