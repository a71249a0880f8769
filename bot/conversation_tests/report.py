"""What a conversation that did not hold looks like on paper: the transcript, what was expected and what came, and why."""

from collections.abc import Iterator, Sequence

from bot.conversation_tests.checks import Failure
from bot.conversation_tests.reading import Script
from bot.conversation_tests.runner import Outcome, Run, StepRun
from bot.conversation_tests.seen import Item

MOST_PARTS = 6  # score parts of an item, the greatest


def report(outcome: Outcome) -> str:
    """The first repetition that failed, told in full; the share that held where there were several."""
    script = outcome.script
    if outcome.status == "xpassed":
        return f"{script.place(('xfail',))[0]}: “{script.name}” holds, though it is expected to fail: take its xfail away"
    failed = next((run for run in outcome.runs if run.failed), outcome.runs[0])
    lines = [f"{script.place(())[0]}: {script.name}"]
    if len(outcome.runs) > 1:
        lines.append(f"held {outcome.rate:.0%} of {len(outcome.runs)} times, wanted {script.scenario.pass_rate:.0%}; ")
        lines[-1] += f"with the seed {failed.seed}:"
    return "\n".join([*lines, *transcript(failed), *_failures(script, failed)])


def transcript(run: Run) -> Iterator[str]:
    """What was said, done and shown, a step after the other."""
    for one in run.steps:
        if one.at >= 0:
            yield f"  {one.at + 1:>2}. {_taken(one)}"
        if "slate" in one.answer:
            items = ", ".join(f"{item['id']} {item.get('score', 0):.3g}" for item in one.answer["slate"]["items"])
            yield f"      slate: {items or 'empty'}"
        if one.answer.get("words"):
            yield f"      words: {one.answer['words']}"
        for why in one.cannot:
            yield f"      cannot: {why}"


def _taken(one: StepRun) -> str:
    step = one.step
    who = f" ({step.who})" if step.who else ""
    if step.user:
        return f"user{who}: {step.user}"
    if step.event:
        return f"event{who}: {step.event.kind} {step.event.item or f'place {step.event.position}'}"
    if step.wait:
        return f"wait: {step.wait.total:g} seconds"
    return f"observe{who}: {step.observe}" if step.observe else f"restart{who}: {step.restart}"


def _failures(script: Script, run: Run) -> Iterator[str]:
    for one in run.steps:
        for failure in one.failures:
            yield from told(script, one, failure)
        if one.failures and one.parts:
            yield "      score parts:"
            yield from (f"        {_parts(item)}" for item in one.parts)


def told(script: Script, one: StepRun, failure: Failure) -> Sequence[str]:
    """One failure with its place."""
    loc = ("setup",) if one.at < 0 else ("steps", one.at, "expect", *failure.path)
    place, path = script.place(loc)
    return [f"  ✗ {place} {path}", f"      expected  {failure.expected}", f"      came      {failure.came}"]


def _parts(item: Item) -> str:
    shares = sorted(item.get("contributions", {}).items(), key=lambda pair: -abs(pair[1]))[:MOST_PARTS]
    place = f"rank {item['rank']}" if item.get("rank") else "not on the slate"
    told = ", ".join(f"{name} {share:+.3f}" for name, share in shares) or "no source scores it"
    return f"{item['id']}  {place}, score {item.get('score', 0):.3f}: {told}"
