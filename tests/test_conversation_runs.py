"""Runs of conversations: each starts with nothing learnt, the same every time; plugin, command and servers tell the same."""

import json
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bot.api.application import api
from bot.api.sites import DEFAULT, Site
from bot.conversation_tests.runner import run
from bot.conversation_tests.running import targets
from bot.conversation_tests.yaml_nodes import ConversationError
from tests.conversation_folder import QUIET, folder, held, written
from tests.foreign_bot import tea_bot
from tests.running import ROOT, at_once, command, environment, refusal

GREEN = f"- {{name: green, tags: [quick], steps: [{{user: {QUIET}, expect: {{slate: {{include: [orbit-2009]}}}}}}]}}\n"
RED = f"- {{name: red, steps: [{{user: {QUIET}, expect: {{slate: {{exclude: [orbit-2009]}}}}}}]}}\n"
KNOWN = f"- {{name: known, xfail: wrong, steps: [{{user: {QUIET}, expect: {{slate: {{size: 3}}}}}}]}}\n"
HELD = f"- {{name: held, xfail: mended, steps: [{{user: {QUIET}, expect: {{slate: {{size: 5}}}}}}]}}\n"


@pytest.fixture
def place(catalogue_file, tmp_path):
    return folder(catalogue_file, tmp_path)


def shown(outcome, step=-1):
    return [item["id"] for item in outcome.runs[0].steps[step].answer["slate"]["items"]]


def test_nothing_learnt_goes_from_one_conversation_to_the_next(place):
    file = written(place, """
        - {name: before, steps: [{observe: slate}]}
        - name: between
          setup:
            history: [{kind: like, item: bear-2011, days_ago: 1}, {kind: like, item: kite-1995, days_ago: 1}]
          steps: [{event: {kind: purchase, item: vault-1988}}, {observe: slate}]
        - name: after
          steps: [{observe: slate, expect: {events: {count: 0}, profile: {affinities: {bear-2011: null}}}}]
    """)  # fmt: skip
    before, between, after = held(file)
    assert shown(before) == shown(after) != shown(between)
    assert after.status == "passed"


def test_a_conversation_is_the_same_every_time(place):
    file = written(place, """
        - name: twice
          setup: {seed: 3, clock: "2024-02-29T12:00:00"}
          steps:
            - {user: a quiet science fiction film}
            - {event: {kind: like, position: 2}}
            - {user: something else}
            - {restart: server}
            - {user: why}
    """)  # fmt: skip
    first, second = (held(file)[0].runs[0] for _ in range(2))
    for one, other in zip(first.steps, second.steps, strict=True):
        same = [{k: v for k, v in step.answer.items() if k not in ("timings_ms", "round_trip_ms")} for step in (one, other)]
        assert same[0] == same[1]


def test_the_clock_moves_only_as_the_script_says(place):
    file = written(place, """
        - name: fading
          setup: {history: [{kind: like, item: kite-1995, days_ago: 5}]}
          steps:
            - {observe: profile, expect: {profile: {affinities: {kite-1995: {$gt: 0.5}}}}}
            - {wait: {days: 200}}
            - {observe: profile, expect: {profile: {affinities: {kite-1995: {$lt: 0.5}}}}}
    """)  # fmt: skip
    (outcome,) = held(file)
    first, _, last = outcome.runs[0].steps
    assert first.answer["profile"]["affinities"]["kite-1995"] > 0.5 and outcome.runs[0].failed is False, last.failures


def test_a_share_of_the_repetitions_is_enough(place):
    class Moody:
        """Answers well but for every third time."""

        titles, starts = {}, 0

        def start(self, setup, seed):
            self.starts, self.seed = self.starts + 1, seed

        def say(self, message, who):
            return {"words": "no" if self.starts % 3 == 0 else "yes"}

        def close(self):
            pass

    text = "".join(
        f"- {{name: n{rate}, repeat: 6, pass_rate: {rate}, steps: [{{user: x, expect: {{words: {{mentions: ['yes']}}}}}}]}}\n"
        for rate in (0.6, 0.7)
    )
    from bot.conversation_tests.reading import read

    outcomes = [run(script, Moody()) for script in read(written(place, text))]
    assert [outcome.status for outcome in outcomes] == ["passed", "failed"]
    assert [run.seed for run in outcomes[0].runs] == [0, 1, 2, 3, 4, 5]


def test_a_setup_that_cannot_be_is_a_failure_in_its_line(place):
    (outcome,) = held(written(place, "- {name: a, setup: {profile: {likes: [nobody]}}, steps: [{observe: slate}]}"))
    assert outcome.status == "failed"
    assert "no item 'nobody'" in outcome.runs[0].steps[0].failures[0].came


def test_what_breaks_in_the_product_is_a_failure_of_one_conversation(place, monkeypatch):
    from bot.recommender import Recommender

    monkeypatch.setattr(Recommender, "reply", lambda *_, **__: 1 / 0)
    outcomes = held(written(place, f"- {{name: a, steps: [{{user: {QUIET}}}]}}\n- {{name: b, steps: [{{observe: slate}}]}}"))
    assert [outcome.status for outcome in outcomes] == ["failed", "passed"]
    assert "ZeroDivisionError" in outcomes[0].runs[0].steps[0].failures[0].came


def test_a_place_that_was_not_shown_is_told(place):
    (outcome,) = held(written(place, f"- {{name: a, steps: [{{user: {QUIET}}}, {{event: {{kind: like, item: '1#9'}}}}]}}"))
    assert "'1#9' names a place on a slate that was not shown" in outcome.runs[0].steps[1].failures[0].came


# The command


def test_exit_codes_tell_what_became_of_a_run(place):
    for text, code in [(GREEN, 0), (GREEN + RED, 1), (KNOWN, 0), (HELD, 1), ("- {nam: a}", 2)]:
        assert at_once(place, "test", written(place, text)).returncode == code, text
    assert "did you mean 'name'" in refusal(at_once(place, "test", written(place, "- {nam: a}")))
    assert "does not exist" in refusal(at_once(place, "test", "nowhere"))
    assert "chooses none" in refusal(at_once(place, "test", written(place, GREEN), "-k", "blue"))
    assert "--model is 'loud'" in refusal(at_once(place, "test", written(place, GREEN), "--model", "loud"))
    assert "cannot be reached" in refusal(at_once(place, "test", written(place, GREEN), "--url", "http://127.0.0.1:1"))
    assert at_once(place, "test", written(place, GREEN + RED), "-k", "quick and not red").returncode == 0


def test_a_failure_is_told_with_transcript_place_and_score_parts(place):
    told = at_once(place, "test", written(place, RED)).stdout
    for part in (
        f"1. user: {QUIET}", "slate: listeners-2016", "some.conv.yaml:4 steps[1].expect.slate.exclude",
        "expected  slate: exclude: [orbit-2009]", "came      orbit-2009 is there", "orbit-2009  rank 2, score", "wishes +",
    ):  # fmt: skip
        assert part in told, told


def test_json_and_junit_tell_every_conversation(place):
    ran = at_once(place, "test", written(place, GREEN + RED + KNOWN), "--json", "--junit", "out.xml")
    told = json.loads(ran.stdout)
    assert told["counts"] == {"passed": 1, "failed": 1, "xfailed": 1}
    (failure,) = told["conversations"][1]["failures"]
    assert failure["path"] == "slate.exclude" and failure["parts"][0]["contributions"]["wishes"] > 0
    suite = ET.parse(place / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert "orbit-2009 is there" in suite[1][0].text


def test_a_watched_run_is_held_again_when_a_file_changes(place):
    file = written(place, GREEN)
    process = subprocess.Popen(
        command("test", file, "--watch"), cwd=place, env=environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True
    )
    try:
        assert "green" in process.stdout.readline()
        assert "1 passed" in process.stdout.readline()
        written(place, RED)
        assert "red" in process.stdout.readline()
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_run_is_compared_with_its_baseline(place):
    file = written(place, GREEN)
    assert at_once(place, "test", file, "--update").returncode == 0
    baseline = place / "conversations.baseline.json"
    assert "0 of 1 steps differ" in at_once(place, "test", file, "--compare", baseline).stdout
    kept = json.loads(baseline.read_text())
    slate = kept["slates"]["some.conv.yaml::green"]["1"]
    slate[0], slate[1], slate[4] = slate[1], slate[0], "letters-1962"
    baseline.write_text(json.dumps(kept))
    drift = json.loads(at_once(place, "test", file, "--compare", baseline, "--json").stdout)["drift"]
    assert drift == [{"conversation": "some.conv.yaml::green", "step": 1, "overlap": 0.8, "tau": pytest.approx(4 / 6)}]
    assert "is no baseline" in refusal_line(at_once(place, "test", file, "--compare", file))


def refusal_line(ran):
    assert ran.returncode == 2
    return ran.stderr.splitlines()[-1]


# The plugin


def pytest_in(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own that finds the plugin by the entry point of pyproject.toml, as after an installation."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    about = place / "site" / "parley_plugin-1.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: parley-plugin\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pytest11]\n" + "".join(f"{name} = {module}\n" for name, module in told.items()))
    paths = os.pathsep.join([str(place / "site"), str(ROOT)])
    (place / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "pytest.ini", *arguments],
        cwd=place, env=environment(PYTHONPATH=paths), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_pytest_collects_conversations_and_tells_what_the_command_tells(place):
    written(place, GREEN + RED + KNOWN + HELD)
    ran = pytest_in(place, "--junitxml=out.xml", "-rxX")
    assert ran.returncode == 1
    for part in ("2 failed, 1 passed, 1 xfailed", "came      orbit-2009 is there", "wishes +", "take its xfail away"):
        assert part in ran.stdout, ran.stdout
    assert "Traceback" not in ran.stdout
    assert ET.parse(place / "out.xml").getroot()[0].get("failures") == "2"
    assert "1 passed, 3 deselected" in pytest_in(place, "-m", "quick").stdout
    assert "1 passed, 3 deselected" in pytest_in(place, "-k", "green").stdout


def test_a_broken_file_is_a_collection_error_in_one_sentence(place):
    written(place, "- {nam: a}")
    ran = pytest_in(place)
    assert ran.returncode == 2
    assert "some.conv.yaml, line 4, scenarios" in ran.stdout or "did you mean 'name'?" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_pytest_holds_conversations_with_a_server(place):
    written(place, "- {name: tea, steps: [{user: no green please, expect: {slate: {none_match: {kind: green}}}}]}")
    with tea_bot() as url:
        assert "1 passed" in pytest_in(place, "--parley-url", url).stdout


# Servers

TEA = """
- name: a ban holds
  steps:
    - {user: tea, expect: {slate: {size: 3, include: [sencha]}, words: {mentions: [Sencha], about_slate_only: true}}}
    - {user: no green please, expect: {slate: {none_match: {kind: green}, exclude: ["1#1"], moved_up: [assam]}}}
- name: a ban is forgotten
  steps: [{user: no green}, {user: no black, expect: {slate: {include: [sencha]}}}]
- name: too dear
  steps: [{user: tea, expect: {slate: {all_match: {price: {$lt: 5}}}}}]
- name: broken
  steps: [{user: crash, expect: {slate: {size: 1}}}]
- name: garbled
  steps: [{user: garble, expect: {words: {forbids: [x]}}}]
- name: odd
  steps: [{user: odd, expect: {question: {mentions: [green]}, profile: {rejected: [assam]}}}]
- name: apart
  steps: [{as: ann, user: no green}, {as: bob, user: tea, expect: {slate: {include: [sencha]}}}]
- name: a deed
  steps: [{event: {kind: like, item: assam}, expect: {slate: {size: 3}}}]
- name: a profile
  steps: [{user: tea, expect: {profile: {rejected: [assam]}}}]
- name: later
  steps: [{user: tea}, {wait: {days: 2}}, {user: tea, expect: {slate: {size: 3}}}]
- name: quick
  steps: [{user: tea, expect: {latency_ms: {round_trip: {$lte: 5000}}}}]
"""


def test_a_foreign_bot_passes_and_fails_as_it_should(place):
    with tea_bot() as url:
        outcomes = held(written(place, TEA), url=url)
    assert {outcome.script.name: outcome.status for outcome in outcomes} == {
        "a ban holds": "passed", "a ban is forgotten": "failed", "too dear": "failed", "broken": "failed",
        "garbled": "failed", "odd": "failed", "apart": "passed", "a deed": "cannot", "a profile": "cannot",
        "later": "cannot", "quick": "passed",
    }  # fmt: skip
    assert "rooibos has price 5.2" in outcomes[2].runs[0].steps[0].failures[0].came
    assert "the kettle is broken" in outcomes[3].runs[0].steps[0].failures[0].came
    assert "is no {items: [{id, …}]}" in outcomes[4].runs[0].steps[0].failures[0].came
    assert [failure.path for failure in outcomes[5].runs[0].steps[0].failures] == [("profile",)]
    assert outcomes[7].runs[0].cannot == ["step 1: the server has no POST /events"]
    assert outcomes[9].runs[0].cannot == ["step 2: a server's clock cannot be moved"]


def test_only_what_cannot_be_held_is_a_run_that_cannot_be(place):
    file = written(place, "- {name: later, steps: [{user: tea}, {wait: {days: 2}}]}")
    with tea_bot() as url:
        assert at_once(place, "test", file, "--url", url).returncode == 2


def test_parleys_own_server_is_a_target_like_any(place, recommender):
    import threading

    import uvicorn

    served = api({DEFAULT: recommender}, {DEFAULT: Site()}, b"x" * 32)
    server = uvicorn.Server(uvicorn.Config(served, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    file = written(place, f"""
        - name: whole
          setup: {{profile: {{dislikes: [signal-1979]}}}}
          steps:
            - user: {QUIET}
              expect: {{slate: {{include: [orbit-2009], exclude: [signal-1979]}}, profile: {{rejected: [signal-1979]}}}}
            - event: {{kind: dislike, position: 1}}
              expect: {{slate: {{exclude: ["1#1"]}}, events: {{duplicate: false, count: 2}}}}
            - {{event: {{kind: like, item: nobody}}, expect: {{events: {{refused: does not have}}}}}}
            - {{observe: profile, expect: {{profile: {{rejected: ["1#1", signal-1979]}}}}}}
    """)  # fmt: skip
    try:
        with targets(url) as open_target:
            from bot.conversation_tests.reading import read

            (outcome,) = [run(script, open_target(script)) for script in read(file)]
    finally:
        server.should_exit = True
        thread.join()
    assert outcome.status == "passed", [(step.failures, step.cannot) for step in outcome.runs[0].steps]


def test_an_address_that_is_none_is_told(place):
    with pytest.raises(ConversationError, match="begins with http"):
        held(written(place, GREEN), url="localhost:80")
