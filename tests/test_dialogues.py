"""Logged conversations: read, taken in, learnt from by the live flow, ranked and measured."""

import json
from pathlib import Path

import pytest

from bot.dialogues import Dialogue, read_dialogues
from bot.events import Event, EventLog
from bot.import_dialogues import import_dialogues
from bot.moments import logged_moments
from retrieval.errors import CatalogueError
from retrieval.rows import BadRow
from tests.conversing import NOW, answer
from tests.running import at_once, refusal

SEA = "something about the sea and ships, please"


def row(number: int, said: str = SEA, **given: object) -> dict[str, object]:
    context = [{"role": "assistant", "text": "Hello!"}, {"role": "user", "text": said}]
    return {"dialog_id": f"d{number}", "turn": 1, "context": context, "targets": ["harbour-1950"], **given}


def written(folder: Path, *rows: object, name: str = "talks.jsonl") -> Path:
    file = folder / name
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return file


def test_a_row_is_read_with_what_is_told_of_it(tmp_path, catalogue):
    told = row(1, mentioned=["signal-1979", "gone"], accepted=["harbour-1950"], disliked=["signal-1979"])
    (read,) = read_dialogues(written(tmp_path, told), catalogue)
    assert read == Dialogue(
        "d1", "1", (("assistant", "Hello!"), ("user", SEA)), ("harbour-1950",),
        mentioned=("signal-1979",), accepted=("harbour-1950",), disliked=("signal-1979",),
    )  # fmt: skip
    assert read.taken == ("harbour-1950",)


def test_without_acceptance_all_targets_are_taken_but_the_disliked(tmp_path, catalogue):
    (read,) = read_dialogues(
        written(tmp_path, row(1, targets=["harbour-1950", "signal-1979"], disliked=["signal-1979"])), catalogue
    )
    assert read.taken == ("harbour-1950",) and read.mentioned is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"dialog_id": None}, "has no dialog_id"),
        ({"turn": ""}, "has no turn"),
        ({"targets": []}, "has no targets"),
        ({"targets": "harbour-1950"}, "is not a list of item ids"),
        ({"targets": ["gone"]}, "names the item 'gone', which the catalogue does not have"),
        ({"mentioned": [1.5]}, "has mentioned [1.5], which is not a list of item ids"),
        ({"context": "hello"}, "has no context"),
        ({"context": [{"role": "bot", "text": "hi"}]}, "in its context, which is not {role: user or assistant, text}"),
        ({"context": [{"role": "user"}]}, "in its context, which is not {role: user or assistant, text}"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_others_are_kept(tmp_path, catalogue, wrong, why):
    good, bad, last = read_dialogues(written(tmp_path, row(1), row(2) | wrong, row(3)), catalogue)
    assert isinstance(bad, BadRow) and bad.line == 2 and why in bad.why
    assert (good.id, last.id) == ("d1", "d3")


def test_a_file_of_another_kind_is_refused(tmp_path, catalogue):
    with pytest.raises(CatalogueError, match="JSON Lines"):
        list(read_dialogues(tmp_path / "talks.csv", catalogue))


def test_a_second_import_adds_nothing_and_a_new_turn_does(tmp_path, catalogue):
    log, file = EventLog.in_folder(tmp_path), written(tmp_path, row(1), row(1) | {"turn": 3}, "{", row(2))
    first, again = (import_dialogues(file, log, catalogue) for _ in range(2))
    assert (first.new, first.duplicate, [bad.line for bad in first.bad]) == (3, 0, [3])
    assert (again.new, again.duplicate) == (0, 3)
    assert [(each.id, each.turn) for each in log.all_dialogues()] == [("d1", "1"), ("d1", "3"), ("d2", "1")]


def test_what_was_mentioned_is_linked_where_it_is_not_told(tmp_path, catalogue):
    log = EventLog.in_folder(tmp_path)
    import_dialogues(written(tmp_path, row(1, "I loved Low Orbit"), row(2, "I loved Low Orbit", mentioned=[])), log, catalogue)
    assert [each.mentioned for each in log.all_dialogues()] == [("orbit-2009",), ()]


def liked(done, session, item: str, kind: str = "like", number: int = 1) -> Event:
    return Event(f"e{number}", session.user, item, kind, NOW + number, None, session.id, done.slate.id, 1)


def test_what_one_visitor_takes_moves_the_next_ones_slate_for_the_same_words(recommender, log):
    ann, bob = (log.start_session(user, NOW) for user in ("ann", "bob"))
    before = answer(recommender, bob, SEA, k=12).slate
    done = answer(recommender, ann, SEA)
    list(recommender.react(ann, liked(done, ann, "bakery-2005")))
    after = answer(recommender, log.start_session("cid", NOW), SEA, k=12).slate
    place = {slate.id: slate.item_ids.index("bakery-2005") for slate in (before, after)}
    assert place[after.id] < place[before.id]
    told = next(r for r in after.recommendations if r.item.id == "bakery-2005").contributions
    assert told["past_all"] > 0 and told["past_said"] > 0


def test_the_log_gives_the_same_memory_as_living_through_it(recommender, log):
    ann = log.start_session("ann", NOW)
    for number, item in enumerate(("bakery-2005", "kite-1995"), 1):
        done = answer(recommender, ann, f"{SEA} {number}")
        list(recommender.react(ann, liked(done, ann, item, number=number)))
    moments = [moment for moment, _ in logged_moments(log.all_turns(), log.all_events(), recommender.catalogue)]
    assert [moment.taken for moment in moments] == [("bakery-2005",), ("kite-1995",)]
    assert [moment.texts["message"] for moment in moments] == [f"{SEA} 1", f"{SEA} 2"]
    assert len(recommender.sources.memory) == 2


def test_who_thinks_better_of_it_is_believed_and_a_view_says_nothing(recommender, log):
    ann = log.start_session("ann", NOW)
    done = answer(recommender, ann, SEA)
    deeds = [("bakery-2005", "like"), ("bakery-2005", "dislike"), ("kite-1995", "view")]
    log.append(liked(done, ann, item, kind, number) for number, (item, kind) in enumerate(deeds, 1))
    assert list(logged_moments(log.all_turns(), log.all_events(), recommender.catalogue)) == []


@pytest.fixture
def place(tmp_path, catalogue_file) -> Path:
    (tmp_path / "shelf").symlink_to(catalogue_file.parent)
    taken = [("blue mornings", "harbour-1950"), ("green afternoons", "bear-2011"), ("grey nights", "kite-1995")]
    rows = [row(n, f"I want {taken[n % 3][0]} {n}", targets=[taken[n % 3][1]], mentioned=["signal-1979"]) for n in range(30)]
    written(tmp_path, *rows[:24], name="past.jsonl")
    written(tmp_path, *rows[24:], name="held_out.jsonl")
    return tmp_path


def evaluated(place: Path, *options: str) -> dict:
    ran = at_once(
        place, "evaluate", "dialogues", "held_out.jsonl", "--run", "run.jsonl", "--catalogue", "shelf", "--data", "data",
        "--no-language-model", "--json", *options,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_what_was_learnt_is_found_again_and_the_run_is_written(place):
    plain, learnt = evaluated(place), evaluated(place, "--learn", "past.jsonl", "--ablation")
    assert learnt["new"]["R@1"]["mean"] == 1 > plain["new"]["R@1"]["mean"]
    assert (learnt["rows"], learnt["learnt_from"]) == (6, 24)
    run = [json.loads(line) for line in (place / "run.jsonl").read_text().splitlines()]
    assert [each["dialog_id"] for each in run] == [f"d{n}" for n in range(24, 30)]
    assert all(len(set(each["ranking"])) == len(each["ranking"]) > 1 and each["latency_ms"] > 0 for each in run)
    assert all("signal-1979" in each["ranking"] for each in run)
    alone = {part["source"]: part["alone"] for part in learnt["ablation"]}
    assert alone["past_all"] == 1 and "dense_intent" not in alone


def test_with_new_what_was_mentioned_is_left_out_of_the_run(place):
    evaluated(place, "--new")
    run = [json.loads(line) for line in (place / "run.jsonl").read_text().splitlines()]
    assert not any("signal-1979" in each["ranking"] for each in run)


def test_evaluating_writes_nothing_to_the_log(place):
    evaluated(place, "--learn", "past.jsonl")
    log = EventLog.in_folder(place / "data")
    assert list(log.all_dialogues()) == list(log.all_turns()) == list(log.all_events()) == []


def test_the_figures_are_shown_as_tables_too(place):
    ran = at_once(
        place, "evaluate", "dialogues", "held_out.jsonl", "--run", "run.jsonl", "--catalogue", "shelf", "--data", "data",
        "--no-language-model",
    )  # fmt: skip
    assert "R@10" in ran.stdout and "p95" in ran.stdout and "coverage@10" in ran.stdout


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.jsonl", None, "missing.jsonl does not exist"),
        ("empty.jsonl", "", "empty.jsonl holds no row that can be used"),
        ("bad.jsonl", "{}\n", "line 1 has no dialog_id"),
        ("talks.csv", "dialog_id\n", "JSON Lines"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(place, name, text, said):
    if text is not None:
        (place / name).write_text(text)
    options = ("--run", "run.jsonl", "--catalogue", "shelf", "--data", "data", "--no-language-model")
    assert said in refusal(at_once(place, "evaluate", "dialogues", name, *options))


def test_dialogues_are_imported_by_command(place):
    ran = at_once(place, "dialogues", "import", "past.jsonl", "--catalogue", "shelf", "--data", "data")
    assert "24 new, 0 known already, 0 bad" in ran.stdout
