"""The widget's page opened by itself, and what is served for it: sizes, policies, caches, and how soon it is seen."""

import gzip
import re
import statistics
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from bot.api.example_routes import FILES
from bot.api.widget_routes import PARTS
from tests.browser.contrast import faint
from tests.browser.hosting import DIARY
from tests.browser.shelf import write_catalogue
from tests.running import ROOT, free_port, serving

pytestmark = pytest.mark.browser

WIDGET = ROOT / "bot/api/widget"
EXAMPLES = ROOT / "bot/api/examples"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture(scope="module")
def parley(tmp_path_factory):
    """A Parley without a model that serves the examples too."""
    folder, port = tmp_path_factory.mktemp("embed"), free_port()
    with serving(folder / "data", write_catalogue(folder / "shelf"), port, options=["--examples"]):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def look(parley, chromium):
    """Opens an address of Parley; at the end nothing was forbidden, nothing was asked of anybody else, no error was told."""
    seen = []

    def open_page(path: str, **options):
        context = chromium.new_context(viewport={"width": 390, "height": 780}, **options)
        context.add_init_script(DIARY)
        page = context.new_page()
        seen.append(SimpleNamespace(page=page, asked=[], complaints=[]))
        page.on("request", lambda request: seen[-1].asked.append(request.url))
        page.on("console", lambda said: seen[-1].complaints.append(said.text) if said.type == "error" else None)
        page.goto(parley + path)
        return page

    yield open_page
    for one in seen:
        assert one.page.evaluate("window.violations") == []
        assert one.complaints == []
        assert [url for url in one.asked if not url.startswith(parley)] == []
        assert one.page.context.cookies() == []
        one.page.context.close()


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes()))


def test_the_script_has_at_most_five_kilobytes_and_the_page_sixty():
    assert packed(WIDGET / "widget.js") <= 5_000
    assert sum(packed(WIDGET / name) for name in ("embed.html", *PARTS)) <= 60_000


def test_every_file_is_served_and_named():
    assert {file.name for file in WIDGET.iterdir()} == {"widget.js", "embed.html", *PARTS}
    assert {file.name for file in EXAMPLES.iterdir()} == {"index.html", *FILES}
    preloaded = re.findall(r'modulepreload" href="embed/([^"]+)"', (WIDGET / "embed.html").read_text())
    assert {*preloaded, "embed.js"} == {name for name in PARTS if name.endswith(".js")}


def test_no_text_becomes_code_or_markup():
    for file in (*WIDGET.glob("*.js"), *EXAMPLES.glob("*.js")):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|cookie", file.read_text()
        )
        assert found == [], file.name


def test_files_are_compressed_known_to_caches_and_guarded(parley):
    page = httpx.get(f"{parley}/embed")
    assert page.headers["content-encoding"] == "gzip"
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"
    script = httpx.get(f"{parley}/widget.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=300"
    for answer in (page, script):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        again = httpx.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert (
        httpx.get(f"{parley}/embed/embed.css", headers={"Accept-Encoding": "identity"}).content
        == (WIDGET / "embed.css").read_bytes()
    )


@pytest.mark.parametrize(
    "path", ["/embed/widget.js", "/embed/../models.py", "/embed/%2e%2e/models.py", "/embed/nothing.js", "/examples/no.html"]
)
def test_no_other_file_is_served(parley, path):
    assert httpx.get(parley + path).status_code == 404


def test_the_page_opened_by_itself_has_a_session_of_its_own(look):
    page = look("/embed")
    page.get_by_role("button", name="a funny heist").click()
    page.locator(".card").first.wait_for()
    page.locator("#stop").wait_for(state="hidden")
    assert page.locator(".said").all_text_contents() == ["a funny heist"]
    page.locator(".card [data-kind=not_now]").first.click()
    page.get_by_text("Noted.").wait_for(state="attached")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_something_is_seen_within_300_milliseconds(look):
    times = []
    for _ in range(5):
        page = look("/embed")
        page.wait_for_function(FIRST_PAINT)
        times.append(page.evaluate(FIRST_PAINT))
    print(f"first contentful paint of /embed: {sorted(times)} ms")
    assert statistics.median(times) < 300


@pytest.mark.parametrize("path", ["shop.html", "single_page.html", "strict.html"])
def test_the_examples_carry_the_widget(look, path):
    page = look(f"/examples/{path}")
    page.locator("#items > *, .items > *").first.wait_for()
    page.locator("parley-widget button.bubble").click()
    page.frame_locator("parley-widget iframe").locator(".told").wait_for()


def test_the_single_page_example_tells_which_product_is_open(look):
    page = look("/examples/single_page.html")
    page.get_by_role("button", name="Open").first.click()
    page.get_by_role("button", name="What goes with it?").click()
    frame = page.frame_locator("parley-widget iframe")
    frame.locator(".card").first.wait_for()
    frame.get_by_text("You are looking at").wait_for()
    page.go_back()
    frame.locator("#context").wait_for(state="hidden")


def test_examples_are_served_only_where_they_are_asked_for(tmp_path):
    port = free_port()
    with serving(tmp_path / "data", write_catalogue(tmp_path / "shelf"), port):
        assert httpx.get(f"http://127.0.0.1:{port}/examples/shop.html").status_code == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(look, scheme):
    page = look("/embed", color_scheme=scheme, reduced_motion="reduce")
    page.get_by_role("button", name="a funny heist").click()
    page.locator(".card").first.wait_for()
    page.locator("#stop").wait_for(state="hidden")
    page.locator(".card summary").first.click()
    page.locator(".card [data-kind=like]").first.click()
    page.locator("[aria-pressed=true]").first.wait_for()
    assert faint(page) == []
    page.locator("#known-open").click()
    page.locator(".known li").first.wait_for()
    page.get_by_role("button", name="Forget everything").click()
    assert faint(page) == []
