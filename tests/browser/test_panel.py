"""What I know of you: each thing with its evidence, and what the visitor may do about it."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def row(visitor, text):
    return visitor.page.locator(".parley-profile li", has_text=text)


def press(visitor, name):
    visitor.page.locator(".parley-profile").get_by_role("button", name=name, exact=True).click()


def test_a_preference_is_shown_with_its_words_can_be_weighed_and_forgotten(visitor):
    visitor.say("a funny heist, no horror")
    assert "you said “funny”, today" in row(visitor, "funny").text_content()
    with visitor.answer():
        press(visitor, "Less funny")
    assert "set by you, today" in row(visitor, "funny").text_content()
    with visitor.answer() as told:
        press(visitor, "Forget funny")
    assert "no longer counts" in told.words
    assert row(visitor, "funny").count() == 0
    with visitor.answer():
        press(visitor, "Forget no horror")
    assert row(visitor, "horror").count() == 0
    assert row(visitor, "heist").count() >= 1
    assert [kind for (kind,) in visitor.rows("corrections", "kind")] == ["weigh", "forget", "forget"]


def test_a_timeline_is_told_when_it_is_opened(visitor):
    visitor.say("a funny heist")
    visitor.page.get_by_text("Over time").click()
    visitor.until(lambda: visitor.page.locator(".parley-months li").count() == 1)
    told = visitor.page.locator(".parley-months li").text_content()
    assert "heist" in told and "funny" in told


def test_undo_brings_back_what_was_turned_down(visitor):
    visitor.say("a tense film with a bear")
    gone = visitor.cards[0]
    visitor.press(gone, "Not for me")
    assert gone not in visitor.cards
    with visitor.answer():
        press(visitor, "Undo the last")
    assert gone in visitor.cards


def test_while_learning_is_paused_a_new_conversation_knows_nothing_of_it(visitor):
    switch = visitor.page.get_by_role("switch")
    assert switch.get_attribute("aria-checked") == "true"
    switch.click()
    visitor.until(lambda: switch.get_attribute("aria-checked") == "false")
    visitor.say("a funny heist")
    assert row(visitor, "funny").count() >= 1
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.until(lambda: not visitor.cards and "funny" not in visitor.known)
    visitor.page.reload()
    visitor.page.wait_for_selector("[role=switch]")
    visitor.until(lambda: "paused" in visitor.known)
    visitor.page.get_by_role("switch").click()
    visitor.until(lambda: "paused" not in visitor.known)


def test_the_export_holds_what_was_said_and_nothing_of_others(visit):
    ann, bob = visit(), visit()
    bob.say("a quiet film about space and walrus")
    ann.say("a funny heist with marzipan")
    with ann.page.expect_download() as download:
        press(ann, "Export")
    told = Path(download.value.path()).read_text(encoding="utf-8")
    assert json.loads(told)["turns"][0]["text"] == "a funny heist with marzipan"
    assert "walrus" not in told
