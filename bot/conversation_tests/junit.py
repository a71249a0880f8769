"""A run as JUnit XML, as CI servers read it."""

import xml.etree.ElementTree as ET  # nosec B405 - written here, never read
from collections.abc import Sequence
from pathlib import Path

from bot.conversation_tests.report import report
from bot.conversation_tests.runner import Outcome


def write_junit(file: Path, outcomes: Sequence[tuple[Outcome, float]]) -> None:
    """Write outcomes, each with its seconds."""
    suite = ET.Element("testsuite", name="parley")
    counts = {"tests": len(outcomes), "failures": 0, "errors": 0, "skipped": 0}
    for outcome, seconds in outcomes:
        script = outcome.script
        case = ET.SubElement(suite, "testcase", classname=str(script.file), name=script.name, time=f"{seconds:.3f}")
        if not outcome.good:
            counts["failures"] += 1
            ET.SubElement(case, "failure", message="a conversation did not hold").text = report(outcome)
        elif outcome.status != "passed":
            counts["skipped"] += 1
            why = script.scenario.xfail if outcome.status == "xfailed" else "; ".join(outcome.runs[0].cannot)
            ET.SubElement(case, "skipped", message=f"{outcome.status}: {why}")
    suite.attrib.update({name: str(count) for name, count in counts.items()}, time=f"{sum(s for _, s in outcomes):.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
