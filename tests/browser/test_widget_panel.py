"""The widget's profile panel, what comes back after a reload, and a panel that fills a phone."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}
INSIDE = "document.activeElement.localName"


@pytest.fixture
def known(shopper):
    """A shopper who has said something and looks at what is known of them."""
    shopper.open().say("a quiet film about space")
    shopper.frame.locator("#known-open").click()
    shopper.frame.locator(".known li").first.wait_for()
    return shopper


def test_a_preference_is_moved_and_the_cards_follow(known):
    less = known.frame.get_by_role("button", name="Less of quiet")
    for done, name in enumerate(("Less of quiet", "More of quiet", "Less of quiet"), 2):
        known.frame.get_by_role("button", name=name).click()
        known.until(lambda done=done: len(known.told("slate")) == done)
    assert less.evaluate("less => document.activeElement === less")
    less.click()  # nothing is left of it
    less.wait_for(state="detached")
    weights = known.server.rows("select weight from corrections where \"user\" = (select \"user\" from sessions where id = ?) "
                                "order by time", known.session["session_id"])  # fmt: skip
    assert [weight for (weight,) in weights] == [0.5, 1.0, 0.5, 0.0]


def test_learning_is_paused_and_taken_up_again(known):
    learn = known.frame.get_by_role("switch", name="Learn from what I say and do")
    assert learn.get_attribute("aria-checked") == "true"
    learn.click()
    known.frame.get_by_text("Learning is paused").wait_for()
    assert learn.get_attribute("aria-checked") == "false"
    learn.click()
    known.frame.get_by_text("Learning is paused").wait_for(state="hidden")


def test_everything_that_is_held_can_be_taken_away_as_a_file(known):
    with known.page.expect_download() as coming:
        known.frame.get_by_role("button", name="Download it all").click()
    assert coming.value.suggested_filename == "parley-export.json"
    held = json.loads(Path(coming.value.path()).read_text())
    assert held["turns"][0]["text"] == "a quiet film about space"
    assert held["sessions"][0]["id"] == known.session["session_id"]


def test_a_like_on_cards_that_followed_a_deed_is_linked_to_their_slate(shopper):
    shopper.open().say("something funny")
    shopper.deed(shopper.cards[0], "like").click()
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    second = shopper.told("slate")[1]
    shown = [item["id"] for item in second["items"]]
    shopper.until(lambda: shopper.cards == shown)
    shopper.deed(shown[2], "not_now").click()
    shopper.until(lambda: len(shopper.events) == 2)
    assert shopper.events[1][:4] == (shown[2], "not_now", second["id"], 3)
    ((items,),) = shopper.server.rows("select items from slates where id = ?", second["id"])
    assert json.loads(items) == shown


def test_reasons_and_pressed_likes_come_back_after_a_reload(shopper):
    shopper.open().say("a quiet film about space")
    liked = shopper.cards[0]
    shopper.deed(liked, "like").click()
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    shown = [item["id"] for item in shopper.told("slate")[1]["items"]]
    shopper.until(lambda: shopper.cards == shown)
    shopper.visit("/other").read()
    assert shopper.said == ["a quiet film about space"]
    assert shopper.cards == shown
    assert shopper.frame.locator(".card summary").count() > 0
    pressed = shopper.frame.locator(".card:has([aria-pressed=true])")
    assert pressed.evaluate_all("all => all.map((card) => card.dataset.item)") == [item for item in shown if item == liked]


def test_on_a_phone_the_focus_stays_within_the_panel_until_it_is_closed(arrive):
    shopper = arrive(**PHONE)
    shopper.bubble.tap()
    shopper.wait()
    assert shopper.panel.get_attribute("aria-modal") == "true"
    shopper.until(lambda: shopper.box.evaluate("box => document.activeElement === box && document.hasFocus()"))
    seen = set()
    for key in ["Tab"] * 24 + ["Shift+Tab"] * 24:
        shopper.page.keyboard.press(key)
        assert shopper.page.evaluate(INSIDE) == "parley-widget"
        seen.add(shopper.page.evaluate("document.activeElement.shadowRoot.activeElement.className || 'frame'"))
    assert seen == {"x", "frame"}
    shopper.page.keyboard.press("Escape")
    shopper.panel.wait_for(state="hidden")
    assert shopper.bubble.evaluate("bubble => bubble.getRootNode().activeElement === bubble")


def test_on_a_wide_screen_the_panel_holds_nobody(shopper):
    shopper.open()
    assert shopper.panel.get_attribute("aria-modal") == "false"
    shopper.page.locator("parley-widget button.x").focus()
    shopper.page.keyboard.press("Tab")
    assert shopper.page.evaluate("document.activeElement?.shadowRoot?.activeElement?.className") != "x"
    assert not shopper.box.evaluate("() => document.hasFocus()")
