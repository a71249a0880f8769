"""Holds one scripted conversation with a target and tells what did not hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.conversation_tests.checks import Failure, check
from bot.conversation_tests.models import Step
from bot.conversation_tests.reading import Script
from bot.conversation_tests.references import resolved
from bot.conversation_tests.seen import Item, Seen
from bot.conversation_tests.target import Answer, CannotError, RefusedError, SetupError, Target

Status = Literal["passed", "failed", "xfailed", "xpassed", "cannot"]


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step as it went. `at`: its place among the steps, from 0; `parts`: score parts of items that failures concern."""

    at: int
    step: Step
    answer: Answer = field(default_factory=dict[str, Any])
    failures: Sequence[Failure] = ()
    cannot: Sequence[str] = ()
    parts: Sequence[Item] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One holding of a conversation, up to the first step that something did not hold in."""

    seed: int
    steps: Sequence[StepRun]

    @property
    def failed(self) -> bool:
        """Whether anything did not hold."""
        return any(step.failures for step in self.steps)

    @property
    def cannot(self) -> list[str]:
        """What the target has no way to do."""
        return [f"step {step.at + 1}: {why}" for step in self.steps for why in step.cannot]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a script."""

    script: Script
    runs: Sequence[Run]

    @property
    def rate(self) -> float:
        """The share of the repetitions that held."""
        return sum(not run.failed for run in self.runs) / len(self.runs)

    @property
    def status(self) -> Status:
        """Failed beats cannot: what could be seen and did not hold is a failure, whatever else could not be seen."""
        holds = self.rate >= self.script.scenario.pass_rate - 1e-9
        if not holds:
            return "xfailed" if self.script.scenario.xfail else "failed"
        if any(run.cannot for run in self.runs):
            return "cannot"
        return "xpassed" if self.script.scenario.xfail else "passed"

    @property
    def good(self) -> bool:
        """Whether it is no reason for alarm."""
        return self.status in ("passed", "xfailed", "cannot")


def run(script: Script, target: Target) -> Outcome:
    """Hold a conversation as often as it is to be repeated, the n-th time with the seed plus n."""
    runs: list[Run] = []
    for repetition in range(script.scenario.repeat):
        runs.append(_held(script, target, script.scenario.setup.seed + repetition))
    return Outcome(script, runs)


def _held(script: Script, target: Target, seed: int) -> Run:
    steps: list[StepRun] = []
    told = Conversation(target)
    try:
        try:
            target.start(script.scenario.setup, seed)
        except CannotError as error:
            return Run(seed, [StepRun(0, script.scenario.steps[0], cannot=[str(error)])])
        except SetupError as error:
            return Run(seed, [StepRun(-1, script.scenario.steps[0], failures=[Failure(("setup",), "a setup", str(error))])])
        for at, step in enumerate(script.scenario.steps):
            steps.append(told.step(at, step))
            undone = steps[-1].cannot and not steps[-1].answer  # what follows rests on it
            if steps[-1].failures or undone:
                break
    finally:
        target.close()
    return Run(seed, steps)


class Conversation:
    """What was said and shown so far, by visitor."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._slates: dict[str, list[Item]] = {}
        self._said: dict[str, list[str]] = {}
        self._by_step: dict[int, list[str]] = {}

    def step(self, at: int, step: Step) -> StepRun:
        """Take a step and check what came."""
        try:
            step = resolved(step, {**self._by_step, 0: [str(item["id"]) for item in self._slates.get(step.who, ())]})
            seen = self.take(at, step)
        except CannotError as error:
            return StepRun(at, step, cannot=[str(error)])
        except RefusedError as error:
            return StepRun(at, step, failures=[Failure((), "an answer", f"refused: {error}")])
        except Exception as error:  # noqa: BLE001 - whatever breaks in what is tested is a failure of this conversation alone
            return StepRun(at, step, failures=[Failure((), "an answer", f"{type(error).__name__}: {error}")])
        answer = seen.answer
        failures, cannot = check(step.expect, seen) if step.expect else ([], [])
        refused = answer["event"]["refused"] if step.event else ""
        if refused and not (step.expect and step.expect.events and step.expect.events.refused is not None):
            failures.append(Failure((), "an event that is taken in", f"refused: it {refused}"))
        return StepRun(at, step, answer, failures, cannot, self._parts(step, answer, failures))

    def take(self, at: int, step: Step) -> Seen:
        """Take the step at a place, from 0; what came, unchecked. Raises CannotError and RefusedError."""
        answer = self._taken(step)
        seen = self._seen(step, answer)
        if "slate" in answer:
            self._slates[step.who] = list(answer["slate"]["items"])
            self._by_step[at + 1] = [str(item["id"]) for item in answer["slate"]["items"]]
        return seen

    def _taken(self, step: Step) -> Answer:
        if step.user:
            self._said.setdefault(step.who, []).append(step.user)
            return self._target.say(step.user, step.who)
        if step.event:
            return self._target.do(step.event, step.who)
        if step.observe:
            return self._target.observe(step.observe, step.who)
        if step.restart:
            self._target.restart(step.restart, step.who)
        if step.wait:
            self._target.wait(step.wait.total)
        return {}

    def _seen(self, step: Step, answer: Answer) -> Seen:
        profile = answer.get("profile")
        known = frozenset(profile.get("affinities") or ()) if isinstance(profile, dict) else frozenset[str]()
        return Seen(
            answer, self._slates.get(step.who), self._target.titles, self._said.get(step.who, []), known,
            lambda: self._target.recorded(step.who),
        )  # fmt: skip

    def _parts(self, step: Step, answer: Answer, failures: Sequence[Failure]) -> list[Item]:
        """Score parts of the items that failures concern: from the slate, else as the target works them out."""
        ids = list(dict.fromkeys(one for failure in failures for one in failure.items))
        there = {item["id"]: item for item in answer.get("slate", {}).get("items", ())}
        missing = [one for one in ids if one not in there]
        try:
            found = {item["id"]: item for item in self._target.parts(missing, step.who)} if missing else {}
        except CannotError:
            found = {}
        return [{**there, **found}[one] for one in ids if one in there or one in found]
