"""How a run of conversations is told: in the terminal, and as one JSON object."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.conversation_tests.baseline import Drift
from bot.conversation_tests.report import report
from bot.conversation_tests.runner import Outcome

MARKS = {
    "passed": "[green]✓[/green]", "failed": "[red]✗[/red]", "xpassed": "[red]✗[/red]", "xfailed": "[yellow]x[/yellow]",
    "cannot": "[yellow]-[/yellow]",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Results:
    """What was held, each with its seconds."""

    held: list[tuple[Outcome, float]]

    @property
    def counts(self) -> Counter[str]:
        """By status."""
        return Counter(outcome.status for outcome, _ in self.held)

    @property
    def exit_code(self) -> int:
        """0: all hold, 1: some fail, 2: not one could be held with this target."""
        if not all(outcome.good for outcome, _ in self.held):
            return 1
        return 2 if self.counts["cannot"] == len(self.held) else 0


def show(outcome: Outcome, seconds: float, out: Console) -> None:
    """One line, and all of what did not hold."""
    out.print(f"{MARKS[outcome.status]} {escape(outcome.script.name)} [dim]{seconds:.2f} s[/dim]", highlight=False)
    if outcome.status == "xfailed":
        out.print(f"  expected to fail: {outcome.script.scenario.xfail}", style="dim", markup=False)
    if outcome.status == "cannot":
        out.print(f"  cannot: {'; '.join(outcome.runs[0].cannot)}", style="dim", markup=False)
    if not outcome.good:
        out.print(report(outcome), markup=False, highlight=False)


def show_end(results: Results, out: Console) -> None:
    """The counts."""
    told = ", ".join(f"{count} {status}" for status, count in sorted(results.counts.items()))
    out.print(f"{len(results.held)} conversations: {told}, in {sum(seconds for _, seconds in results.held):.1f} s")


def show_drift(drifts: Sequence[Drift], out: Console) -> None:
    """A row for each step that changed, and the means over all."""
    changed = [drift for drift in drifts if list(drift.before) != list(drift.now)]
    if changed:
        table = Table("conversation", "step", "overlap@k", "Kendall tau", "gone", "new")
        for drift in changed:
            gone, new = (", ".join(one for one in a if one not in b) for a, b in _both(drift))
            table.add_row(escape(drift.script), drift.step, f"{drift.overlap:.2f}", _number(drift.tau), gone, new)
        out.print(table)
    taus = [drift.tau for drift in drifts if drift.tau is not None]
    overlap = mean(drift.overlap for drift in drifts) if drifts else 0.0
    told = f"mean overlap@k {overlap:.3f}, mean Kendall tau {_number(mean(taus) if taus else None)}"
    out.print(f"{len(changed)} of {len(drifts)} steps differ from the baseline; {told}")


def print_json(results: Results, drifts: Sequence[Drift]) -> None:
    """One object: `counts`, `conversations`, and `drift` where a run was compared."""
    told = {
        "counts": dict(results.counts),
        "conversations": [_outcome_json(outcome, seconds) for outcome, seconds in results.held],
        **({"drift": [_drift_json(drift) for drift in drifts]} if drifts else {}),
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


def _outcome_json(outcome: Outcome, seconds: float) -> dict[str, Any]:
    script = outcome.script
    failures = [
        {
            "seed": run.seed, "step": step.at + 1, "place": script.place(("steps", step.at, "expect", *failure.path))[0],
            "path": ".".join(failure.path), "expected": failure.expected, "came": failure.came,
            "parts": [{"id": item["id"], "contributions": item.get("contributions", {})} for item in step.parts],
        }
        for run in outcome.runs for step in run.steps for failure in step.failures
    ]  # fmt: skip
    told = {"file": str(script.file), "line": script.line, "name": script.name, "tags": list(script.scenario.tags)}
    told |= {"status": outcome.status, "rate": outcome.rate, "seconds": round(seconds, 3)}
    return {**told, "failures": failures, "cannot": outcome.runs[0].cannot, "xfail": script.scenario.xfail}


def _drift_json(drift: Drift) -> dict[str, Any]:
    return {"conversation": drift.script, "step": int(drift.step), "overlap": drift.overlap, "tau": drift.tau}


def _both(drift: Drift) -> list[tuple[Sequence[str], Sequence[str]]]:
    return [(drift.before, drift.now), (drift.now, drift.before)]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
