"""Somebody on a shop's page who uses the widget: what they do and see, and what their browser notes."""

import time

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page

from tests.browser.hosting import DIARY, Host
from tests.browser.visitor import Server

PATIENCE = 30  # seconds


class Shopper:
    """One browser on a shop's page. `asked` are all its requests, `complaints` the errors in its console."""

    def __init__(self, context: BrowserContext, host: Host, server: Server) -> None:
        self.context, self.host, self.server = context, host, server
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.add_init_script(DIARY)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def visit(self, path: str = "/") -> "Shopper":
        """Go to a page of the shop and wait for its bubble."""
        self.page.goto(self.host.address + path)
        self.bubble.wait_for(state="attached")
        return self

    def open(self) -> "Shopper":
        """Open the panel and wait until it can be spoken with."""
        self.bubble.click()
        return self.wait()

    def wait(self) -> "Shopper":
        self.frame.locator(".told").first.wait_for()
        return self

    def say(self, message: str) -> None:
        """Send a message by the keyboard and read the whole answer."""
        self.box.fill(message)
        self.box.press("Enter")
        self.read()

    def read(self) -> None:
        """Wait for the end of the answer."""
        self.frame.locator(".turn .told:not(.waiting)").last.wait_for()
        self.frame.locator("#stop").wait_for(state="hidden")
        self.frame.locator(".turn > .cards > .card").first.wait_for()

    def parley(self, *arguments: object) -> None:
        """Call the widget as the shop's own scripts do."""
        self.page.evaluate("given => window.Parley(...given)", list(arguments))

    def leave(self, last: str, path: str = "/other") -> None:
        """Go to another page of the shop right after a script, as a link does."""
        self.page.evaluate(f"{last}; setTimeout(() => {{ location.href = '{path}' }})")
        self.page.wait_for_url(f"**{path}")
        self.bubble.wait_for(state="attached")

    def until(self, condition) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not so after {PATIENCE} s"
            self.page.wait_for_timeout(30)

    @property
    def bubble(self) -> Locator:
        return self.page.locator("parley-widget button.bubble")

    @property
    def panel(self) -> Locator:
        return self.page.locator("parley-widget [role=dialog]")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("parley-widget iframe")

    @property
    def box(self) -> Locator:
        return self.frame.locator("#message")

    @property
    def cards(self) -> list[str]:
        """The items on the cards that stand now."""
        return self.frame.locator(".turn > .cards > .card").evaluate_all("all => all.map((card) => card.dataset.item)")

    def deed(self, item: str, kind: str) -> Locator:
        return self.frame.locator(f'.turn > .cards > [data-item="{item}"] [data-kind="{kind}"]')

    @property
    def said(self) -> list[str]:
        """The visitor's messages on the page."""
        return self.frame.locator(".said").all_text_contents()

    def told(self, name: str) -> list:
        """What the shop's page was told under a name."""
        return self.page.evaluate("name => window.told.filter((each) => each[0] === name).map((each) => each[1])", name)

    @property
    def violations(self) -> list[str]:
        """What the policies of the page and of the frame forbade."""
        return [found for frame in self.page.frames for found in frame.evaluate("window.violations")]

    @property
    def session(self) -> dict:
        """What the widget keeps on the shop's page."""
        return self.page.evaluate("JSON.parse(localStorage.getItem('parley:shop'))")

    @property
    def events(self) -> list[tuple]:
        """What the log holds of the shopper's deeds."""
        query = "select item, kind, slate, position, value from events where session = ? order by time"
        return self.server.rows(query, self.session["session_id"])
