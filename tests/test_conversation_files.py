"""Conversation files: every fault is told with file, line and path; every expectation can fail alone, and hold."""

import json
import subprocess
import sys

import jsonschema
import pytest
import yaml

from bot.conversation_tests import schema
from bot.conversation_tests.baseline import Drift
from bot.conversation_tests.choosing import chosen
from bot.conversation_tests.conditions import Condition
from bot.conversation_tests.reading import find, read
from bot.conversation_tests.yaml_nodes import ConversationError
from tests.conversation_folder import QUIET, folder, one_target, written
from tests.running import ROOT

SOUND = """\
version: 1
setup: {catalogue: catalogue.jsonl}
scenarios:
  - name: quiet
    setup: {seed: 7, language_model: off}
    vars: {kind: horror}
    tags: [quick]
    steps:
      - user: something quiet
        expect:
          slate: {size: {$gte: 3}, none_match: {genres: "${kind}"}}
          words: {grounded: true}
      - event: {kind: dislike, position: 1}
      - wait: {days: 2}
"""


@pytest.fixture
def place(catalogue_file, tmp_path):
    return folder(catalogue_file, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("version: 1", "version: 2", 1, "version is 2"),
        ("scenarios:", "scenes:", 3, "'scenes' is not known here; did you mean 'scenarios'?"),
        ("- name: quiet", "- nam: quiet", 4, "did you mean 'name'?"),
        ("seed: 7", "seed: high", 5, "setup.seed"),
        ("language_model: off", "language_model: loud", 5, "setup.language_model"),
        ("tags: [quick]", "tags: [xfail]", 7, "a marker of pytest's own"),
        ("- user: something quiet", "- users: something quiet", 9, "exactly one of user, event"),
        ("none_match", "non_match", 11, "steps[1].expect.slate.non_match: the key 'non_match' is not known"),
        ("$gte: 3", "$gt3: 3", 11, "steps[1].expect.slate.size.$gt3"),
        ("{$gte: 3}", "{$lte: 5}", 11, "set a floor beside it"),
        ("${kind}", "${knd}", 11, "${knd} is not set; known are kind"),
        ("grounded: true", "grounded: maybe", 12, "steps[1].expect.words.grounded"),
        ("kind: dislike", "kind: hate", 13, "steps[2].event.kind"),
        (", position: 1", "", 13, "needs an `item` or a `position`"),
        ("wait: {days: 2}", "wait: {weeks: 2}", 14, "steps[3].wait.weeks"),
        ("wait: {days: 2}", "include: nowhere.yaml", 14, "there is no file nowhere.yaml"),
        ("wait: {days: 2}", "wait: {days: 2, days: 3}", 14, "'days' stands there twice"),
        ("wait: {days: 2}", "wait: {days: 2", 15, "not YAML"),
    ],
)
def test_a_fault_is_told_with_its_file_line_and_path(place, old, new, line, told):
    file = place / "some.conv.yaml"
    assert old in SOUND
    file.write_text(SOUND.replace(old, new, 1))
    with pytest.raises(ConversationError) as error:
        read(file)
    sentence = str(error.value)
    assert sentence.startswith(f"{file}, line {line}") and told in sentence and "\n" not in sentence


def test_a_sound_file_is_read_with_the_line_of_everything(place):
    file = place / "some.conv.yaml"
    file.write_text(SOUND)
    (script,) = read(file)
    assert (script.name, script.line) == ("quiet", 4)
    assert script.place(("steps", 0, "expect", "slate", "none_match", "genres")) == (
        f"{file}:11", "steps[1].expect.slate.none_match.genres"
    )  # fmt: skip


def test_each_case_is_a_script_of_its_own(place):
    file = written(place, """
        - name: "a ${kind} film"
          cases: [{kind: western, least: 1}, {kind: horror, least: 2, xfail: too few}]
          steps: [{user: "a ${kind} film", expect: {slate: {size: {$gte: "${least}"}}}}]
        - name: again
          cases: [{n: 1}, {n: 2}]
          steps: [{user: hello}]
    """)  # fmt: skip
    scripts = read(file)
    assert [script.name for script in scripts] == ["a western film", "a horror film", "again [1]", "again [2]"]
    assert [script.scenario.xfail for script in scripts] == [None, "too few", None, None]
    assert scripts[1].scenario.steps[0].expect.slate.size.given == {"$gte": 2}


def test_included_steps_stay_in_the_line_where_they_were_written(place):
    written(place, '- {name: start, vars: {a: one}, steps: [{user: "${a}"}, {user: "${b}"}]}', "pieces.conv.yaml")
    file = written(place, """
        - name: whole
          vars: {b: two}
          steps:
            - include: pieces.conv.yaml#start
            - user: three
    """)  # fmt: skip
    (script,) = read(file)
    assert [step.user for step in script.scenario.steps] == ["one", "two", "three"]
    assert [script.place(("steps", at))[0] for at in (1, 2)] == [f"{place / 'pieces.conv.yaml'}:4", f"{file}:8"]


def test_a_file_that_includes_itself_is_told(place):
    file = written(place, '- {name: round, steps: [{include: "some.conv.yaml#round"}]}')
    with pytest.raises(ConversationError, match="includes itself"):
        read(file)


def test_the_published_schema_is_current_and_holds_of_the_shipped_suite():
    published = schema.FILE.read_text(encoding="utf-8")
    assert published == schema.schema(), "python -m bot.conversation_tests.schema writes it anew"
    validator = jsonschema.Draft202012Validator(json.loads(published))
    for file in find([ROOT / "tests" / "conversations"]):
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=")
        told = [error.message for error in validator.iter_errors(yaml.safe_load(text.replace(": off}", ": 'off'}")))]
        assert not told, (file, told[:1])


@pytest.mark.parametrize(
    ("written", "keeps", "breaks"),
    [
        ({"$eq": "Horror"}, ["horror", ["drama", "horror"]], ["drama", None, []]),
        ({"$ne": "horror"}, ["drama", None, []], ["horror", ["drama", "Horror"]]),
        ({"$in": [1, 2]}, [1, 2.0, [5, 2]], [3, "1.5", None]),
        ({"$nin": ["a", "b"]}, ["c", [], None], ["A", ["c", "b"]]),
        ({"$gt": 1, "$lte": 3}, [2, 3, 1.1], [1, 4, None, "2", True]),
        ({"$gte": 1, "$lt": 3}, [1, 2], [3, 0]),
    ],
)
def test_a_condition_holds_of_what_it_says(written, keeps, breaks):
    condition = Condition.model_validate(written)
    assert all(condition.meets(value) for value in keeps)
    assert not any(condition.meets(value) for value in breaks)


# Each on the second of two steps: after "a quiet science fiction film" comes what STEPS says. (step, holds, fails, path)
STEPS = {
    "same": f"user: {QUIET}", "newer": "user: 'something newer, no horror'", "none": "user: a western before 1900",
    "deed": "event: {kind: dislike, position: 1}", "why": "user: 'why?'", "new": f"as: bob, user: {QUIET}",
    "untrue": f"user: {QUIET}",
}  # fmt: skip
KINDS = [
    ("same", "slate: {size: 5}", "slate: {size: 4}", "slate.size"),
    ("same", "slate: {include: [orbit-2009]}", "slate: {include: [bear-2011]}", "slate.include"),
    ("same", "slate: {any_of: [orbit-2009, bear-2011]}", "slate: {any_of: [bear-2011]}", "slate.any_of"),
    ("same", "slate: {exclude: [bear-2011]}", "slate: {exclude: [orbit-2009]}", "slate.exclude"),
    ("newer", "slate: {only: [listeners-2016, starlight-2019, bear-2011]}", "slate: {only: [bear-2011]}", "slate.only"),
    ("same", "slate: {top: [listeners-2016, orbit-2009]}", "slate: {top: [orbit-2009]}", "slate.top"),
    ("same", "slate: {order: [listeners-2016, signal-1979]}", "slate: {order: [signal-1979, orbit-2009]}", "slate.order"),
    ("newer", "slate: {all_match: {year: {$gt: 2009}}}", "slate: {all_match: {year: {$gt: 2016}}}", "slate.all_match"),
    ("newer", "slate: {none_match: {genres: horror}}", "slate: {none_match: {genres: {$in: [family]}}}", "slate.none_match"),
    ("newer", "slate: {none_match: {genres: horror}}", "slate: {none_match: {genre: horror}}", "slate.none_match"),
    ("same", "slate: {some_match: {mood: quiet}}", "slate: {some_match: {mood: romantic}}", "slate.some_match"),
    ("same", "slate: {most_match: {genres: science fiction}}", "slate: {most_match: {mood: quiet}}", "slate.most_match"),
    ("newer", "slate: {moved_up: [starlight-2019]}", "slate: {moved_up: [listeners-2016]}", "slate.moved_up"),
    ("newer", "slate: {moved_down: [orbit-2009]}", "slate: {moved_down: [starlight-2019]}", "slate.moved_down"),
    ("why", "slate: {unchanged: true}", "slate: {unchanged: false}", "slate.unchanged"),
    ("newer", "slate: {unchanged: false}", "slate: {fresh: true}", "slate.fresh"),
    ("newer", "slate: {rises: [year]}", "slate: {falls: [year]}", "slate.falls"),
    ("newer", "slate: {falls: [runtime]}", "slate: {rises: [runtime]}", "slate.rises"),
    ("same", "slate: {diversity: {genres: {$gte: 0.2}}}", "slate: {diversity: {genres: {$gte: 0.95}}}", "slate.diversity"),
    ("deed", "profile: {rejected: [listeners-2016]}", "profile: {rejected: [orbit-2009]}", "profile.rejected"),
    ("deed", "profile: {consumed: {exclude: [bear-2011]}}", "profile: {rejected: {exclude: ['1#1']}}", "profile.rejected"),
    ("deed", "profile: {rejected: ['1#1']}", "profile: {consumed: ['1#1']}", "profile.consumed"),
    ("deed", "profile: {affinities: {'1#1': {$lt: 0}}}", "profile: {affinities: {'1#1': null}}",
     "profile.affinities.listeners-2016"),
    ("same", "profile: {preferences: {mood: {quiet: {$gt: 0}}}}", "profile: {preferences: {mood: {quiet: null}}}",
     "profile.preferences.mood.quiet"),
    ("newer", "profile: {constraints: {genres: {$nin: [horror]}}}", "profile: {constraints: {genres: {$nin: [comedy]}}}",
     "profile.constraints.genres"),
    ("newer", "constraints: {runtime: null}", "constraints: {genres: null}", "constraints.genres"),
    ("same", "constraints: {}", "constraints: {year: {$gt: 2000}}", "constraints.year"),
    ("none", "relaxed: [before 1900]", "relaxed: []", "relaxed"),
    ("none", "relaxed: true", "relaxed: [after 2000]", "relaxed"),
    ("same", "relaxed: []", "relaxed: true", "relaxed"),
    ("why", "question: false", "question: true", "question"),
    ("new", "question: {facet: themes}", "question: {facet: mood}", "question.facet"),
    ("new", "question: true", "question: false", "question"),
    ("same", "words: {mentions: [the listeners]}", "words: {mentions: [The Canal Bakery]}", "words.mentions"),
    ("same", "words: {mentions_any: [nothing, aliens]}", "words: {mentions_any: [nothing]}", "words.mentions_any"),
    ("same", "words: {forbids: [Oscar]}", "words: {forbids: [aliens]}", "words.forbids"),
    ("same", "words: {grounded: true}", "words: {grounded: false}", "words.grounded"),
    ("untrue", "words: {dropped: {$gte: 1}}", "words: {dropped: 0}", "words.dropped"),
    ("same", "words: {length: {$gte: 50, $lte: 900}}", "words: {length: {$gte: 2, $lte: 50}}", "words.length"),
    ("same", "words: {language: en}", "words: {language: fr}", "words.language"),
    ("same", "words: {about_slate_only: true}", "words: {length: 0}", "words.length"),
    ("deed", "events: {recorded: [{kind: dislike, item: '1#1'}]}", "events: {recorded: [{kind: like, item: '1#1'}]}",
     "events.recorded"),
    ("deed", "events: {absent: [{kind: like, item: '1#1'}]}", "events: {absent: [{kind: dislike, item: '1#1'}]}",
     "events.absent"),
    ("deed", "events: {count: 1}", "events: {count: 2}", "events.count"),
    ("deed", "events: {duplicate: false}", "events: {duplicate: true}", "events.duplicate"),
    ("same", "latency_ms: {cards: {$lte: 5000}}", "latency_ms: {cards: {$lte: 0.0001}}", "latency_ms.cards"),
    ("same", "latency_ms: {round_trip: {$lte: 5000}}", "latency_ms: {no_such_stage: {$lte: 5000}}", "latency_ms.no_such_stage"),
    ("untrue", "tokens: {asked: {$gte: 5, $lte: 5000}}", "tokens: {said: {$gte: 1, $lte: 2}}", "tokens.said"),
    ("same", "tokens: {said: 0}", "tokens: {said: {$gte: 1, $lte: 500}}", "tokens.said"),
]  # fmt: skip


@pytest.fixture(scope="module")
def hold():
    with one_target() as hold:
        yield hold


@pytest.mark.parametrize(("step", "holds", "fails", "path"), KINDS)
def test_an_expectation_holds_and_fails_alone(hold, place, step, holds, fails, path):
    model = '{language_model: scripted, says: ["It won an Oscar in Paris."]}' if step == "untrue" else "{}"
    text = "".join(
        f"- {{name: {name}, setup: {model}, steps: [{{user: {QUIET}}}, {{{STEPS[step]}, expect: {{{expected}}}}}]}}\n"
        for name, expected in (("green", holds), ("red", fails))
    )
    green, red = hold(written(place, text))
    assert green.status == "passed", green.runs[0].steps[-1].failures
    assert red.status == "failed"
    assert [".".join(failure.path) for failure in red.runs[0].steps[-1].failures] == [path]


def test_words_that_name_an_item_of_no_slate_are_told(hold, place):
    from bot.conversation_tests.expectations import WordsExpected
    from bot.conversation_tests.seen import Seen
    from bot.conversation_tests.words_checks import words_faults

    titles = {"a": "The Paper Kite", "b": "Signal", "c": "Low Orbit"}
    answer = {"slate": {"items": [{"id": "c", "title": "Low Orbit", "facets": {}}]}}
    for words, told in [
        ("Low Orbit is quiet, a signal to all.", []), ("Low Orbit is like The Paper Kite.", ["about_slate_only"]),
        ("Low Orbit or Signal (1979)?", ["about_slate_only"]), ("It is quiet.", ["about_slate_only"]),
    ]:  # fmt: skip
        seen = Seen({**answer, "words": words}, titles=titles)
        faults = words_faults(WordsExpected.model_validate({"about_slate_only": True}), seen)
        assert [fault[0] for fault in faults] == told, words


@pytest.mark.parametrize(
    "expected",
    [
        "slate: {exclude: [a]}", "slate: {none_match: {genres: horror}}", "slate: {only: [a]}", "slate: {all_match: {year: 1}}",
        "slate: {unchanged: false}", "words: {forbids: [x]}", "words: {grounded: true}", "words: {length: {$gte: 1, $lte: 9}}",
        "question: false", "relaxed: []",
    ],
)  # fmt: skip
def test_an_empty_answer_keeps_no_ceiling(expected):
    from bot.conversation_tests.checks import check
    from bot.conversation_tests.expectations import Expect
    from bot.conversation_tests.seen import Seen

    nothing = {"slate": {"items": []}, "words": "", "relaxed": [], "grounded": True, "profile": {}}
    failures, cannot = check(Expect.model_validate(yaml.safe_load(f"{{{expected}}}")), Seen(nothing, before=[]))
    assert failures and not cannot


def test_k_chooses_by_name_tag_and_file(place):
    scripts = read(
        written(place, "- {name: a quiet one, tags: [slow], steps: [{user: x}]}\n- {name: loud, steps: [{user: y}]}")
    )
    names = {
        text: [script.name for script in chosen(scripts, text)]
        for text in ("slow or loud", "not quiet", "some and (quiet)", "")
    }
    assert list(names.values()) == [["a quiet one", "loud"], ["loud"], ["a quiet one"], ["a quiet one", "loud"]]
    with pytest.raises(ConversationError, match="-k is 'quiet and'"):
        chosen(scripts, "quiet and")


def test_drift_is_overlap_and_kendalls_tau():
    assert (Drift("a", "1", ["x", "y", "z"], ["x", "y", "z"]).overlap, Drift("a", "1", ["x", "y"], ["y", "x"]).tau) == (1, -1)
    assert (Drift("a", "1", ["x", "y"], ["x", "v"]).overlap, Drift("a", "1", ["x", "y"], ["x", "v"]).tau) == (0.5, None)
    assert Drift("a", "1", ["w", "x", "y"], ["w", "y", "x"]).tau == pytest.approx(1 / 3)


def test_importing_the_plugin_imports_nothing_of_parley():
    code = "import sys, bot.conversation_tests.plugin; print(sorted(m for m in sys.modules if m.startswith(('retrieval', 'yaml', 'torch', 'numpy', 'pydantic'))))"  # noqa: E501
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"
