"""A session made into a script: it holds at once, turns red when Parley does worse, and tells nothing of who held it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import recommender as flow
from bot.conversation_tests import schema
from bot.conversation_tests.anonymous import Anonymous
from bot.conversation_tests.in_process import InProcess
from bot.conversation_tests.reading import read
from bot.conversation_tests.recorded import RecordingError
from bot.conversation_tests.runner import Outcome, run
from bot.conversation_tests.shelves import Shelves
from bot.conversation_tests.yaml_nodes import Marks, read_node
from bot.deeds import Event
from bot.events import EventLog
from bot.profile import Profile
from bot.recommender import Recommender
from bot.session import Understanding
from bot.understanding import Understander
from retrieval.ranking import Slate, rank
from tests.recording_visitor import DAY, FILE, NOON, Place, Someone

At = Callable[..., Place]
SAID = {
    "films": ("something quiet and sci-fi", "only after 2000, no horror", "something shorter"),
    "shop": ("a tent for two under 300 euros, nothing in red", "cheaper", "in green"),
}


@pytest.fixture(scope="module")
def shelves() -> Iterator[Shelves]:
    made = Shelves()
    yield made
    made.close()


@pytest.fixture
def at(shelves: Shelves, tmp_path: Path) -> Iterator[At]:
    """A log over a built-in catalogue."""
    log = EventLog.in_folder(tmp_path)

    def place(catalogue: str = "films") -> Place:
        return Place(catalogue, shelves, tmp_path, log)

    yield place
    log.close()


def lively(place: Place, user: str = "ann-user-id") -> Someone:
    """A session with likes, a rejection, a wait, a rating, a critique and an undo."""
    ann, (first, conditions, critique) = place.arrive(user), SAID[place.catalogue]
    ann.say(first)
    ann.do("like", ann.shown[1])
    ann.do("dislike", ann.shown[2])
    place.clock.now += 3 * DAY
    ann.say(conditions)
    ann.do("rating", ann.shown[0], 4.5)
    ann.say(critique)
    ann.say("undo")
    ann.say("something else")
    return ann


def held(place: Place, text: str) -> tuple[Any, Outcome]:
    """The script as it is read from a file, and what becomes of it."""
    file = place.folder / FILE
    file.write_text(text, encoding="utf-8")
    (script,) = read(file)
    return script.scenario, run(script, InProcess(place.shelves, file))


def failures(outcome: Outcome) -> list[tuple[str, ...]]:
    return [failure.path for step in outcome.runs[0].steps for failure in step.failures]


@pytest.mark.parametrize("catalogue", SAID)
def test_a_recorded_session_holds_and_keeps_its_steps_in_order(at: At, catalogue: str) -> None:
    place = at(catalogue)
    recording = place.script(lively(place).recorded())
    scenario, outcome = held(place, recording.text)
    assert outcome.status == "passed", failures(outcome)
    assert (recording.dropped, recording.left_out) == (0, ())
    first, conditions, critique = SAID[catalogue]
    told = [step.user or (step.event and step.event.kind) or step.wait.total / DAY for step in scenario.steps]
    assert told == [first, "like", "dislike", 3, conditions, "rating", critique, "undo", "something else"]
    events = [step.event for step in scenario.steps if step.event]
    assert [(event.position, event.item, event.value) for event in events] == [(2, None, None), (3, None, None), (1, None, 4.5)]
    for step in scenario.steps:
        assert step.wait or step.expect.slate.size.given == {"$gte": 3}
        assert step.wait or step.expect.slate.include, "the first item of every slate came again"


def test_what_is_expected_is_what_was_asked_for(at: At) -> None:
    place = at()
    scenario, _ = held(place, place.script(lively(place).recorded()).text)
    expected = {step.user or step.event.kind: step.expect for step in scenario.steps if not step.wait}
    assert expected["like"].profile.affinities["1#2"].given == {"$gt": 0}
    assert expected["dislike"].profile.rejected.include == ["2#3"]
    assert expected["rating"].profile.consumed.include == ["5#1"]
    conditions = expected["only after 2000, no horror"]
    assert conditions.constraints["year"].given == conditions.slate.all_match["year"].given == {"$gt": 2000}
    assert conditions.slate.none_match["genres"].given == {"$in": ["horror"]}
    assert conditions.slate.exclude == ["2#3"] and conditions.words.grounded
    assert "$lt" in expected["something shorter"].constraints["runtime"].given
    assert expected["undo"].constraints == {"runtime": None}
    assert expected["something else"].slate.fresh and set(expected["something else"].slate.exclude) == {"2#3", "5#1"}


SIZE = ("slate", "size")


def dropping(part: str) -> Callable[..., Understanding]:
    """An understander that passes over a part of what is said."""
    sound = Understander.understand

    def broken(*told: Any) -> Understanding:
        return replace(sound(*told), **{part: ()})

    return broken


def two_of(*told: Any) -> Slate:
    """A ranking that is cut short."""
    slate = rank(*told)
    return replace(slate, recommendations=slate.recommendations[:2])


def nothing(_: object) -> frozenset[str]:
    return frozenset()


def not_undone(*_: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("owner", "name", "broken", "noticed"),
    [
        (Understander, "understand", dropping("constraints"), ("constraints", "year")),
        (Understander, "understand", dropping("wishes"), ("profile", "preferences", "mood", "quiet")),
        (Understander, "understand", dropping("passed"), ("slate", "fresh")),
        (Profile, "exclusions", property(nothing), ("slate", "exclude")),
        (Recommender, "_undo", not_undone, ("constraints", "runtime")),
        (flow, "rank", two_of, SIZE),
    ],
    ids=["conditions", "wishes", "passed", "exclusions", "undo", "size"],
)
def test_a_recorded_script_turns_red_when_parley_does_worse(
    at: At, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, broken: object, noticed: tuple[str, ...]
) -> None:
    place = at()
    text = place.script(lively(place).recorded()).text
    assert held(place, text)[1].status == "passed"
    monkeypatch.setattr(owner, name, broken)
    outcome = held(place, text)[1]
    assert outcome.status == "failed" and noticed in failures(outcome)


def test_what_does_not_come_true_again_is_dropped_and_a_floor_stays(at: At) -> None:
    place = at()
    recorded = lively(place).recorded()
    elsewhere = replace(recorded, slates={name: ("heat-1995", *items) for name, items in recorded.slates.items()})
    recording = place.script(elsewhere)
    scenario, outcome = held(place, recording.text)
    assert outcome.status == "passed" and recording.dropped >= 3
    assert all(step.wait or step.expect.slate.size.given == {"$gte": 3} for step in scenario.steps)


@pytest.mark.parametrize("catalogue", SAID)
def test_the_published_schema_takes_it(at: At, catalogue: str) -> None:
    place = at(catalogue)
    held(place, place.script(lively(place).recorded()).text)
    whole = read_node(place.folder / FILE).plain({}, Marks())
    jsonschema.Draft202012Validator(json.loads(schema.schema())).validate(whole)
    assert whole["version"] == 1 and whole["scenarios"][0]["setup"]["catalogue"] == catalogue


def test_nothing_tells_who_held_it_or_when(at: At) -> None:
    place = at()
    ann = lively(place)
    ann.say("write to ann.lee@mail.example or +44 (0)20 7946 0958, my name is Annabel Leighton, see www.ann.example/me.")
    ann.say("Annabel wants funny films")
    rows, text = place.log.held(ann.user), place.script(ann.recorded()).text
    ids = [row[name] for table in ("turns", "slates", "events", "sessions") for row in rows[table] for name in ("id", "user")]
    said = ("ann.lee", "7946", "Annabel", "Leighton", "ann.example")
    for strange in (*ids, *said, "secret", str(NOON)[:5], "2023"):
        assert strange not in text
    scenario, outcome = held(place, text)
    assert outcome.status == "passed" and scenario.setup.clock is None
    assert "someone@example.org" in text and "[number]" in text and "funny films" in text


@pytest.mark.parametrize(
    ("message", "gone", "kept"),
    [
        ("mail annalee@mail.example about horror", "annalee", "about horror"),
        ("a comedy, call 030 12345678 tonight", "12345678", "a comedy"),
        ("call 555-0199, nothing sad", "0199", "nothing sad"),
        ("my card is 4111 1111 1111 1111, under 100 minutes", "4111", "under 100 minutes"),
        ("pay from DE89 3704 0044 0532 0130 00 for a heist", "3704", "a heist"),
        ("see https://me.example/?u=ann and be quick", "me.example", "and be quick"),
        ("Bearer eyJabc.eyJdef.sig lets me in", "eyJ", "lets me in"),
        ("I'm called José Núñez-Prado and like westerns", "Núñez", "like westerns"),
        ("hi, I am Oswin, something funny", "Oswin", "something funny"),
        ("My name's Fiona O'Malley-Xu. A drama", "O'Malley", "A drama"),
    ],
)
def test_personal_data_gives_way_to_stand_ins_that_are_understood_alike(
    shelves: Shelves, message: str, gone: str, kept: str
) -> None:
    shelf = shelves.of("films", Path(FILE), real=False)
    told = Anonymous(shelf.catalogue, shelf.understander, [message]).of(message)
    assert gone in message and gone not in told and kept in told
    before, after = (shelf.understander.understand(text) for text in (message, told))
    for part in ("intent", "constraints", "mentions"):
        assert getattr(before, part) == getattr(after, part)
    assert [(one.facet, one.value, one.weight) for one in before.wishes] == [(w.facet, w.value, w.weight) for w in after.wishes]


@pytest.mark.parametrize(
    "message",
    [
        "I am Legend",
        "films from 1990-2000",
        "between 1990 and 2005, under 120 minutes",
        "I am French and like Alien",
        "I'M BORED",
    ],
)
def test_what_is_nobodys_name_or_number_stays_as_it_was_said(shelves: Shelves, message: str) -> None:
    shelf = shelves.of("films", Path(FILE), real=False)
    assert Anonymous(shelf.catalogue, shelf.understander, [message]).of(message) == message


@pytest.mark.parametrize(
    "message",
    ["${x} and $y", "#2", "1#1", "- a: {b", "off", "1e5", "null", "'so' \\ \"he\"", "quiet 🎬 film", "a # b", "* &c !d", "%e"],
)
def test_whatever_is_said_can_be_read_again(at: At, message: str) -> None:
    place = at()
    ann = place.arrive("ann")
    ann.say(message)
    scenario, outcome = held(place, place.script(ann.recorded()).text)
    assert outcome.status == "passed"
    assert scenario.steps[0].user.replace("$ {", "${").removesuffix(".") == message


def test_two_users_and_two_sessions_of_one_log_never_mix(at: At) -> None:
    place = at()
    ann, bob = place.arrive("ann"), place.arrive("bob")
    ann.say("a funny heist")
    bob.say("a quiet drama about nuns")
    ann.do("like", ann.shown[0])
    bob.do("dislike", bob.shown[0])
    earlier = ann.session.id
    ann.begin()
    ann.say("a western")
    texts = [place.script(someone.recorded(session)).text for someone, session in ((ann, earlier), (bob, ""), (ann, ""))]
    said = [[step.user or step.event.kind for step in held(place, text)[0].steps] for text in texts]
    assert said == [["a funny heist", "like"], ["a quiet drama about nuns", "dislike"], ["a western"]]
    with pytest.raises(RecordingError, match="nothing was said or shown"):
        ann.recorded(bob.session.id)


def test_what_was_known_before_is_the_setup_with_how_long_ago(at: At) -> None:
    place = at()
    ann = place.arrive("ann")
    ann.say("I loved Heat, and I have seen Alien")
    ann.do("dislike", ann.shown[0])
    ann.do("rating", ann.shown[1], 4.0)
    turned_down, rated = (event.item for event in place.log.of("ann"))
    place.clock.now += 30 * DAY
    ann.begin()
    ann.say("something tense")
    recording = place.script(ann.recorded())
    scenario, outcome = held(place, recording.text)
    assert outcome.status == "passed" and "earlier turns" in recording.left_out[0]
    history = [(past.kind, past.item, past.value, round(past.days_ago)) for past in scenario.setup.history]
    assert history == [("dislike", turned_down, None, 30), ("rating", rated, 4.0, 30)]
    assert scenario.setup.profile.likes == ["heat-1995"] and scenario.setup.profile.consumed == ["alien-1979"]
    assert {turned_down, rated, "alien-1979"} <= set(scenario.steps[0].expect.slate.exclude)


def test_a_long_history_is_told_by_its_last_deeds_and_a_larger_slate_by_its_size(at: At) -> None:
    place = at()
    ann = place.arrive("ann")
    items = list(ann.recommender.catalogue.rows)[:250]
    place.log.append(Event(f"old-{n}", "ann", item, "view", NOON - DAY * (300 - n), 0.0) for n, item in enumerate(items))
    ann.recommender = replace(ann.recommender, k=8)
    ann.say("something tense")
    recording = place.script(ann.recorded())
    scenario, outcome = held(place, recording.text)
    assert outcome.status == "passed" and scenario.setup.slate_size == 8
    assert [past.item for past in scenario.setup.history] == items[-200:]
    assert recording.left_out == ("of 250 earlier deeds the last 200 are known in the script",)


def test_who_somebody_is_goes_even_where_it_was_understood_as_a_film(shelves: Shelves) -> None:
    shelf, message = shelves.of("films", Path(FILE), real=False), "a comedy; I am x.y+z@mail.example"
    assert any(mention.item_id == "z-1969" for mention in shelf.understander.understand(message).mentions)
    assert "mail.example" not in Anonymous(shelf.catalogue, shelf.understander, [message]).of(message)


def test_a_deed_is_named_by_its_place_only_where_the_item_stands_there(at: At) -> None:
    place = at()
    ann = place.arrive("ann")
    ann.say("something quiet")
    ann.do("like", "heat-1995")
    ann.do("not_now", ann.shown[3])
    aside = place.log.of("ann")[-1].item
    ann.say("something quiet")
    scenario, outcome = held(place, place.script(ann.recorded()).text)
    like, later = (step.event for step in scenario.steps if step.event)
    assert (like.item, like.position, later.item, later.position) == ("heat-1995", None, None, 4)
    assert outcome.status == "passed" and scenario.steps[-1].expect.slate.exclude == ["2#4"] and aside not in ann.shown


def test_undo_in_the_panel_is_said_and_what_cannot_be_said_is_told(at: At) -> None:
    place = at()
    ann = place.arrive("ann")
    ann.say("something quiet, no horror")
    ann.do("dislike", ann.shown[0])
    ann.correct("undo")
    ann.correct("weigh", "preference:mood=quiet", -0.5)
    recording = place.script(ann.recorded())
    scenario, outcome = held(place, recording.text)
    assert [step.user or step.event.kind for step in scenario.steps] == ["something quiet, no horror", "dislike", "undo"]
    assert scenario.steps[-1].expect.profile.rejected.exclude == ["1#1"] and outcome.status == "passed"
    assert recording.left_out == ("the correction 'weigh' cannot be said in a script",)


def test_a_condition_told_to_be_given_up_is_expected_to_be(at: At) -> None:
    place = at("shop")
    ann = place.arrive("ann")
    ann.say("only tents under 5 euros, only in pink")
    scenario, outcome = held(place, place.script(ann.recorded()).text)
    assert outcome.status == "passed"
    expected, words = scenario.steps[0].expect, place.log.turns("ann")[0].words
    assert expected.relaxed and all(told in words for told in expected.relaxed)
    assert len(expected.relaxed) + len(expected.slate.all_match or {}) == len(expected.constraints) == 3


def test_a_session_over_another_catalogue_is_refused_in_one_sentence(at: At) -> None:
    ann = lively(at("shop"))
    with pytest.raises(RecordingError, match=r"concerns the item '.*', which the catalogue films does not have; .*--catalogue"):
        at("films").script(ann.recorded())
