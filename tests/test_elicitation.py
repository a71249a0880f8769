"""Questions back: the most telling one, few, skippable, and every choice understood as what it says."""

import numpy as np
import pytest

from bot.elicitation import MOST, SKIP
from bot.recommender import Done, Recommender
from bot.session import Session
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, Facet, Item, read_catalogue
from retrieval.sources import Sources
from retrieval.splits import belief, splits
from tests.conversing import answer


def even(catalogue: Catalogue) -> np.ndarray:
    return belief(np.zeros(len(catalogue)))


def shelf(**columns: list) -> Catalogue:
    """Items that differ in these columns alone."""
    kinds = {name: "number" if isinstance(values[0], float) else "category" for name, values in columns.items()}
    facets = {name: Facet(name, kind, name) for name, kind in kinds.items()}
    rows = zip(*columns.values(), strict=True)
    items = [Item(f"i{at}", f"Item {at}", "", dict(zip(columns, row, strict=True))) for at, row in enumerate(rows)]
    return Catalogue(tuple(items), facets)


def test_a_question_tells_as_many_bits_as_its_answers_are_uncertain():
    catalogue = shelf(colour=[("red",), ("red",), ("blue",), ("blue",)], size=[("big",), ("big",), ("big",), ("small",)])
    found = splits(catalogue, even(catalogue), list(catalogue.facets.values()))
    assert [split.facet for split in found] == ["colour", "size"]
    assert found[0].bits == pytest.approx(1)
    assert found[1].bits == pytest.approx(0.8113, abs=1e-3)


def test_an_item_with_both_values_makes_the_answer_tell_less():
    catalogue = shelf(colour=[("red",), ("blue",), ("red", "blue"), ("red", "blue")])
    [split] = splits(catalogue, even(catalogue), list(catalogue.facets.values()))
    assert split.bits == pytest.approx(1 / 2)  # half of the visitors could say either


def test_what_is_believed_already_is_not_worth_asking():
    catalogue = shelf(colour=[("red",), ("blue",), ("blue",), ("blue",)])
    [split] = splits(catalogue, belief(np.array([0.0, 9.0, 9.0, 9.0])), list(catalogue.facets.values())) or [None]
    assert split is None or split.bits < 0.01


def test_a_number_is_asked_about_in_ranges_that_people_would_say():
    catalogue = shelf(price=[float(price) for price in (12, 18, 29.9, 31, 45, 84, 97, 210, 640)])
    [split] = splits(catalogue, even(catalogue), list(catalogue.facets.values()))
    assert split.bounds == (30, 84)
    assert split.bits == pytest.approx(np.log2(3), abs=0.15)


@pytest.fixture(scope="module")
def films() -> Sources:
    catalogue = read_catalogue("films")
    return Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))


@pytest.fixture
def films_recommender(films, log) -> Recommender:
    catalogue = films.index.catalogue
    return Recommender(catalogue, Understander(catalogue), films, None, None, log)


@pytest.fixture
def session(log) -> Session:
    return log.start_session("newcomer", 0.0)


def done(recommender: Recommender, session: Session, message: str) -> Done:
    return answer(recommender, session, message)


def test_a_newcomer_is_asked_something_beside_a_slate_on_the_first_turn(films_recommender, session):
    first = done(films_recommender, session, "hello")
    assert first.slate.recommendations and first.question
    assert first.explanation.text.endswith(first.question.text)
    assert first.question.choices[-1] == SKIP


def test_every_choice_is_understood_as_speaking_of_what_was_asked(films_recommender, session):
    asked = done(films_recommender, session, "hello").question
    for choice in asked.choices[:-1]:
        understood = films_recommender.understander.understand(choice)
        assert asked.facet in {w.facet for w in understood.wishes} | {c.facet for c in understood.constraints}, choice


def test_at_most_three_questions_are_asked_in_a_session_and_none_twice(films_recommender, session):
    asked = [done(films_recommender, session, message).question for message in ("hello", *[SKIP] * 6)]
    facets = [question.facet for question in asked if question]
    assert 1 <= len(facets) <= MOST and len(set(facets)) == len(facets)
    assert asked[-1] is None


def test_a_skipped_question_is_answered_in_words_and_changes_nothing_that_is_known(films_recommender, session):
    first = done(films_recommender, session, "hello")
    skipped = done(films_recommender, session, "no preference")
    assert skipped.profile.preferences == first.profile.preferences == ()
    assert skipped.explanation.text.startswith("All right")
    assert skipped.slate.item_ids == first.slate.item_ids


def test_what_was_said_already_is_not_asked(films_recommender, session):
    first = done(films_recommender, session, "hello").question
    told = done(films_recommender, films_recommender.log.start_session("another", 0.0), first.choices[0])
    assert told.question is None or told.question.facet != first.facet


def test_who_has_a_history_is_not_questioned(films_recommender, session):
    items = [item.id for item in films_recommender.catalogue][:4]
    done(films_recommender, session, "I love " + " and ".join(films_recommender.catalogue[item].title for item in items))
    assert done(films_recommender, session, "something else").question is None


def test_questions_are_held_of_their_user_and_erased_with_the_rest(films_recommender, session):
    assert done(films_recommender, session, "hello").question
    assert len(films_recommender.log.held(session.user)["questions"]) == 1
    films_recommender.forget(session.user)
    assert not films_recommender.log.held(session.user)["questions"]
