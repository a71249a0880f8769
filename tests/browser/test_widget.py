"""The widget on a shop's page of another origin, under the strictest policy that still lets it in."""

import re
from types import SimpleNamespace

import pytest

from tests.browser.hosting import hosting, page
from tests.browser.shelf import CODE_ID, write_catalogue
from tests.browser.shopper import Shopper
from tests.browser.visitor import Server
from tests.running import free_port, serving

pytestmark = pytest.mark.browser

STRICT = (
    "default-src 'none'; script-src {parley}; connect-src {parley}; frame-src {parley}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}
EARLY = "window.Parley = window.Parley || function () { (Parley.q = Parley.q || []).push(arguments) };"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A Parley without a model, and a shop on another origin whose pages it lets in."""
    folder, port = tmp_path_factory.mktemp("widget"), free_port()
    with hosting(free_port()) as host:
        catalogue, data = write_catalogue(folder / "shelf"), folder / "data"
        with serving(data, catalogue, port, PARLEY_TEST_ORIGINS=host.address):
            parley = Server(f"http://127.0.0.1:{port}", data / "log.sqlite3")
            host.headers["Content-Security-Policy"] = STRICT.format(parley=parley.address)
            host.pages["/"] = host.pages["/other"] = page(parley.address, label="Find a film", title="Films")
            yield SimpleNamespace(parley=parley, host=host)


@pytest.fixture
def arrive(world, chromium):
    """A new shopper; at the end nothing was forbidden or asked of anybody else, no cookie was set, and no error told."""
    shoppers = []

    def shopper(path="/", **options) -> Shopper:
        options = {"viewport": {"width": 1100, "height": 800}, **options}
        shoppers.append(Shopper(chromium.new_context(**options), world.host))
        return shoppers[-1].visit(path)

    yield shopper
    for one in shoppers:
        assert one.violations == []
        assert one.complaints == []
        assert one.context.cookies() == []
        ours = (world.parley.address + "/", world.host.address + "/")
        assert [url for url in one.asked if not url.startswith(ours)] == []
        one.context.close()


@pytest.fixture
def shopper(arrive) -> Shopper:
    return arrive()


def events_of(world, shopper) -> list[tuple]:
    """What the log holds of a shopper's deeds."""
    query = "select item, kind, slate, position, value from events where session = ? order by time"
    return world.parley.rows(query, shopper.session["session_id"])


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


def test_nothing_is_loaded_of_the_frame_before_the_panel_is_opened(world, shopper):
    assert {url.removeprefix(world.parley.address) for url in shopper.asked if "127.0.0.1" in url} == {"/widget.js"}
    shopper.open()
    assert any("/embed?site=shop" in url for url in shopper.asked)


def test_a_like_reaches_the_log_and_the_page_and_the_cards_follow(world, shopper):
    shopper.open().say("something funny")
    liked = shopper.cards[1]
    (slate,) = shopper.told("slate")
    shopper.deed(liked, "like").click()
    shopper.until(lambda: shopper.told("feedback"))
    assert shopper.told("feedback") == [{"kind": "like", "item_id": liked, "slate_id": slate["id"], "position": 2}]
    assert events_of(world, shopper) == [(liked, "like", slate["id"], 2, None)]
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    assert shopper.cards == [item["id"] for item in shopper.told("slate")[1]["items"]]


def test_what_is_not_for_a_visitor_leaves_the_cards(world, shopper):
    shopper.open().say("something funny")
    gone = shopper.cards[0]
    shopper.deed(gone, "dislike").click()
    shopper.until(lambda: len(shopper.told("slate")) == 2)
    shopper.until(lambda: gone not in shopper.cards)
    assert len(shopper.cards) == 5


def test_what_the_shop_tracks_reaches_the_log(world, shopper):
    shopper.parley("track", {"kind": "view", "item_id": "film-3"})
    shopper.parley("track", {"kind": "rating", "item_id": "film-4", "value": 4.5})
    shopper.until(lambda: shopper.session and len(events_of(world, shopper)) == 2)
    assert [(item, kind, value) for item, kind, _, _, value in events_of(world, shopper)] == [
        ("film-3", "view", None), ("film-4", "rating", 4.5),
    ]  # fmt: skip
    assert sum(url.endswith("/api/v1/events") for url in shopper.asked) == 1  # both together


def test_what_is_tracked_last_is_sent_while_the_page_is_left(world, shopper):
    shopper.open()
    shopper.until(lambda: shopper.session)
    shopper.leave("Parley('track', { kind: 'cart', item_id: 'film-9' })")
    shopper.until(lambda: [row[:2] for row in events_of(world, shopper)] == [("film-9", "cart")])


def test_what_is_tracked_before_there_is_a_session_is_sent_from_the_next_page(world, arrive):
    shopper = arrive()
    shopper.page.route("**/api/v1/sessions", lambda route: None)  # not answered while this page stands
    shopper.leave("Parley('track', { kind: 'view', item_id: 'film-7' })")
    shopper.page.unroute("**/api/v1/sessions")
    shopper.visit("/")
    shopper.until(lambda: shopper.session and [row[:2] for row in events_of(world, shopper)] == [("film-7", "view")])


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


def test_commands_given_before_the_script_is_there_are_carried_out(world, arrive):
    world.host.pages["/early.js"] = (
        f"{EARLY} Parley('on', 'slate', (s) => {{ window.early = s.id }}); Parley('send', 'something cosy');"
    )
    world.host.pages["/early"] = page(world.parley.address, '<script src="/early.js"></script>')
    world.host.headers["Content-Security-Policy"] += "; script-src-elem 'self' " + world.parley.address
    shopper = arrive("/early")
    world.host.headers["Content-Security-Policy"] = STRICT.format(parley=world.parley.address)
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


def test_who_logs_in_gets_a_conversation_of_their_own(arrive, world):
    shopper = arrive()
    headers = []
    shopper.page.on(
        "request", lambda asked: headers.append(asked.headers.get("authorization")) if asked.url.endswith("/sessions") else 0
    )
    shopper.open().say("something quiet")
    anonymous = shopper.session
    token = "e30.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl"  # {"sub": "anna"}
    shopper.parley("identify", token)
    shopper.until(lambda: shopper.session["session_id"] != anonymous["session_id"])
    shopper.until(lambda: shopper.said == [])
    assert headers == [None, f"Bearer {token}"]
    assert shopper.session["sub"] == "anna"


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


def test_messages_of_other_windows_and_origins_are_not_heard(shopper, world):
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


def test_events_of_a_session_that_is_not_believed_any_more_are_sent_with_a_new_one(world, shopper):
    shopper.parley("track", {"kind": "view", "item_id": "film-1"})
    shopper.until(lambda: shopper.session)
    shopper.page.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem('parley:shop'));
      localStorage.setItem('parley:shop', JSON.stringify({ ...kept, token: 'forged' }));
    }""")
    shopper.visit("/other").parley("track", {"kind": "view", "item_id": "film-2"})
    shopper.until(lambda: shopper.session["token"] != "forged" and events_of(world, shopper))
    assert [row[0] for row in events_of(world, shopper)] == ["film-2"]
    shopper.complaints.clear()


def test_a_refused_event_is_told_to_the_page(shopper):
    shopper.parley("track", {"kind": "view", "item_id": "no-film"})
    shopper.until(lambda: shopper.told("error"))
    assert "no-film" in shopper.told("error")[0]["detail"]


def test_a_page_whose_storage_is_closed_has_a_conversation_for_as_long_as_it_stands(world, chromium):
    context = chromium.new_context()
    context.add_init_script("for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
                            "{ get() { throw new DOMException('closed', 'SecurityError') } })")  # fmt: skip
    shopper = Shopper(context, world.host).visit().open()
    shopper.say("something quiet")
    shopper.say("something older")
    assert len(shopper.said) == 2
    assert [*shopper.violations, *shopper.complaints] == []
    context.close()


def test_a_page_of_another_origin_is_not_listened_to(world, chromium):
    with hosting(free_port()) as stranger:
        stranger.pages["/"] = f'<iframe src="{world.parley.address}/embed?site=shop"></iframe>'
        page = chromium.new_page()
        page.goto(stranger.address)
        told = page.frame_locator("iframe").locator(".told")
        page.frame_locator("iframe").locator("#known-open").wait_for()
        page.evaluate("frames[0].postMessage({ parley: 'session', detail: { session_id: 's', token: 't' } }, '*')")
        told.wait_for()
        assert told.inner_text() == f"This chat is not meant for {stranger.address}."
        assert page.frame_locator("iframe").locator("#form").is_hidden()
        page.close()


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
