"""Deliberate faults, put into a copy of the product one at a time: which of them do the shipped conversations notice?

`python -m tests.faults [WORD…]` prints a table (about 20 s a fault); WORD: only those whose name holds one.
"""

# ruff: noqa: E501 - a line a fault
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.running import ROOT, environment

COPIED = ("bot", "retrieval", "prompts", "tests/conversations")


class Fault(NamedTuple):
    """What is wrong, and the text of a file that makes it so."""

    name: str
    file: str
    sound: str
    faulty: str
    among: str = "not pieces"  # which conversations are asked


FAULTS = [
    Fault("conditions are ignored", "bot/asking.py", "constraints=profile.constraints,", "constraints=(),"),
    Fault("nothing is excluded", "bot/asking.py", "exclusions=profile.exclusions,", "exclusions=frozenset(),"),
    Fault("a rejected item returns", "bot/profile.py", "self.rejected | self.consumed | self.set_aside", "self.consumed | self.set_aside"),
    Fault("a consumed item returns", "bot/profile.py", "self.rejected | self.consumed | self.set_aside", "self.rejected | self.set_aside"),
    Fault("not now is not heard", "bot/profile.py", 'if e.kind == "not_now"', 'if e.kind == "no"'),
    Fault("seen is rejected", "bot/deeds.py", 'REJECTING: frozenset[EventKind] = frozenset({"dislike", "dismiss"})', 'REJECTING: frozenset[EventKind] = frozenset({"dislike", "dismiss", "consumed"})'),
    Fault("dislikes are likes", "bot/deeds.py", '"dislike": -1.0', '"dislike": 1.0'),
    Fault("ratings are read upside down", "bot/deeds.py", "(event.value - 2.75) / 2.25))", "(2.75 - event.value) / 2.25))"),
    Fault("decay runs backwards", "bot/interests.py", "math.exp2(-max(0.0, seconds) / 86_400 / LONG_TERM_DAYS)", "1 - math.exp2(-max(0.0, seconds) / 86_400 / LONG_TERM_DAYS)"),
    Fault("users are mixed up", "bot/events.py", "self._rows(_events, _events.c.user == user))", "self._rows(_events, sql.true()))"),
    Fault("turns of all users count", "bot/events.py", "self._rows(_turns, _turns.c.user == user))", "self._rows(_turns, sql.true()))"),
    Fault("a repeated event counts twice", "bot/event_door.py", "if event.id not in before:", "if True:"),
    Fault("unknown items are taken in", "bot/event_door.py", "if event.item not in catalogue:", "if False:"),
    Fault("bad ratings are taken in", "bot/event_door.py", "    return value_fault(event.kind, event.value)", '    return ""'),
    Fault("the slate is empty", "retrieval/ranking.py", "return Slate(slate_id, tuple(recommendations), relaxed)", "return Slate(slate_id, (), relaxed)"),
    Fault("the slate is one item short", "retrieval/ranking.py", "return Slate(slate_id, tuple(recommendations), relaxed)", "return Slate(slate_id, tuple(recommendations)[:-1], relaxed)"),
    Fault("the worst come first", "retrieval/ranking.py", "met[np.argsort(-total[met]", "met[np.argsort(total[met]"),
    Fault("only popularity ranks", "retrieval/sources.py", '"wishes": self.facets.scores(query.wishes),', '"wishes": self.facets.scores(()),'),
    Fault("likes lead nowhere", "bot/asking.py", "seeds=_seeds(profile.steering), taste=_seeds(profile.background), examples=profile.examples,", ""),
    Fault("an old taste outweighs a new mood", "bot/profile.py", "if not self.intent_text:\n            return dict", "if True:\n            return dict"),
    Fault("relaxing is not told", "bot/template.py", '    return f"Nothing in the catalogue keeps every condition, so I let go of “{told}”."', '    return ""'),
    Fault("bans give way first", "retrieval/constraints.py", '(c.operator in ("$nin", "$ne"), kept.index(c))', '(c.operator not in ("$nin", "$ne"), kept.index(c))'),
    Fault("after is before", "retrieval/constraints.py", '"$gt": np.greater,', '"$gt": np.less,'),
    Fault("a bound lets its neighbours through", "retrieval/constraints.py", 'np.less_equal,\n', 'np.not_equal,\n'),
    Fault("claims are not checked", "bot/explanation.py", "    if claim is None:\n", "    if claim is None and not sentence:\n"),
    Fault("words name another item", "bot/template.py", '    """The title, with the year where there is one."""', '    """The title, with the year where there is one."""\n    return "The Godfather (1972)"'),
    Fault("the template says nothing", "bot/template.py", '    """One true sentence about a recommendation, from its own reasons and facts."""', '    """One true sentence about a recommendation, from its own reasons and facts."""\n    return ""'),
    Fault("a stage is slow", "bot/recommender.py", 'timings.mark("retrieve")', 'time.sleep(1.2)\n        timings.mark("retrieve")', "cards and model"),
    Fault("undo does nothing", "bot/recommender.py", "return bool(entry) and self.correct(", "return bool(entry) or self.correct("),
    Fault("starting over forgets nothing", "bot/profile.py", "kept = [turn for at, turn in enumerate(turns) if at > resets.get(turn.session_id, -1)]", "kept = list(turns)"),
    Fault("asides move the slate", "bot/standing.py", "if not understanding.aside or profile.exclusions & set(shown):", "if True:"),
    Fault("others are not others", "bot/profile.py", "| {item for turn in here for item in turn.understanding.passed}", ""),
    Fault("newcomers are asked without end", "bot/elicitation.py", "if not newcomer or len(asked) >= MOST", "if False"),
    Fault("newcomers are never asked", "bot/elicitation.py", "if not newcomer or len(asked) >= MOST", "if True"),
    Fault("deeds are not logged", "bot/recommender.py", "            if self.log.append(let_in.events):", "            if not let_in.events:"),
    Fault("conditions outlive the conversation", "bot/profile.py", "constraints=kept_conditions(here),", "constraints=kept_conditions(said),"),
]  # fmt: skip


def noticed(fault: Fault) -> tuple[int, str]:
    """How many conversations fail with a fault, and one of them."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in COPIED:
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        if fault.file:
            text = (copy / fault.file).read_text(encoding="utf-8")
            (copy / fault.file).write_text(text.replace(fault.sound, fault.faulty, 1), encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "-m", "bot", "test", "tests/conversations", "--json", "-k", fault.among], cwd=copy, capture_output=True, text=True,
            env=environment(PYTHONPATH=str(copy)), check=False,
        )  # fmt: skip
    if not ran.stdout:
        return -1, ran.stderr.strip().splitlines()[-1]
    failed = [one["name"] for one in json.loads(ran.stdout)["conversations"] if one["status"] in ("failed", "xpassed")]
    return len(failed), failed[0] if failed else ""


if __name__ == "__main__":
    wanted = [fault for fault in FAULTS if not sys.argv[1:] or any(word in fault.name for word in sys.argv[1:])]
    caught = 0
    print("| fault | conversations that fail | one of them |\n|---|---:|---|")
    for fault in wanted:
        count, one = noticed(fault)
        caught += count > 0
        print(f"| {fault.name} | {count} | {one} |", flush=True)
    print(f"\n{caught} of {len(wanted)} are noticed")
