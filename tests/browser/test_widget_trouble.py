"""The widget where something is closed, broken, late or not meant for it."""

from contextlib import contextmanager

import pytest

from tests.browser.hosting import hosting
from tests.browser.shelf import CODE_ID
from tests.browser.shopper import Shopper
from tests.running import free_port

pytestmark = pytest.mark.browser


def test_a_session_that_is_not_believed_any_more_is_renewed_once(shopper):
    shopper.open()
    shopper.until(lambda: shopper.session)
    old = shopper.session["session_id"]
    shopper.page.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem('parley:shop'));
      localStorage.setItem('parley:shop', JSON.stringify({ ...kept, token: 'forged' }));
    }""")
    shopper.visit("/other").wait().say("something quiet")
    assert shopper.session["session_id"] != old
    assert sum("401" in said for said in shopper.complaints) <= 2
    shopper.complaints.clear()


def test_texts_of_the_catalogue_stay_texts(shopper):
    shopper.open().say("something eerie about a lighthouse")
    assert CODE_ID in shopper.cards
    assert "<script>" in shopper.frame.locator(f'[data-item="{CODE_ID}"] h3').inner_text()
    assert shopper.frame.locator("body").evaluate("() => window.ran") is None


def test_an_answer_can_be_stopped(shopper):
    shopper.open()
    shopper.page.route("**/api/v1/turns", lambda route: None)
    shopper.box.fill("something slow")
    shopper.box.press("Enter")
    shopper.frame.locator("#stop").click()
    shopper.frame.get_by_text("Stopped.").wait_for()
    shopper.page.unroute("**/api/v1/turns")
    shopper.say("something quick")


def test_what_went_wrong_is_told_and_can_be_tried_again(shopper):
    shopper.open()
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "content_type": "application/problem+json", "body": "{}"}
    shopper.page.route("**/api/v1/turns", lambda route: route.fulfill(**busy), times=1)
    shopper.box.fill("something quiet")
    shopper.box.press("Enter")
    retry = shopper.frame.get_by_role("button", name="Try again")
    retry.wait_for()
    assert "Many people" in shopper.frame.locator("main [role=alert]").inner_text()
    assert retry.is_disabled()
    retry.click()  # once it can be
    shopper.read()
    assert shopper.said == ["something quiet"]
    assert [told["status"] for told in shopper.told("error")] == [429]
    shopper.complaints.clear()


def test_messages_of_other_windows_and_origins_are_not_heard(shopper):
    shopper.open()
    shopper.page.evaluate(
        "window.postMessage({ parley: 'close' }, '*'); window.postMessage({ parley: 'error', detail: {} }, '*')"
    )
    frame = next(frame for frame in shopper.page.frames if "/embed" in frame.url)
    frame.evaluate("window.postMessage({ parley: 'send', detail: 'not from the parent' }, '*')")
    shopper.page.wait_for_timeout(300)
    assert shopper.panel.is_visible()
    assert shopper.told("error") == []
    assert shopper.said == []


def test_a_page_whose_storage_is_closed_has_a_conversation_for_as_long_as_it_stands(chromium, shop):
    context = chromium.new_context()
    context.add_init_script("for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
                            "{ get() { throw new DOMException('closed', 'SecurityError') } })")  # fmt: skip
    shopper = Shopper(context, shop.host, shop.parley).visit().open()
    shopper.say("something quiet")
    shopper.say("something older")
    assert len(shopper.said) == 2
    assert [*shopper.violations, *shopper.complaints] == []
    context.close()


@contextmanager
def framed_by_a_stranger(chromium, shop):
    """A page of an origin that the site does not name, which frames the widget's page."""
    with hosting(free_port()) as stranger:
        stranger.pages["/"] = f'<iframe src="{shop.parley.address}/embed?site=shop"></iframe>'
        page = chromium.new_page()
        yield page, stranger
        page.close()


def test_a_page_of_another_origin_may_not_frame_it(chromium, shop):
    with framed_by_a_stranger(chromium, shop) as (page, stranger):
        refused = []
        page.on("console", lambda told: refused.append(told.text))
        page.goto(stranger.address)
        page.wait_for_timeout(500)
        assert page.frames[1].url.startswith("chrome-error:")
        assert any("frame-ancestors" in text for text in refused)


def test_a_page_of_another_origin_is_not_listened_to_even_in_a_browser_that_lets_it_frame(chromium, shop):
    def without_policy(route):
        got = route.fetch()
        route.fulfill(response=got, headers={k: v for k, v in got.headers.items() if k != "content-security-policy"})

    with framed_by_a_stranger(chromium, shop) as (page, stranger):
        page.route("**/embed?site=shop", without_policy)
        page.goto(stranger.address)
        told = page.frame_locator("iframe").locator(".told")
        page.frame_locator("iframe").locator("#known-open").wait_for()
        page.evaluate("frames[0].postMessage({ parley: 'session', detail: { session_id: 's', token: 't' } }, '*')")
        told.wait_for()
        assert told.inner_text() == f"This chat is not meant for {stranger.address}."
        assert page.frame_locator("iframe").locator("#form").is_hidden()


def test_a_session_that_cannot_be_had_is_told_and_can_be_tried_again(shopper):
    shopper.page.route("**/api/v1/sessions", lambda route: route.abort())
    shopper.bubble.click()
    retry = shopper.frame.get_by_role("button", name="Try again")
    retry.wait_for()
    assert [told["status"] for told in shopper.told("error")] == [0]
    shopper.page.unroute("**/api/v1/sessions")
    retry.click()
    shopper.wait().say("something quiet")
    shopper.complaints.clear()


def test_an_answer_that_breaks_off_is_told(shopper):
    begun = {"content_type": "text/event-stream", "body": 'id: 1\nevent: words\ndata: {"text": "Half of"}\n\n'}
    shopper.open().page.route("**/api/v1/turns", lambda route: route.fulfill(**begun), times=1)
    shopper.box.fill("something quiet")
    shopper.box.press("Enter")
    shopper.frame.get_by_role("button", name="Try again").click()
    shopper.read()
    assert shopper.said == ["something quiet"]
    assert "Half of" not in shopper.frame.locator("main").inner_text()


def test_another_answer_of_the_same_session_is_waited_for(shopper):
    busy = {"status": 409, "headers": {"Retry-After": "1"}, "content_type": "application/problem+json", "body": "{}"}
    shopper.open().page.route("**/api/v1/turns", lambda route: route.fulfill(**busy), times=1)
    shopper.say("something quiet")
    assert shopper.told("error") == []
    shopper.complaints.clear()
