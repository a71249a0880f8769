"""Save as test: a developer's page gives away the visitor's own conversation as a script that holds; others have no button."""

from pathlib import Path

import pytest

from bot.conversation_tests.reading import read
from bot.conversation_tests.runner import run
from bot.conversation_tests.running import targets
from tests.browser.shelf import write_catalogue
from tests.browser.visitor import Server, Visitor
from tests.running import free_port, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def developed(tmp_path_factory):
    """A Parley without a model, for developers."""
    folder, port = tmp_path_factory.mktemp("developer"), free_port()
    catalogue, data = write_catalogue(folder / "shelf"), folder / "data"
    with serving(data, catalogue, port, PARLEY_DEVELOPER="true"):
        yield Server(f"http://127.0.0.1:{port}", data / "log.sqlite3"), catalogue


def test_the_button_gives_the_visitors_own_conversation_as_a_script_that_holds(developed, chromium):
    server, catalogue = developed
    ann, bob = (Visitor(chromium.new_context(viewport={"width": 1280, "height": 900}), server) for _ in range(2))
    bob.say("a quiet film about a walrus")
    ann.say("a funny heist, I am Annabel")
    turned_down = ann.cards[1]
    ann.press(turned_down, "Not for me")
    with ann.page.expect_download() as download:
        ann.page.get_by_role("button", name="Save as test", exact=True).click()
    assert download.value.suggested_filename == "conversation.conv.yaml"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    for strange in ("walrus", "Annabel", ann.id, bob.id, ann.rows("sessions", "id")[0][0]):
        assert strange not in text
    file = catalogue.with_name("conversation.conv.yaml")
    file.write_text(text, encoding="utf-8")
    (script,) = read(file)
    said, done = script.scenario.steps
    assert said.user.startswith("a funny heist") and done.event.kind == "dislike" and done.event.position == 2
    with targets() as open_target:
        assert run(script, open_target(script)).status == "passed"
    ann.context.close()
    bob.context.close()
    assert ann.complaints == bob.complaints == []


def test_an_empty_conversation_is_told_in_a_notice_and_nothing_is_saved(developed, chromium):
    visitor = Visitor(chromium.new_context(), developed[0])
    saved = []
    visitor.page.on("download", lambda download: saved.append(download))
    visitor.page.get_by_role("button", name="Save as test", exact=True).click()
    visitor.page.get_by_text("so there is nothing to record").wait_for()
    visitor.page.wait_for_timeout(500)
    visitor.context.close()
    assert saved == [] and visitor.complaints == []


def test_without_the_setting_there_is_no_such_button(shop, chromium):
    visitor = Visitor(chromium.new_context(), shop.parley)
    assert visitor.page.get_by_role("button", name="New conversation").count() == 1
    assert visitor.page.get_by_role("button", name="Save as test").count() == 0
    visitor.context.close()
