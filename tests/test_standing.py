"""Answers to questions and small talk: true, about the items meant, and the slate stays as it is."""

import pytest

from bot import template
from tests.conversing import NOW, QUIET_SPACE, after, answer


@pytest.fixture
def session(log):
    return log.start_session("ann", NOW)


@pytest.fixture
def shown(recommender, session):
    return answer(recommender, session, QUIET_SPACE).slate


@pytest.mark.parametrize(
    "message", ["why the second one?", "how long is the first?", "thanks!", "what's the weather like today?"]
)
def test_a_question_or_small_talk_leaves_the_slate_and_the_profile_alone(recommender, session, shown, message):
    before = recommender.profile(session)
    done = answer(recommender, session, message)
    assert done.slate.item_ids == shown.item_ids
    assert (done.profile.preferences, done.profile.constraints) == (before.preferences, before.constraints)


def test_why_is_answered_with_the_reasons_of_the_item_meant(recommender, session, shown):
    done = answer(recommender, session, "why the second one?")
    second = shown.recommendations[1]
    assert done.explanation.text.startswith(second.item.title)
    for reason in done.slate.recommendations[1].reasons[:2]:
        assert template.reason_text(reason, recommender.catalogue) in done.explanation.text


def test_a_question_is_answered_from_the_facts_and_what_they_do_not_say_is_told(recommender, session, shown):
    first = shown.recommendations[0].item
    assert (
        f"runtime: {first.number('runtime'):g} min"
        in answer(recommender, session, "what is the runtime of the first?").explanation.text
    )
    assert "horror is not listed" in answer(recommender, session, "is the first one a horror?").explanation.text


def test_what_no_recommender_can_do_is_said_so(recommender, session, shown):
    assert "beyond me" in answer(recommender, session, "where is my order?").explanation.text


def test_a_slate_that_holds_something_rejected_meanwhile_does_not_stand(recommender, session, shown):
    event = after(recommender, session, "dislike", shown.item_ids[0])
    assert shown.item_ids[0] not in event.slate.item_ids
    assert shown.item_ids[0] not in answer(recommender, session, "thanks!").slate.item_ids


def test_undo_takes_back_what_was_said_last_and_then_what_was_said_before(recommender, session):
    answer(recommender, session, "no horror")
    answer(recommender, session, "no comedy")
    answer(recommender, session, "thanks!")
    assert {c.value for c in answer(recommender, session, "undo").profile.constraints} == {("horror",)}
    assert answer(recommender, session, "undo").profile.constraints == ()
    assert "nothing left to undo" in answer(recommender, session, "undo").explanation.text


def test_a_ban_is_lifted_by_words(recommender, session):
    answer(recommender, session, "no horror please")
    done = answer(recommender, session, "horror is fine after all")
    assert done.profile.constraints == () and "no longer counts" in done.explanation.text


def test_what_was_said_of_a_facet_is_forgotten_by_words(recommender, session):
    answer(recommender, session, "a quiet film after 2000")
    assert answer(recommender, session, "the year doesn't matter").profile.constraints == ()
    held = answer(recommender, session, "forget what I said about quiet").profile.preferences
    assert "quiet" not in {preference.value for preference in held}


def test_no_i_meant_replaces_what_was_said_of_the_same(recommender, session):
    answer(recommender, session, "a dark film after 2000")
    done = answer(recommender, session, "no, I meant a funny one")
    assert {p.value for p in done.profile.preferences} == {"funny"}
    assert [c.facet for c in done.profile.constraints] == ["year"]


def test_cheaper_than_one_item_is_measured_against_that_item(recommender, session, shown):
    second = shown.recommendations[1].item
    done = answer(recommender, session, "newer than the second one")
    if not done.slate.relaxed:
        assert all(r.item.number("year") > second.number("year") for r in done.slate.recommendations)
    (constraint,) = done.profile.constraints
    assert (constraint.facet, constraint.operator, constraint.value) == ("year", "$gt", second.number("year"))


def test_an_item_that_is_taken_is_liked_and_not_shown_again(recommender, session, shown):
    done = answer(recommender, session, "I'll watch the second one")
    assert done.turn.understanding.intent == "accept"
    assert done.profile.affinities[shown.item_ids[1]] > 0 and shown.item_ids[1] not in done.slate.item_ids
    assert done.question is None
