"""The widget on a shop's page of another origin, under the strictest policy that still lets it in."""

import re

import pytest

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}


def test_a_message_is_answered_with_words_and_cards(shopper):
    shopper.open().say("a quiet film about space")
    assert shopper.said == ["a quiet film about space"]
    assert len(shopper.cards) == 5
    words = shopper.frame.locator(".turn .told")
    assert len(words.inner_text()) > 20
    assert words.get_attribute("aria-live") == "polite"
    card = shopper.frame.locator(".card").first
    assert re.search(r"Genres.*Mood.*Themes", card.inner_text(), re.DOTALL)
    card.locator("summary").click()
    assert "space" in card.locator("details").inner_text()
    (slate,) = shopper.told("slate")
    assert [item["id"] for item in slate["items"]] == shopper.cards


def test_nothing_is_loaded_of_the_frame_before_the_panel_is_opened(shopper, shop):
    assert {url.removeprefix(shop.parley.address) for url in shopper.asked if "127.0.0.1" in url} == {"/widget.js"}
    shopper.open()
    assert any("/embed?site=shop" in url for url in shopper.asked)


def test_a_like_reaches_the_log_and_the_page_and_the_cards_follow(shopper):
    shopper.open().say("something funny")
    liked = shopper.cards[1]
    (slate,) = shopper.told("slate")
    shopper.deed(liked, "like").click()
    shopper.until(lambda: shopper.told("feedback"))
    assert shopper.told("feedback") == [{"kind": "like", "item_id": liked, "slate_id": slate["id"], "position": 2}]
    assert shopper.events == [(liked, "like", slate["id"], 2, None)]
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    assert shopper.cards == [item["id"] for item in shopper.told("slate")[1]["items"]]


def test_what_is_not_for_a_visitor_leaves_the_cards(shopper):
    shopper.open().say("something funny")
    gone = shopper.cards[0]
    shopper.deed(gone, "dislike").click()
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    shopper.until(lambda: gone not in shopper.cards)
    assert len(shopper.cards) == 5


def test_the_conversation_goes_on_after_a_navigation_without_taking_the_focus(shopper):
    shopper.open().say("a tense heist")
    before, session = shopper.cards, shopper.session
    shopper.visit("/other").read()
    assert shopper.said == ["a tense heist"]
    assert shopper.cards == before
    assert shopper.session == session
    assert shopper.page.evaluate("document.activeElement === document.body")
    shopper.say("something older")
    assert shopper.said == ["a tense heist", "something older"]


def test_a_closed_panel_stays_closed_after_a_navigation(shopper):
    shopper.open()
    shopper.bubble.click()
    shopper.visit("/other")
    shopper.page.wait_for_timeout(200)
    assert shopper.panel.is_hidden()


def test_the_keyboard_opens_and_closes_and_the_focus_returns(shopper):
    shopper.page.keyboard.press("Tab")
    assert shopper.bubble.evaluate("bubble => bubble.getRootNode().activeElement === bubble")
    assert shopper.bubble.get_attribute("aria-expanded") == "false"
    assert shopper.bubble.get_attribute("aria-controls") == shopper.panel.get_attribute("id")
    shopper.page.keyboard.press("Enter")
    shopper.wait()
    assert shopper.bubble.get_attribute("aria-expanded") == "true"
    assert shopper.panel.get_attribute("aria-label") == "Films"
    shopper.until(lambda: shopper.box.evaluate("box => document.activeElement === box && document.hasFocus()"))
    shopper.page.keyboard.press("Escape")  # within the frame
    shopper.panel.wait_for(state="hidden")
    assert shopper.bubble.evaluate("bubble => bubble.getRootNode().activeElement === bubble")
    assert (shopper.told("open"), shopper.told("close")) == ([None], [None])


def test_the_panel_fills_a_phone_and_can_be_closed_there(arrive):
    shopper = arrive(**PHONE)
    shopper.bubble.tap()
    shopper.wait().panel.evaluate("panel => Promise.all(panel.getAnimations().map((each) => each.finished))")
    assert shopper.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    assert shopper.bubble.is_hidden()
    shopper.page.locator("parley-widget button.x").tap()
    assert shopper.panel.is_hidden()
    assert shopper.bubble.is_visible()


@pytest.mark.parametrize("width", [320, 392])
def test_the_page_fits_narrow_screens(arrive, width):
    shopper = arrive(viewport={"width": width, "height": 640})
    shopper.open().say("The Silver Orchard, or a quiet heist")
    assert shopper.frame.locator("html").evaluate("html => html.scrollWidth <= innerWidth")
    assert shopper.frame.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")


def test_the_profile_shows_evidence_and_forgets_one_thing_or_all(shopper):
    shopper.open().say("a quiet film about space")
    shopper.frame.locator("#known-open").click()
    rows = shopper.frame.locator(".known li")
    rows.first.wait_for()
    assert "you said “quiet”" in " ".join(rows.all_inner_texts())
    shopper.frame.get_by_role("button", name="Forget quiet").click()
    shopper.until(lambda: "quiet" not in " ".join(rows.all_inner_texts()))
    shopper.page.keyboard.press("Escape")  # closes the profile, not the panel
    assert shopper.panel.is_visible()
    shopper.frame.locator("#known-open").click()
    shopper.frame.get_by_role("button", name="Forget everything").click()
    shopper.frame.get_by_role("button", name="Yes, forget everything").click()
    shopper.frame.locator(".said").wait_for(state="detached")
    shopper.frame.locator("#known-open").click()
    shopper.frame.locator(".known .empty").wait_for()
