"""What the page's listeners do: load a visitor's conversation, send a message, take in a reaction. Readers of the one flow."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from bot.deeds import Event, EventKind
from bot.elicitation import Question
from bot.logs import looked
from bot.page.cards import cards, quick_replies
from bot.page.panel import summary
from bot.profile import Profile
from bot.recommender import Recommender, ReplyEvent, SlateReady, Words
from bot.rights import Held, How
from bot.session import Session
from bot.visitors import visitor_of
from retrieval.errors import ReadableError
from retrieval.ranking import Slate

Chat = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows after a step."""

    chat: Chat
    cards: dict[str, Any]
    profile: dict[str, Any]
    replies: list[str]


@dataclass(frozen=True, slots=True)
class Visits:
    """The conversations of all visitors; every visitor is known by the cookie alone."""

    recommender: Recommender
    image_hosts: tuple[str, ...] = ()  # whose pictures may be shown

    def session(self, cookies: str, session_id: str) -> Session:
        """The visitor's session called so, else the newest one, else a new one. Raises ReadableError without a cookie."""
        visitor = visitor_of(cookies)
        if not visitor:
            raise ReadableError("This browser keeps no cookies for this page, so no conversation can be kept either.")
        log = self.recommender.log
        found = log.session(visitor, session_id) if session_id else log.session(visitor)
        return found or log.start_session(visitor, self.recommender.clock())

    def load(self, cookies: str) -> tuple[Session, View]:
        """The visitor's last conversation as it stood, or an empty one."""
        session = self.session(cookies, "")
        return session, self._standing(session)

    def begin(self, cookies: str) -> tuple[Session, View]:
        """A new, empty conversation of the visitor."""
        visitor = self.session(cookies, "").user
        session = self.recommender.log.start_session(visitor, self.recommender.clock())
        return session, self._view(session, [], None, self.recommender.profile(session))

    def forget(self, cookies: str) -> tuple[Session, View]:
        """Erase all that is held of the visitor, and begin anew."""
        self.recommender.forget(self.session(cookies, "").user)
        return self.load(cookies)

    def send(self, cookies: str, session_id: str, message: str) -> Iterator[View]:
        """The page after each step of answering a message. Raises ReadableError for a message that cannot be answered."""
        session = self.session(cookies, session_id)
        asked = {"role": "user", "content": " ".join(message.split())}
        yield from self._follow(session, [*history(session), asked], self.recommender.reply(session, message))

    def react(self, cookies: str, session_id: str, told: dict[str, Any]) -> Iterator[View]:
        """The page after a reaction to a card."""
        session = self.session(cookies, session_id)
        now = self.recommender.clock()
        event = Event(
            secrets.token_hex(8), session.user, str(told.get("item")), cast(EventKind, told.get("kind")), now, None, session.id,
            str(told.get("slate", "")), int(told.get("position", 0)),
        )  # fmt: skip
        let_in = self.recommender.admit([event])
        if let_in.refused:
            raise ReadableError(f"That reaction {let_in.refused[0].what}.")
        yield from self._follow(session, history(session), self.recommender.react(session, let_in.events[0]))

    def correct(self, cookies: str, session_id: str, how: str, target: str) -> Iterator[View]:
        """The page after something was taken back or set right. Raises ReadableError where that cannot be."""
        session = self.session(cookies, session_id)
        correction = self._held(session).correction(cast(How, how), target)
        if session.turns and correction.kind not in ("pause", "resume"):
            yield from self._follow(session, history(session), self.recommender.set_right(session, correction))
        else:
            self.recommender.correct(correction)
            yield self._standing(session)

    def export(self, cookies: str) -> str:
        """All that is held of the visitor, as JSON."""
        session = self.session(cookies, "")
        looked("export", session.user, "page")
        return json.dumps(self._held(session).export(), ensure_ascii=False, indent=1)

    def script(self, cookies: str, session_id: str, script_of: Callable[[Session], str]) -> str:
        """The visitor's conversation as a script. Raises ReadableError where nothing was said yet."""
        session = self.session(cookies, session_id)
        looked("script", session.user, "page")
        return script_of(session)

    def months(self, cookies: str) -> list[str]:
        """What interested the visitor month by month, the newest first."""
        told = self._held(self.session(cookies, "")).timeline
        return [f"{month.month}: {', '.join(one.value for one in month.interests)}" for month in reversed(told)]

    def _held(self, session: Session) -> Held:
        recommender = self.recommender
        return Held(recommender.log, recommender.catalogue, session.user, session.id, recommender.clock())

    def _follow(self, session: Session, chat: Chat, reply: Iterator[ReplyEvent]) -> Iterator[View]:
        """A view for the slate, and one for each sentence; closing this closes the reply, which stops the model."""
        view: View | None = None
        said = ""
        try:
            for event in reply:
                if isinstance(event, SlateReady):
                    view = self._view(session, chat, event.slate, event.profile, event.question)
                    yield view
                elif isinstance(event, Words) and view:
                    said = f"{said} {event.text}".strip()
                    yield View([*chat, {"role": "assistant", "content": said}], view.cards, view.profile, view.replies)
        finally:
            reply.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator, typed as an iterator

    def _standing(self, session: Session) -> View:
        """The page as a session left it."""
        slate, profile = self.recommender.last_slate(session), self.recommender.profile(session)
        return self._view(session, history(session), slate, profile)

    def _view(
        self, session: Session, chat: Chat, slate: Slate | None, profile: Profile, question: Question | None = None
    ) -> View:
        catalogue = self.recommender.catalogue
        liked = {event.item for event in self.recommender.log.of(session.user) if event.kind == "like"}
        shown = cards(slate or Slate("", ()), catalogue, liked, self.image_hosts)
        return View(chat, shown, summary(profile, catalogue), quick_replies(slate, catalogue, question))


def history(session: Session) -> Chat:
    """The conversation so far, as the chat shows it."""
    chat: Chat = []
    for turn in session.turns:
        chat += [{"role": "user", "content": turn.text}] if turn.text else []
        chat += [{"role": "assistant", "content": turn.words}] if turn.words else []
    return chat
