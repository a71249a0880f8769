"""Behaviour: taken in without robots and running clocks, learnt from without a look ahead, ranked and measured."""

import csv
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bot.event_rows import read_events
from bot.events import Event, EventLog, in_order
from bot.import_events import import_file
from bot.past_events import by_user, lessons_of, observing, query_before
from bot.robots import LIMITS
from retrieval.catalogue import read_catalogue
from retrieval.learning import learn
from retrieval.ranker import Ranker
from retrieval.ranking import fuse
from retrieval.sequential import Histories
from tests.conversing import NOW, after
from tests.running import at_once

DAY = 86_400.0
HEADER = "user_id,item_id,kind,value,timestamp\n"


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def deed(user: str, item: str, time: float, kind: str = "like") -> Event:
    return Event(f"{user}-{item}-{time}-{kind}", user, item, kind, time)


def written(folder: Path, *rows: str, name: str = "deeds.csv") -> Path:
    (folder / name).write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return folder / name


def imported(folder: Path, catalogue, *rows: str):
    log = EventLog.in_folder(folder)
    return import_file(written(folder, *rows), log, catalogue, NOW), list(log.all_events())


def test_who_is_faster_than_any_person_is_left_out_and_told(tmp_path, catalogue):
    quick = [f"crawler,kite-1995,view,,{NOW - 50 + n / 10}" for n in range(LIMITS[60.0] + 1)]
    report, events = imported(tmp_path, catalogue, *quick, f"ann,kite-1995,like,,{NOW - 5}")
    assert [event.user for event in events] == ["ann"] and report.new == 1
    assert report.notes == (
        "the user 'crawler' did 301 things within 60 seconds, at the pace of a robot: 301 of their rows are left out",
    )


def test_as_many_deeds_as_a_person_manages_are_believed(tmp_path, catalogue):
    busy = [f"ann,kite-1995,view,,{NOW - 50 + n / 10}" for n in range(LIMITS[60.0])]
    spread = [f"bob,kite-1995,view,,{NOW - 1 - n}" for n in range(LIMITS[60.0] + 50)]
    report, events = imported(tmp_path, catalogue, *busy, *spread)
    assert (report.notes, report.new, len(events)) == ((), 650, 650)


def test_a_day_of_steady_clicking_gives_a_robot_away_too(tmp_path, catalogue):
    steady = [f"crawler,kite-1995,view,,{NOW - 10 * n}" for n in range(LIMITS[DAY] + 1)]
    report, events = imported(tmp_path, catalogue, *steady)
    assert events == [] and "within 86,400 seconds" in report.notes[0]


def test_a_clock_that_runs_ahead_is_set_to_now_and_one_that_counts_milliseconds_is_told(tmp_path, catalogue):
    report, (event,) = imported(
        tmp_path, catalogue, f"ann,kite-1995,like,,{NOW + 3_600}", f"ann,kite-1995,like,,{NOW * 1_000:.0f}"
    )
    assert event.time == NOW and report.notes == ("1 rows come from a clock that runs ahead; their deeds count as done now",)
    assert report.bad[0].line == 3 and report.bad[0].why.endswith("lies in the future; it looks like milliseconds")


def test_an_import_that_broke_off_goes_on_where_it_was(tmp_path, catalogue):
    rows = [f"u{n % 40},kite-1995,view,,{NOW - n * 60}" for n in range(5_000)]
    log = EventLog.in_folder(tmp_path)
    import_file(written(tmp_path, *rows[:2_500], name="half.csv"), log, catalogue, NOW)
    report = import_file(written(tmp_path, *rows), log, catalogue, NOW)
    assert (report.new, report.duplicate) == (2_500, 2_500)


ITEMS = ("orbit-2009", "harbour-1950", "kite-1995", "signal-1979", "bear-2011", "bakery-2005")


def lives(people: int, catalogue) -> list[Event]:
    """Everybody goes through the same circle of items, from where they come in, a day apart."""
    assert all(item in catalogue for item in ITEMS)
    return [
        deed(f"u{person}", ITEMS[(person + step) % len(ITEMS)], NOW - (60 - step) * DAY - person)
        for person in range(people) for step in range(5)
    ]  # fmt: skip


def test_a_lesson_sees_nothing_of_what_came_later(recommender, catalogue):
    events = lives(3, catalogue)
    knowing = observing(recommender, events)
    for lesson in lessons_of(knowing, events, silent):
        (taken,) = lesson.moment.taken
        retrieved = lesson.retrieve(knowing.sources)
        history = next(h for h in by_user(events).values() if h[0].user == lesson.moment.conversation)
        before = [event.item for event in history[: [event.item for event in history].index(taken)]]
        left = {catalogue.items[row].id for row in retrieved.rows}
        assert taken in left and left.isdisjoint(before)
        own_only = observing(recommender, history)
        alone = {c.item_id for name, of in lesson.retrieve(own_only.sources).candidates.items() for c in of if "others" in name}
        assert alone == set()


def test_what_comes_next_is_learnt_and_beats_what_is_popular(recommender, catalogue):
    past = lives(24, catalogue)
    knowing = observing(recommender, past)
    ranker = learn(lessons_of(knowing, past, silent), knowing.sources, knowing.ranker)
    hits = {"learnt": 0, "popular": 0}
    for person, history in by_user(lives(6, catalogue)).items():
        query = query_before(knowing, history[-1:], person, NOW)
        following = ITEMS[(ITEMS.index(history[-1].item) + 1) % len(ITEMS)]
        for name, weights in (("learnt", ranker), ("popular", Ranker.straight({"popular": 1.0}))):
            hits[name] += fuse(knowing.sources.retrieve(query), weights, query.named, 1)[0][0] == following
    assert hits["learnt"] == 6 > hits["popular"]


def test_somebody_without_a_history_is_served_what_is_popular(recommender, catalogue):
    knowing = observing(recommender, [deed(f"u{n}", "signal-1979", NOW - n) for n in range(5)])
    query = query_before(knowing, (), "nobody", NOW)
    assert fuse(knowing.sources.retrieve(query), knowing.ranker, query.named, 1)[0][0] == "signal-1979"


def test_deeds_of_this_hour_count_as_this_visit_and_those_before_a_pause_do_not(recommender):
    history = [deed("ann", item, NOW - ago) for item, ago in (("kite-1995", 9_000), ("bear-2011", 4_000), ("orbit-2009", 900))]
    query = query_before(recommender, history, "ann", NOW)
    assert query.named == ("bear-2011", "orbit-2009") and query.recent == ("kite-1995", "bear-2011", "orbit-2009")
    assert query_before(recommender, history, "ann", NOW + 3_600).named == ()


def test_what_others_did_moves_a_visitors_slate_at_once(recommender, log):
    for person in range(3):
        session = log.start_session(f"other-{person}", NOW)
        for item in ("orbit-2009", "letters-1962"):
            after(recommender, session, "like", item)
    done = after(recommender, log.start_session("ann", NOW), "like", "orbit-2009", k=12)
    told = {r.item.id: r.contributions for r in done.slate.recommendations}
    assert told["letters-1962"]["others_follows"] > 0 and "others_follows" not in told["bear-2011"]


@pytest.fixture
def place(tmp_path, catalogue_file, catalogue) -> Path:
    (tmp_path / "shelf").symlink_to(catalogue_file.parent)
    histories = by_user(lives(30, catalogue)).values()
    rows = [[f"{e.user},{e.item},{e.kind},,{e.time}" for e in history] for history in histories]
    written(tmp_path, *(row for history in rows for row in history[:-1]), name="past.csv")
    written(tmp_path, *(history[-1] for history in rows), name="next.csv")
    return tmp_path


def run(place: Path, *arguments: str):
    ran = at_once(place, *arguments, "--catalogue", "shelf", "--data", "data")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def evaluated(place: Path, *options: str) -> dict:
    return json.loads(
        run(place, "evaluate", "events", "next.csv", "--run", "run.jsonl", "--no-language-model", "--json", *options)
    )


def test_events_are_learnt_from_and_measured_by_command(place):
    found = evaluated(place, "--learn", "past.csv", "--ablation")
    assert found["next"]["HR@1"]["mean"] == 1 and (found["rows"], found["learnt_from"]) == (30, 120)
    rankings = {row["user_id"]: row["ranking"] for row in map(json.loads, (place / "run.jsonl").read_text().splitlines())}
    past = {(row["user_id"], row["item_id"]) for row in csv.DictReader((place / "past.csv").open())}
    assert len(rankings) == 30 and not any(item in rankings[user] for user, item in past)
    alone = {part["source"]: part["alone"] for part in found["ablation"]}
    assert alone["others_follows"] == 1 and "lexical" not in alone
    assert list(EventLog.in_folder(place / "data").all_events()) == []


def test_the_histories_are_those_imported_and_a_learnt_version_is_used(place):
    run(place, "events", "import", "past.csv")
    assert evaluated(place)["next"]["HR@5"]["mean"] == 1
    assert "in use from the next start on" in run(place, "learn")
    assert evaluated(place)["next"]["HR@1"]["mean"] == 1
    assert "HR@10" in run(place, "evaluate", "events", "next.csv", "--run", "run.jsonl", "--no-language-model")


@pytest.mark.skipif("PARLEY_ROWS" not in os.environ, reason="PARLEY_ROWS names no folder with catalogue.jsonl and events.csv")
def test_on_real_rows_one_event_lifts_what_met_its_item_and_nothing_else():
    folder = Path(os.environ["PARLEY_ROWS"])
    catalogue = read_catalogue(folder / "catalogue.jsonl")
    events = [event for event in read_events(folder / "events.csv", catalogue, NOW) if isinstance(event, Event)]
    histories, rows = Histories(len(catalogue)), catalogue.rows
    for event in in_order(events):
        histories.add(event.user, rows[event.item])
    popular = [item for item, _ in Counter(event.item for event in events).most_common(200)]
    gained: list[float] = []
    for user, history in list(by_user(events).items())[:100]:
        seen = list(dict.fromkeys(rows[event.item] for event in history))
        new = next(rows[item] for item in popular if rows[item] not in seen)
        before, after = (histories.scores(recent, user) for recent in (seen, [*seen, new]))
        beside = histories.scores([new], user)["others_beside"]
        for name in ("others_beside", "others_follows", "others_near", "others_far", "others_onwards"):
            assert not (after[name] > before[name] + 1e-5)[beside == 0].any(), f"{name} lifts what never met the item"
        unseen = [row for row in np.argsort(-beside, kind="stable") if row not in seen and row != new][:20]
        ranks = [np.argsort(np.argsort(-found["others_beside"], kind="stable"), kind="stable") for found in (before, after)]
        gained.append(float(np.mean(ranks[0][unseen] - ranks[1][unseen])))
    print(f"mean gain of the 20 items that most go with the new one: {np.mean(gained):.0f} places")
    assert np.mean(np.array(gained) > 0) > 0.9
