"""What the page must never do: mix visitors, keep the forgotten, run what is written in items or messages, ask elsewhere."""

import pytest

from tests.browser.shelf import CODE, CODE_ID

pytestmark = pytest.mark.browser

CODE_MESSAGE = (
    "a lighthouse <script>window.ran = 'message'</script><img src=x onerror=\"window.ran = 'message'\"> "
    "${window.ran = 'template'} ${alert(1)} C:\\new \\u0000 `tick` {{value}} <b>bold</b> & eerie"
)


def test_two_visitors_at_once_see_nothing_of_each_other(visit):
    ann, bob = visit(), visit()
    assert ann.id != bob.id
    for hers, his in (("a marzipan heist, funny", "quiet space and walrus"), ("no horror, marzipan", "walrus letters")):
        with ann.answer(), bob.answer():
            ann.type(hers)
            bob.type(his)
            ann.page.keyboard.press("Enter")
            bob.page.keyboard.press("Enter")
    with ann.answer(), bob.answer():
        ann.button(ann.cards[0], "Like").click()
        bob.button(bob.cards[0], "Not for me").click()
    for visitor, own, foreign in ((ann, "marzipan", "walrus"), (bob, "walrus", "marzipan")):
        assert len(visitor.chat) == 5
        assert own in visitor.page.content()
        assert foreign not in visitor.page.content()
        assert foreign not in str(visitor.diary)
        assert len(visitor.rows("turns")) == 3
        assert foreign not in str([visitor.rows(table) for table in ("turns", "events", "slates", "sessions")])
    ann.page.reload()
    ann.until(lambda: ann.cards)
    assert "walrus" not in ann.page.content()


def test_another_tab_of_the_same_browser_shows_the_same_conversation(visitor):
    visitor.say("a funny heist")
    tab = visitor.context.new_page()
    tab.goto(visitor.server.address)
    tab.wait_for_selector(".parley-card")
    assert tab.locator("[data-testid=bot]").last.text_content().strip() == visitor.chat[-1]


def test_forget_me_empties_page_and_database(visitor):
    visitor.say("a funny heist with a zeppelin")
    liked, disliked = visitor.cards[:2]
    visitor.press(liked, "Like")
    visitor.press(disliked, "Not for me")
    assert visitor.rows("turns") and visitor.rows("events") and visitor.rows("slates")
    visitor.page.get_by_text("Forget me", exact=True).click()
    visitor.page.wait_for_timeout(500)
    assert visitor.rows("turns")  # it asks first
    visitor.page.get_by_role("button", name="Yes, forget me").click()
    visitor.until(lambda: not visitor.chat and not visitor.cards)
    visitor.until(lambda: "Nothing yet" in visitor.known)
    assert visitor.rows("turns") == visitor.rows("events") == visitor.rows("slates") == []
    assert len(visitor.rows("sessions")) == 1  # the new, empty conversation
    for file in visitor.server.database.parent.glob(f"{visitor.server.database.name}*"):
        assert b"zeppelin" not in file.read_bytes()
    visitor.page.reload()
    visitor.page.wait_for_selector(".parley-note")
    assert visitor.chat == visitor.cards == []
    visitor.say("a funny heist")
    assert visitor.button(liked, "Like").get_attribute("aria-pressed") == "false" if liked in visitor.cards else True


def test_forget_me_while_words_come_forgets_them_too(visitor):
    visitor.say("a funny film")
    visitor.click_as_soon_as_cards_change("Yes, forget me")
    visitor.type("a dark film with a zeppelin")
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: "Nothing yet" in visitor.known)
    visitor.page.wait_for_timeout(6_000)  # longer than the whole answer takes
    assert visitor.rows("turns") == visitor.rows("slates") == []
    assert visitor.chat == visitor.cards == []


def test_code_in_items_and_messages_is_shown_and_never_run(visitor):
    visitor.say(CODE_MESSAGE)
    card = visitor.card(CODE_ID)
    assert CODE["title"] in card.locator("h3").text_content()
    assert CODE["description"] in card.text_content()
    card.get_by_text("Why this?").click()
    assert visitor.chat[0] == CODE_MESSAGE
    assert CODE["title"] in visitor.chat[1]
    assert visitor.page.locator(f"text=More like {CODE['title']}").count() == 1
    visitor.press(CODE_ID, "Like")
    assert CODE["title"] in visitor.known
    visitor.say(f"like {CODE['title']}, no <img src=x onerror=\"window.ran = 'evidence'\"> ${{window.ran}}")
    visitor.page.reload()
    visitor.until(lambda: len(visitor.chat) == 5)
    visitor.page.wait_for_timeout(1_000)
    assert visitor.page.evaluate("window.ran") is None
    assert (
        visitor.page.locator(".parley-cards img, .parley-profile img, [data-testid=user] img, [data-testid=bot] img").count()
        == 0
    )


def test_nothing_on_the_page_leaves_its_origin(visitor):
    visitor.say("a quiet film about space")
    visitor.press(visitor.cards[0], "Like")
    visitor.page.reload()
    visitor.until(lambda: visitor.cards)
    assert len(visitor.asked) > 10
    assert {url.split("/")[2] for url in visitor.asked if url.startswith("http")} == {visitor.server.address.split("/")[2]}
    addresses = visitor.page.eval_on_selector_all(
        "[src], link[href], form[action]",
        "all => all.map((e) => e.src || e.href || e.action).filter((url) => /^(https?:)?[/][/]/.test(url))",
    )
    assert {url.split("/")[2] for url in addresses} <= {visitor.server.address.split("/")[2]}


def test_the_visitors_cookie_is_out_of_reach_of_scripts(visitor):
    assert "parley_visitor" not in visitor.page.evaluate("document.cookie")
    assert visitor.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })").count(visitor.id) == 0
