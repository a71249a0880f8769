"""What a shop's own scripts tell the widget, and what becomes of it."""

import time

import jwt
import pytest

from tests.browser.conftest import SHARED
from tests.browser.hosting import page

pytestmark = pytest.mark.browser

EARLY = "window.Parley = window.Parley || function () { (Parley.q = Parley.q || []).push(arguments) };"


def test_what_the_shop_tracks_reaches_the_log(shopper):
    shopper.parley("track", {"kind": "view", "item_id": "film-3"})
    shopper.parley("track", {"kind": "rating", "item_id": "film-4", "value": 4.5})
    shopper.until(lambda: shopper.session and len(shopper.events) == 2)
    assert [(item, kind, value) for item, kind, _, _, value in shopper.events] == [
        ("film-3", "view", None), ("film-4", "rating", 4.5),
    ]  # fmt: skip
    assert sum(url.endswith("/api/v1/events") for url in shopper.asked) == 1  # both together


def test_what_is_tracked_last_is_sent_while_the_page_is_left(shopper):
    shopper.open()
    shopper.until(lambda: shopper.session)
    shopper.leave("Parley('track', { kind: 'cart', item_id: 'film-9' })")
    shopper.until(lambda: [row[:2] for row in shopper.events] == [("film-9", "cart")])


def test_what_is_tracked_before_there_is_a_session_is_sent_from_the_next_page(arrive):
    shopper = arrive()
    shopper.page.route("**/api/v1/sessions", lambda route: None)  # not answered while this page stands
    shopper.leave("Parley('track', { kind: 'view', item_id: 'film-7' })")
    shopper.page.unroute("**/api/v1/sessions")
    shopper.visit("/")
    shopper.until(lambda: shopper.session and [row[:2] for row in shopper.events] == [("film-7", "view")])


def test_commands_given_before_the_script_is_there_are_carried_out(arrive, shop):
    shop.host.pages["/early.js"] = (
        f"{EARLY} Parley('on', 'slate', (s) => {{ window.early = s.id }}); Parley('send', 'something cosy');"
    )
    shop.host.pages["/early"] = page(shop.parley.address, '<script src="/early.js"></script>')
    policy = shop.host.headers["Content-Security-Policy"]
    shop.host.headers["Content-Security-Policy"] += "; script-src-elem 'self' " + shop.parley.address
    shopper = arrive("/early")
    shop.host.headers["Content-Security-Policy"] = policy
    shopper.wait().read()
    assert shopper.said == ["something cosy"]
    assert shopper.page.evaluate("window.early") == shopper.told("slate")[0]["id"]


def test_what_the_page_shows_is_what_this_one_means(shopper):
    shopper.parley("context", {"item_id": "film-12", "title": "The page of a film", "url": "http://localhost/film-12"})
    shopper.open()
    assert "Hollow Orchard" in shopper.frame.locator("#context").inner_text()
    shopper.parley("context", {"item_id": "film-13"})
    shopper.parley("send", "more like this one")
    shopper.read()
    assert "Hollow Compass" in shopper.frame.locator(".told").last.inner_text()
    shopper.parley("context", {"item_id": "film-12"})
    shopper.parley("send", "more like this one")
    shopper.frame.locator(".said").nth(1).wait_for()
    shopper.read()
    assert "Hollow Orchard" in shopper.frame.locator(".told").last.inner_text()
    shopper.parley("context", {"item_id": "no-film"})  # a shop shows more than the catalogue has
    shopper.frame.locator("#context").wait_for(state="hidden")
    shopper.complaints.remove("Failed to load resource: the server responded with a status of 404 (Not Found)")
    shopper.say("something funny")


def test_who_logs_in_gets_a_conversation_of_their_own(arrive):
    shopper = arrive()
    headers = []
    shopper.page.on(
        "request", lambda asked: headers.append(asked.headers.get("authorization")) if asked.url.endswith("/sessions") else 0
    )
    shopper.open().say("something quiet")
    anonymous = shopper.session
    token = jwt.encode({"sub": "anna", "aud": "parley", "exp": int(time.time()) + 300}, SHARED, "HS256")
    shopper.parley("identify", token)
    shopper.until(lambda: (shopper.session or anonymous)["session_id"] != anonymous["session_id"])
    shopper.until(lambda: shopper.said == [])
    assert headers == [None, f"Bearer {token}"]
    assert shopper.session["sub"] == "anna"
    known = jwt.decode(shopper.session["token"], options={"verify_signature": False})
    assert known["site"] == "shop" and known["sub"].startswith("shop.") and "anna" not in known["sub"]


def test_events_of_a_session_that_is_not_believed_any_more_are_sent_with_a_new_one(shopper):
    shopper.parley("track", {"kind": "view", "item_id": "film-1"})
    shopper.until(lambda: shopper.session)
    shopper.page.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem('parley:shop'));
      localStorage.setItem('parley:shop', JSON.stringify({ ...kept, token: 'forged' }));
    }""")
    shopper.visit("/other").parley("track", {"kind": "view", "item_id": "film-2"})
    shopper.until(lambda: (shopper.session or {}).get("token", "forged") != "forged" and shopper.events)
    assert [row[0] for row in shopper.events] == ["film-2"]
    shopper.complaints.clear()


def test_a_refused_event_is_told_to_the_page(shopper):
    shopper.parley("track", {"kind": "view", "item_id": "no-film"})
    shopper.until(lambda: shopper.told("error"))
    assert "no-film" in shopper.told("error")[0]["detail"]
