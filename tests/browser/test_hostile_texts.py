"""Markup in every text that Parley shows, whoever wrote it: on the page, on /embed and in the widget it stays text."""

import html
import json
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.conftest import STRICT
from tests.browser.hosting import DIARY, hosting, page
from tests.browser.shopper import Shopper
from tests.browser.visitor import Server, Visitor
from tests.payloads import XSS
from tests.running import ROOT, free_port, serving

pytestmark = pytest.mark.browser

FILMS = 80
AT_ONCE = 5  # payloads in a message, and items on a slate
MOST = 1_000  # characters of the title of a host's page
LABELS = [
    line.partition(":")[0].strip()
    for line in (ROOT / "bot/api/widget/site.js").read_text().partition("TEXTS = {")[2].partition("};")[0].splitlines()
    if ": " in line
]
# Elements that only a payload can have brought: by name, or by an attribute or a script of their own that holds one.
# Texts that are shown (a label, a value) may hold them, and so may the page's own data, which no browser runs.
FOUND = """() => {
  const told = ["aria-label", "title", "alt", "placeholder", "value", "data-target", "data-title", "data-label", "data-close"];
  const strange = "xss, marquee, math, object, embed, audio, video, meta[http-equiv=refresh], iframe[srcdoc], " +
    "a[href^='javascript:' i], a[href^='data:' i], use[href], [href*='far.example'], [src*='far.example'], [srcset]";
  const holds = (text) => /window\\.ran|parent\\.ran|far\\.example/i.test(text);
  const carries = (element) => [...element.attributes].some(({ name, value }) => !told.includes(name) && holds(value));
  const runs = (element) => ["SCRIPT", "STYLE", "script", "style"].includes(element.tagName) && holds(element.textContent)
    && !element.textContent.trim().startsWith("window.gradio_config");
  const all = (root) => [...root.querySelectorAll("*")].flatMap((one) => [
    one, ...(one.shadowRoot ? all(one.shadowRoot) : []), ...(one.tagName === "TEMPLATE" ? all(one.content) : [])]);
  const bad = (one) => carries(one) || runs(one) || one.matches(strange);
  return all(document).filter(bad).map((one) => one.outerHTML.slice(0, 200));
}"""


def text(n: int) -> str:
    return XSS[n % len(XSS)]


def write_shelf(folder: Path) -> Path:
    """A catalogue in which every payload is a title, a description and a facet's value, and many are names of facets."""
    folder.mkdir()
    rows = [
        {
            "id": f"film-{n}", "title": f"Lantern {n} {text(n)}",
            "description": f"{text(n)} A story of keyword{n}. {text(n + 7)}", "genres": [text(n), ["comedy", "crime"][n % 2]],
            "mood": [["quiet", "tense"][n % 2], text(n + 29), text(n + 17)],
            "themes": [f"keyword{n}", text(n + 41), text(n + 53)], "year": 1940 + n, "runtime": 80 + n, text(20): [text(n + 3)],
        }
        for n in range(FILMS)
    ]  # fmt: skip
    (folder / "catalogue.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    quoted = [json.dumps(payload) for payload in XSS]  # what JSON writes of these is TOML as well
    toml = [
        f"noun = {quoted[7]}", f"plural = {quoted[8]}", f"consumed = {quoted[9]}", f"starters = [{', '.join(quoted[:6])}]",
        f"replies = [{', '.join(quoted[10:14])}]",
    ]  # fmt: skip
    for n, name in enumerate(("genres", "mood", "themes", "runtime")):
        toml += [f"[facets.{name}]", "card = true", f"label = {quoted[14 + n]}", f"unit = {quoted[30 + n]}"]
        toml += [f"ask = {quoted[40 + n]}", f"up = [{quoted[50]}]", f"down = [{quoted[51]}]"] if name == "runtime" else []
    (folder / "catalogue.toml").write_text("\n".join(toml), encoding="utf-8")
    return folder


def write_sites(file: Path, origin: str) -> Path:
    """The shop's own texts: payloads, all of them among greeting, starters and labels."""
    texts = {
        "title": text(7)[:80], "greeting": " ".join(XSS[n] for n in (0, 7, 24, 36, 61))[:400], "starters": list(XSS[37:45]),
        "origins": [origin],
    }  # fmt: skip
    lines = ["[shop]", *(f"{name} = {json.dumps(told)}" for name, told in texts.items())]
    lines += ["[shop.limits]", "visitor_turns_per_minute = 6000", "[shop.labels]"]
    lines += [f"{name} = {json.dumps((text(n) + ' {} ' + text(n + 36))[:200])}" for n, name in enumerate(LABELS)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A Parley all of whose texts are payloads, and a shop whose page gives it more."""
    folder, port = tmp_path_factory.mktemp("hostile"), free_port()
    with hosting(free_port()) as host:
        sites = write_sites(folder / "sites.toml", host.address)
        with serving(folder / "data", write_shelf(folder / "shelf"), port, PARLEY_SITES=str(sites)):
            parley = Server(f"http://127.0.0.1:{port}", folder / "data" / "log.sqlite3")
            host.headers["Content-Security-Policy"] = STRICT.format(parley=parley.address)
            given = {"title": html.escape(" ".join(XSS)), "label": html.escape(" ".join(XSS)), "close": html.escape(text(7))}
            host.pages["/"] = page(parley.address, **given)
            yield SimpleNamespace(parley=parley, host=host)


@pytest.fixture
def context(chromium):
    context = chromium.new_context(viewport={"width": 1100, "height": 900})
    yield context
    context.close()


@contextmanager
def harmless(page, *addresses: str):
    """At the end of the block nothing ran, nothing was forbidden, nothing asked of others, no payload became an element."""
    asked, dialogs = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    ours = (*(f"{address}/" for address in addresses), "data:", "blob:")
    try:
        yield
        page.wait_for_timeout(300)  # what a payload would have loaded or begun
    finally:
        assert dialogs == []
        assert [url for url in asked if not url.startswith(ours)] == []
    for frame in page.frames:
        assert frame.evaluate("window.ran") is None
        assert frame.evaluate("window.violations") == []
        assert frame.evaluate(FOUND) == []
    assert [url for url in asked if url.split("?")[0].rsplit("/", 1)[-1] in ("x", "x.js", "x.css")] == []


def messages() -> list[str]:
    """Every payload in some message, with words that bring the items which carry it."""
    chunks = [(XSS[at : at + AT_ONCE], range(at, at + AT_ONCE)) for at in range(0, len(XSS), AT_ONCE)]
    return [f"{' '.join(f'keyword{n}' for n in numbers)} {' '.join(payloads)}" for payloads, numbers in chunks]


def on(items: set[str]) -> set[str]:
    """The payloads on the cards of these items."""
    return {text(int(item.removeprefix("film-")) + shift) for item in items for shift in (0, 17, 29, 41, 53)}


def test_there_is_a_label_for_every_payload():
    assert len(LABELS) > 36 and all(len(message) < 2_000 for message in messages())


def test_on_the_page(hostile, context):
    context.add_init_script(DIARY)
    visitor = Visitor(context, hostile.parley)
    with harmless(visitor.page, hostile.parley.address):
        visitor.page.reload()
        visitor.page.wait_for_selector("#parley-message textarea")
        visitor.page.wait_for_timeout(500)
        shown = set()
        for number, message in enumerate(messages(), 1):
            visitor.type(message)
            visitor.page.keyboard.press("Enter")
            visitor.until(lambda told=2 * number: len(visitor.chat) == told and visitor.rows("turns", "words")[-1][0])
            shown |= set(visitor.cards)
            visitor.page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true })")
        assert on(shown) == set(XSS)
        visitor.press(visitor.cards[0], "Like")
        visitor.press(visitor.cards[1], "Not for me")
        assert "Lantern" in visitor.known and "window.ran" in visitor.known
        assert "<script>" in " ".join(visitor.chat)
        visitor.page.reload()
        visitor.until(lambda: visitor.cards)
    assert visitor.complaints == []


def converse(frame, say) -> None:
    """Say every payload, open every reason, press every kind of button, look at the profile, on /embed wherever it stands."""
    shown: set[str] = set()
    for message in messages():
        say(message)
        shown |= set(frame.locator(".turn > .cards > .card").evaluate_all("all => all.map((card) => card.dataset.item)"))
        frame.locator("body").evaluate("body => body.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert on(shown) == set(XSS)
    frame.locator(".turn > .cards [data-kind=like]").first.click()
    frame.locator(".turn > .cards [aria-pressed=true]").first.wait_for()
    for kind in ("consumed", "not_now", "dislike"):
        frame.locator(f".turn > .cards [data-kind={kind}]").first.click()
        frame.locator("body").evaluate("() => new Promise((resolve) => setTimeout(resolve, 150))")
    frame.locator("#known-open").click()
    rows = frame.locator(".known li")
    rows.nth(2).wait_for()
    assert "window.ran" in " ".join(rows.all_inner_texts())
    frame.locator("dialog .erase").click()
    frame.locator(".sure button").nth(1).wait_for()
    frame.locator("dialog .shut").click()


def test_on_embed_opened_by_itself(hostile, context):
    context.add_init_script(DIARY)
    page = context.new_page()
    with harmless(page, hostile.parley.address):
        page.goto(f"{hostile.parley.address}/embed?site=shop")
        page.locator(".told").first.wait_for()

        def say(message: str) -> None:
            page.locator("#message").fill(message)
            page.locator("#message").press("Enter")
            page.locator("#stop").wait_for(state="hidden")
            page.locator(".turn > .cards > .card").first.wait_for()

        converse(page, say)
        assert page.locator("#title").inner_text() == text(7)[:80]
        page.locator("#replies button").last.click()
        page.locator("#stop").wait_for(state="hidden")


def test_in_the_widget_on_another_site(hostile, context):
    shopper = Shopper(context, hostile.host, hostile.parley)
    with harmless(shopper.page, hostile.parley.address, hostile.host.address):
        shopper.visit().parley("open")
        shopper.wait()
        texts = iter(["", *(" ".join(XSS[at : at + AT_ONCE]) for at in range(0, len(XSS), AT_ONCE))])

        def say(message: str) -> None:
            given = next(texts)[:MOST]
            shopper.parley("context", {"item_id": "film-7", "title": given, "url": given})
            shopper.frame.locator("#context").get_by_text("Lantern 7").wait_for()
            shopper.say(message)

        converse(shopper.frame, say)
        assert shopper.panel.get_attribute("aria-label") == " ".join(XSS)
        shopper.visit().wait()
        shopper.read()
    assert shopper.complaints == []
