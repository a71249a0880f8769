"""A person at the page: what they do, what they see, and what the server keeps of them."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page

PATIENCE = 90  # seconds for an answer on a machine that is busy with other things
BOX = "#parley-message textarea"
# Keeps, with their times, all different states of the cards and of the last words.
DIARY = """
window.diary = [];
new MutationObserver(() => {
  const cards = [...document.querySelectorAll(".parley-card")].map((card) => card.dataset.item).join(" ");
  const [asked, told] = ["user", "bot"].map((who) => [...document.querySelectorAll(`[data-testid=${who}]`)]);
  const words = told.length ? told[told.length - 1].textContent.trim() : "";
  const entry = { cards, words, asked: asked.length, told: told.length };
  const last = window.diary[window.diary.length - 1];
  if (!last || Object.keys(entry).some((name) => entry[name] !== last[name]))
    window.diary.push({ ...entry, at: performance.now() });
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""
# Clicks a button in the moment the cards change, faster than any hand.
QUICK_CLICK = """(name) => {
  const before = document.querySelector(".parley-cards").textContent;
  const observer = new MutationObserver(() => {
    if (document.querySelector(".parley-cards").textContent === before) return;
    observer.disconnect();
    [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === name).click();
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True)
class Server:
    """The running server: where it is, and its log."""

    address: str
    database: Path

    def rows(self, query: str, *told: str) -> list[tuple]:
        """What the log holds, read beside the server."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as log:
            return log.execute(query, told).fetchall()


class Visitor:
    """One browser with its own cookies, on the page. `complaints` are errors in its console, `asked` all its requests."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context, self.server = context, server
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.add_init_script(DIARY)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.goto(server.address)
        self.page.wait_for_selector(BOX)
        self.until(lambda: self.rows("sessions"))  # the page has been told which conversation it shows
        self.page.wait_for_timeout(500)

    @property
    def id(self) -> str:
        """The id in the visitor's cookie."""
        return next(cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "parley_visitor")

    def rows(self, table: str, columns: str = "*") -> list[tuple]:
        """What the log holds of this visitor, in order of time."""
        return self.server.rows(f'select {columns} from {table} where "user" = ? order by time, id', self.id)

    def until(self, condition, seconds: float = PATIENCE) -> None:
        """Wait until `condition` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not so after {seconds} s; the chat is {self.chat}, the cards {self.cards}"
            self.page.wait_for_timeout(50)

    def say(self, message: str) -> str:
        """Send a message and read the whole answer."""
        with self.answer() as told:
            self.type(message)
            self.page.keyboard.press("Enter")
        return told.words

    def type(self, message: str) -> None:
        """Write into the box."""
        self.page.fill(BOX, message)

    def press(self, item: str, button: str) -> str:
        """Press a button of a card and read the whole answer."""
        with self.answer() as told:
            self.button(item, button).click()
        return told.words

    def click_as_soon_as_cards_change(self, button: str) -> None:
        """Have `button` clicked once, in the moment in which the next cards are shown."""
        self.page.evaluate(QUICK_CLICK, button)

    def answer(self) -> "_Answer":
        """Waits, at the end of its block, for the answer to what is done within it."""
        return _Answer(self)

    def card(self, item: str) -> Locator:
        return self.page.locator(f'.parley-card[data-item="{item}"]')

    def button(self, item: str, name: str) -> Locator:
        return self.card(item).get_by_role("button", name=name, exact=True)

    @property
    def typed(self) -> str:
        return self.page.input_value(BOX)

    @property
    def cards(self) -> list[str]:
        """The ids of the items on the cards, in order."""
        return self.page.eval_on_selector_all(".parley-card", "cards => cards.map((card) => card.dataset.item)")

    @property
    def titles(self) -> list[str]:
        return self.page.eval_on_selector_all(".parley-card h3", "all => all.map((h3) => h3.childNodes[1].textContent.trim())")

    @property
    def chat(self) -> list[str]:
        """What was said on both sides, in order."""
        return [text.strip() for text in self.page.locator("[data-testid=user], [data-testid=bot]").all_text_contents()]

    @property
    def known(self) -> str:
        """The page's account of what it knows of the visitor."""
        return self.page.inner_text(".parley-profile")

    @property
    def diary(self) -> list[dict]:
        """All different states the page has shown, in order."""
        return self.page.evaluate("window.diary")

    @property
    def notices(self) -> str:
        return " ".join(self.page.locator(".toast-message-text").all_text_contents())


class _Answer:
    """The answer to one deed: over when the log holds its words and the page shows them."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor, self.words = visitor, ""
        self._before = len(visitor.rows("turns"))

    def __enter__(self) -> "_Answer":
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            self._visitor.until(self._is_whole)

    def _is_whole(self) -> bool:
        turns = self._visitor.rows("turns", "words")
        self.words = turns[-1][0] if len(turns) > self._before else ""
        return bool(self.words) and self._visitor.chat[-1:] == [self.words]
