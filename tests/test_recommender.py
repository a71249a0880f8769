"""The flow of a conversation: cards, words, the whole answer; deeds, refusals, failures."""

from dataclasses import replace
from itertools import count

import pytest

from bot.recommender import Done, MessageError, SlateReady, Words
from bot.session import Session
from tests.conversing import NOW, QUIET_SPACE, after, answer, deed
from tests.scripted_chat import chat, words_of


@pytest.fixture
def session(log) -> Session:
    return log.start_session("ann", NOW)


def test_cards_come_before_words_and_the_whole_answer_last(recommender, session):
    kinds = [type(event) for event in recommender.reply(session, QUIET_SPACE)]
    assert kinds[0] is SlateReady and kinds[-1] is Done
    assert len(kinds) > 2 and set(kinds[1:-1]) == {Words}


def test_cards_words_log_and_answer_are_of_one_slate(recommender, session, log):
    cards, *words, done = recommender.reply(session, QUIET_SPACE)
    assert log.slate_items(done.slate.id) == done.slate.item_ids == cards.slate.item_ids
    (turn,) = log.turns("ann")
    assert turn == done.turn
    assert turn.words == done.explanation.text == " ".join(word.text for word in words)
    for sentence in done.explanation.sentences:
        for position in sentence.positions:
            assert done.slate.recommendations[position - 1].item.title in sentence.text


def test_what_is_asked_for_comes_first(recommender, session):
    assert answer(recommender, session, QUIET_SPACE).slate.item_ids[0] == "orbit-2009"


@pytest.mark.parametrize("message", ["something newer", "newer please", "funny ones", "under 100 minutes", "no horror"])
def test_a_message_that_only_says_how_goes_on_from_the_subject_before(recommender, session, message):
    before = answer(recommender, session, QUIET_SPACE).profile
    after_ = answer(recommender, session, message).profile
    assert (after_.intent_text, after_.search_text) == (before.intent_text, before.search_text)


@pytest.mark.parametrize(("message", "facet", "sign"), [("newer", "year", 1), ("something older", "year", -1)])
def test_a_direction_leads_beyond_the_middle_of_what_was_shown(recommender, session, message, facet, sign):
    shown = answer(recommender, session, "a film about heists and space").slate.recommendations
    middle = sorted(recommendation.item.number(facet) for recommendation in shown)[len(shown) // 2]
    done = answer(recommender, session, message)
    assert done.slate.recommendations
    assert all(sign * recommendation.item.number(facet) > sign * middle for recommendation in done.slate.recommendations)


def test_a_direction_that_leads_nowhere_is_let_go_and_the_answer_says_so(recommender, session):
    answer(recommender, session, QUIET_SPACE, k=1)
    answers = [answer(recommender, session, "newer", k=1) for _ in range(8)]
    assert all(done.slate.recommendations for done in answers)
    relaxed = [done for done in answers if done.slate.relaxed]
    assert relaxed and all("let go" in done.explanation.text for done in relaxed)


def test_a_direction_goes_on_from_the_item_named_before(recommender, session):
    answer(recommender, session, "like Signal")
    assert answer(recommender, session, "newer").profile.examples == ("signal-1979",)


def test_a_message_with_a_subject_of_its_own_replaces_the_one_before(recommender, session):
    answer(recommender, session, QUIET_SPACE)
    assert answer(recommender, session, "a heist").profile.intent_text == "a heist"


def test_the_profile_in_the_answer_is_the_one_the_log_gives(recommender, session):
    ticking = count(NOW + 100_000)  # later than every deed
    still = replace(recommender, clock=lambda: next(ticking))
    for message in (QUIET_SPACE, "like Signal but not horror", "after 2000"):
        done = answer(still, session, message)
    assert replace(still.profile(session), now=done.profile.now) == done.profile
    liking = replace(deed(session, "like", "orbit-2009"), time=NOW)
    liked = list(still.react(session, liking))[-1].profile
    assert replace(still.profile(session), now=liked.now) == liked


def test_the_second_one_is_that_of_the_slate_shown_last(recommender, session):
    first = answer(recommender, session, QUIET_SPACE).slate.item_ids
    shown = after(recommender, session, "dislike", first[0]).slate.item_ids
    done = answer(recommender, session, "more like the second one")
    assert done.profile.affinities[shown[1]] > 0


@pytest.mark.parametrize("kind", ["dislike", "dismiss", "consumed", "purchase", "not_now"])
def test_a_deed_takes_its_item_off_the_next_slate(recommender, session, kind):
    first = answer(recommender, session, QUIET_SPACE).slate.item_ids[0]
    assert first not in after(recommender, session, kind, first).slate.item_ids
    assert first not in answer(recommender, session, QUIET_SPACE).slate.item_ids


def test_a_like_lifts_what_resembles_it(recommender, session):
    before = answer(recommender, session, "hello", k=12).slate.item_ids
    lifted = after(recommender, session, "like", "vault-1988", k=12).slate
    place = lifted.item_ids.index("vault-2001")
    assert place < before.index("vault-2001")
    assert "similar" in lifted.recommendations[place].contributions


def test_a_dismissed_item_is_not_said_to_be_of_interest(recommender, session):
    for kind in ("dismiss", "dislike"):
        assert "of interest" not in after(recommender, session, kind, "orbit-2009").explanation.text


def test_an_event_sent_twice_counts_once_for_everyone(recommender, session, log):
    letters, bear = deed(session, "cart", "letters-1962"), deed(session, "cart", "bear-2011")
    for event in (letters, letters, letters, bear, deed(session, "view", "bear-2011")):
        list(recommender.react(session, event))
    newcomer = answer(recommender, log.start_session("new", NOW), "hello", k=12).slate.item_ids
    assert newcomer.index("bear-2011") < newcomer.index("letters-1962")


def test_when_nothing_is_left_it_says_so(recommender, session, catalogue):
    for item in catalogue:
        done = after(recommender, session, "dislike", item.id)
    assert done.slate.item_ids == ()
    assert "no film left" in answer(recommender, session, QUIET_SPACE).explanation.text


UNANSWERABLE = {"empty": "", "blank": "  \n\t ", "1 MB": "x" * 1_000_000, "1 MB of words": "space " * 200_000}
ODD = ["🙂🙂", "' OR 1=1; DROP TABLE turns --", "<script>alert(1)</script>", "nul \x00 byte", "\ud800 half a pair", "{0} %s"]


@pytest.mark.parametrize("message", UNANSWERABLE.values(), ids=UNANSWERABLE)
def test_a_message_that_cannot_be_answered_is_refused_and_not_logged(recommender, session, log, message):
    with pytest.raises(MessageError, match=r"\.$"):
        next(recommender.reply(session, message))
    assert log.turns("ann") == ()


@pytest.mark.parametrize("message", ODD)
def test_an_odd_message_is_answered_all_the_same(recommender, session, log, message):
    assert answer(recommender, session, message).slate.item_ids
    assert len(log.turns("ann")) == 1


def test_with_the_model_down_the_conversation_goes_on(recommender, session):
    for broken in (chat(RuntimeError("out of memory")), chat("Low Orbit is ", OSError("gone"))):
        done = answer(replace(recommender, chat=broken), session, QUIET_SPACE)
        assert done.slate.item_ids and {sentence.by for sentence in done.explanation.sentences} == {"template"}


def test_closing_the_answer_stops_the_model_and_keeps_the_turn(recommender, session, log):
    model = chat(*words_of("Low Orbit is a quiet film. Starlight Run is a funny film. The Listeners is a drama."))
    events = replace(recommender, chat=model).reply(session, QUIET_SPACE)
    spoken = [next(events), next(events)][1]
    events.close()
    assert model.closed == 1 and "Listeners " not in model.said
    assert [turn.words for turn in log.turns("ann")] == [spoken.text]


def test_without_words_no_model_is_asked(recommender, session):
    model = chat("Low Orbit is a quiet film.")
    quiet = replace(recommender, chat=model)
    assert answer(quiet, session, QUIET_SPACE, speak=False).slate.item_ids
    assert after(quiet, session, "like", "orbit-2009").slate.item_ids
    assert model.asked == []


def test_a_forgotten_user_starts_anew(recommender, session, log):
    after(recommender, session, "dislike", "orbit-2009")
    answer(recommender, session, "no horror")
    log.forget("ann")
    profile = recommender.profile(log.start_session("ann", NOW))
    assert (profile.preferences, profile.constraints, profile.exclusions) == ((), (), frozenset())
