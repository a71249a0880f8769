"""A conversation on the page, as a person has it: chat, cards, buttons, quick replies, reload."""

import pytest

from tests.browser.shelf import FIRST, LAST

pytestmark = pytest.mark.browser

ALL_TITLES = {f"The {first} {last}" for first in FIRST for last in LAST}


def test_a_person_asks_and_cards_come_before_any_word(visitor):
    visitor.say("a funny heist")
    with_cards = next(entry for entry in visitor.diary if entry["cards"])
    with_words = next(entry for entry in visitor.diary if entry["words"])
    assert with_cards["words"] == ""
    assert with_cards["at"] < with_words["at"]
    assert with_cards["cards"].split() == visitor.cards
    assert len(visitor.cards) == 5


def test_the_next_cards_too_come_before_their_words(visitor):
    visitor.say("a funny heist")
    first = visitor.cards
    visitor.say("no comedies, something with a storm")
    assert visitor.cards != first
    new = [entry for entry in visitor.diary if entry["asked"] == 2]
    assert next(entry for entry in new if entry["told"] == 2)["cards"].split() == visitor.cards


def test_the_words_name_no_item_that_is_not_on_a_card(visitor):
    for message in ("a quiet film about space", "tense, with smuggling", "something longer"):
        words = visitor.say(message)
        named = {title for title in ALL_TITLES if title in words}
        assert named
        assert named <= set(visitor.titles)


def test_liking_an_item_presses_its_button_and_moves_the_slate(visitor):
    visitor.say("a funny film")
    before = visitor.cards
    liked = before[1]
    assert visitor.button(liked, "Like").get_attribute("aria-pressed") == "false"
    assert "you like" in visitor.press(liked, "Like")
    assert visitor.cards != before
    assert visitor.button(liked, "Like").get_attribute("aria-pressed") == "true"
    assert "liked" in visitor.known


def test_every_button_can_be_pressed_again_after_an_answer(visitor):
    visitor.say("a funny film")
    item = visitor.cards[0]
    for _ in range(3):
        visitor.press(item, "Like")
        visitor.until(lambda: visitor.button(item, "Like").is_enabled(), seconds=5)
    visitor.press(item, "Not for me")
    assert item not in visitor.cards


@pytest.mark.parametrize("button", ["Not for me", "Seen it"])
def test_an_item_turned_down_goes_and_never_returns(visitor, button):
    visitor.say("a tense film with a bear")
    gone = visitor.cards[0]
    visitor.press(gone, button)
    assert gone not in visitor.cards
    for message in ("a tense film with a bear", "more of that, please", "tense bear books"):
        visitor.say(message)
        assert len(visitor.cards) == 5
        assert gone not in visitor.cards
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.until(lambda: not visitor.cards)
    visitor.say("a tense film with a bear")
    assert gone not in visitor.cards


def test_why_this_shows_reasons(visitor):
    visitor.say("a quiet film about space")
    card = visitor.page.locator(".parley-card").first
    reasons = card.locator("details li")
    assert not reasons.first.is_visible()
    card.get_by_text("Why this?").click()
    assert reasons.first.is_visible()
    told = " ".join(reasons.all_text_contents())
    assert "quiet" in told or "space" in told


def test_quick_replies_are_messages(visitor):
    replies = visitor.page.locator(".parley-replies button")
    assert replies.all_text_contents() == ["a funny heist", "something quiet about space"]
    for _ in range(2):
        message = replies.first.text_content()
        with visitor.answer():
            replies.first.click()
        assert visitor.chat[-2] == message
        assert len(visitor.cards) == 5


def test_stop_ends_the_words(visitor):
    visitor.say("a funny film")  # warms what is computed once
    visitor.click_as_soon_as_cards_change("Stop")
    visitor.type("a dark film about letters")
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: len(visitor.rows("turns")) == 2)
    visitor.page.wait_for_timeout(6_000)  # more than the whole answer takes
    assert sum(title in visitor.rows("turns", "words")[-1][0] for title in visitor.titles) < 3
    assert visitor.chat[2] == "a dark film about letters"
    words = visitor.say("now something cosy")
    assert sum(title in words for title in visitor.titles) >= 1


def test_a_message_sent_while_words_come_is_answered_too(visitor):
    visitor.type("a funny film")
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: visitor.cards and not visitor.typed)
    visitor.say("a dark film about letters")
    assert [turn[0] for turn in visitor.rows("turns", "text")] == ["a funny film", "a dark film about letters"]
    assert len(visitor.chat) == 4


def test_what_is_typed_while_words_come_stays(visitor):
    with visitor.answer():
        visitor.type("a funny film")
        visitor.page.keyboard.press("Enter")
        visitor.until(lambda: visitor.cards and not visitor.typed)
        visitor.type("and then")
    visitor.press(visitor.cards[0], "Like")
    assert visitor.typed == "and then"


def test_an_item_turned_down_while_words_come_does_not_flash_back(visitor):
    visitor.type("a funny film")
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: visitor.cards)
    gone = visitor.cards[0]
    visitor.press(gone, "Not for me")
    visitor.page.wait_for_timeout(6_000)  # longer than the first words would have taken
    seen = [gone in entry["cards"].split() for entry in visitor.diary if entry["cards"]]
    assert seen == sorted(seen, reverse=True)
    assert gone not in visitor.cards


def test_the_conversation_survives_a_reload(visitor):
    visitor.say("a funny heist")
    visitor.press(visitor.cards[2], "Like")
    visitor.say("no horror")
    before = visitor.chat, visitor.cards, visitor.known
    pressed = visitor.page.locator("[aria-pressed=true]").count()
    visitor.page.reload()
    visitor.until(lambda: visitor.cards)
    assert (visitor.chat, visitor.cards, visitor.known) == before
    assert visitor.page.locator("[aria-pressed=true]").count() == pressed
    visitor.say("something longer")
    assert len(visitor.chat) == len(before[0]) + 2


def test_a_new_conversation_clears_the_chat(visitor):
    visitor.say("a funny heist")
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.until(lambda: not visitor.chat and not visitor.cards)
    visitor.page.reload()
    visitor.page.wait_for_selector(".parley-note")
    visitor.page.wait_for_timeout(2_000)
    assert visitor.chat == visitor.cards == []
    visitor.say("a quiet film about space")
    assert len(visitor.chat) == 2


@pytest.mark.parametrize(("message", "notice"), [("", "empty"), ("   ", "empty"), ("x" * 3_000, "at most 2,000")])
def test_a_message_that_cannot_be_answered_is_told_and_loses_nothing(visitor, message, notice):
    visitor.say("a funny heist")
    before = visitor.chat, visitor.cards, visitor.known
    visitor.type(message)
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: notice in visitor.notices)
    visitor.page.wait_for_timeout(1_000)
    assert visitor.typed == message
    assert (visitor.chat, visitor.cards, visitor.known) == before
    assert len(visitor.rows("turns")) == 1
    visitor.say("no horror")
