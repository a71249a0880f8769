"""Parley itself as a target: the real parts over a data folder of their own, with a clock that a script moves."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from bot import template
from bot.answer import answer_json, profile_json, slate_json
from bot.conversation_tests.models import Deed, LanguageModelKind, PastEvent, Setup
from bot.conversation_tests.scripted import Counted, Scripted
from bot.conversation_tests.shelves import Shelf, Shelves
from bot.conversation_tests.target import Answer, RefusedError, SetupError
from bot.data_folder import DataFolder
from bot.deeds import Event, EventKind, value_fault
from bot.events import EventLog
from bot.moments import replay
from bot.parts import Parts
from bot.recommender import Done, MessageError, Recommender
from bot.session import Session
from retrieval.ranking import Slate, again

BEFORE = 7_200.0  # seconds: what is known before a conversation was not learnt in its own visit
STEP = 5.0  # seconds that pass between two steps
DAY = 86_400.0
KNOWN: Mapping[str, EventKind] = {"likes": "like", "dislikes": "dislike", "consumed": "consumed", "not_now": "not_now"}


class InProcess:
    """One conversation after another, each with parts that have learnt nothing; `shelves` are shared, `beside` is the file."""

    def __init__(self, shelves: Shelves, beside: Path, model: LanguageModelKind = "off") -> None:
        self._shelves, self._beside = shelves, beside
        self._model: LanguageModelKind = model
        self._folder = Path()
        self._parts: Parts | None = None

    @property
    def titles(self) -> Mapping[str, str]:
        """Item id -> title, of the whole catalogue."""
        return {item.id: item.title for item in self._recommender.catalogue}

    def start(self, setup: Setup, seed: int) -> None:
        """Open the parts in a new folder and write down what is known of the visitor."""
        self.close()
        kind: LanguageModelKind = setup.language_model or self._model
        self._setup, self._now, self._ids = setup, setup.begins, itertools.count()
        self._seed, self._sessions = seed, dict[str, Session]()
        self._shown: dict[str, tuple[str, tuple[str, ...]]] = {}  # by visitor the newest slate: its id and items
        self._shelf = self._shelves.of(setup.catalogue, self._beside, real=kind == "real")
        self._chat = self._chat_of(kind, self._shelf)
        self._folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
        self._open()
        self._write_history(setup)

    def say(self, message: str, who: str) -> Answer:
        """The whole answer to a message, as the API gives it."""
        self._now += STEP
        begun = time.perf_counter()
        try:
            done = [step for step in self._recommender.reply(self._session(who), message) if isinstance(step, Done)][-1]
        except MessageError as error:
            raise RefusedError(str(error)) from error
        self._shown[who] = done.slate.id, done.slate.item_ids
        answer = answer_json(done, self._recommender.catalogue)
        return {**answer, **self._measured(begun)}

    def do(self, deed: Deed, who: str) -> Answer:
        """A deed through the door of live events, and the slate after it."""
        self._now += STEP
        session, (slate, shown) = self._session(who), self._shown.get(who, ("", ()))
        if deed.position and deed.position > len(shown):
            raise RefusedError(f"the newest slate has no place {deed.position}")
        item = shown[deed.position - 1] if deed.position else deed.item or ""
        place = shown.index(item) + 1 if slate and item in shown else None
        name = f"{session.user}/{deed.id or f'deed-{next(self._ids)}'}"
        event = Event(name, session.user, item, deed.kind, self._now, deed.value, session.id, slate if place else "", place)
        let_in = self._recommender.admit([event])
        refused = let_in.refused[0].what if let_in.refused else ""
        return {**self.observe("slate", who), "event": {"duplicate": bool(let_in.duplicates), "refused": refused}}

    def observe(self, what: Literal["slate", "profile"], who: str) -> Answer:
        """A slate from the profile alone, with the profile; or the profile."""
        begun, session, recommender = time.perf_counter(), self._session(who), self._recommender
        told: Answer = {"profile": profile_json(recommender.profile(session))}
        if what == "slate":
            slate, _ = recommender.recommend(session)
            self._shown[who] = "", slate.item_ids  # such a slate is not in the log: no deed can name it
            relaxed = [template.constraint_text(one, recommender.catalogue) for one in slate.relaxed]
            told |= {"slate": slate_json(slate, recommender.catalogue), "relaxed": relaxed}
        return {**told, **self._measured(begun)}

    def restart(self, what: Literal["session", "server"], who: str) -> None:
        """A new session of the same visitor; or all parts closed and opened again from what is in the folder."""
        self._now += STEP
        if what == "server":
            self._closed()
            self._open()
        else:
            self._sessions[who] = self._recommender.log.start_session(self._user(who), self._now, self._new_id())
            self._shown.pop(who, None)

    def wait(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds

    def recorded(self, who: str) -> list[dict[str, Any]]:
        """The visitor's events in the log, oldest first."""
        return [{"kind": event.kind, "item": event.item} for event in self._recommender.log.of(self._user(who))]

    def parts(self, ids: Sequence[str], who: str) -> list[dict[str, Any]]:
        """Items with the score parts they have now for this visitor; rank 0: not on a slate."""
        recommender = self._recommender
        query = replace(recommender.query(recommender.profile(self._session(who)), recommender.k), exclusions=frozenset())
        slate = again([one for one in ids if one in recommender.catalogue], query, recommender.sources, recommender.ranker, "")
        return [{**item, "rank": 0} for item in slate_json(Slate("", slate.recommendations), recommender.catalogue)["items"]]

    def close(self) -> None:
        """Close the parts and take their folder away."""
        self._closed()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _recommender(self) -> Recommender:
        if self._parts is None:
            raise ValueError("the conversation has not begun")
        return self._parts.recommender

    def _open(self) -> None:
        shelf, settings = self._shelf, self._shelf.settings
        folder, log = DataFolder(self._folder), EventLog.in_folder(self._folder)
        sources = shelf.sources.unlearnt()
        replay(sources, log, shelf.talk)
        recommender = Recommender(
            shelf.catalogue, shelf.understander, sources, shelf.model.embeddings if shelf.model else None, self._chat, log,
            diversity=settings.diversity, exploration=settings.exploration, k=self._setup.slate_size or settings.slate_size,
            clock=lambda: self._now, new_id=self._new_id, talk=shelf.talk,
        )  # fmt: skip
        self._parts = Parts(settings, recommender, folder, None)

    def _closed(self) -> None:
        if self._parts:
            self._parts.close()
        self._parts = None

    def _write_history(self, setup: Setup) -> None:
        known = setup.profile.model_dump()
        told = [
            PastEvent(kind=kind, item=item, value=None, days_ago=BEFORE / DAY)
            for name, kind in KNOWN.items()
            for item in known[name]
        ]
        session, events = self._session(""), list[Event]()
        for at, past in enumerate([*setup.history, *told]):
            fault = value_fault(past.kind, past.value)
            if past.item not in self._recommender.catalogue:
                raise SetupError(f"the catalogue {setup.catalogue} has no item {past.item!r}")
            if fault:
                raise SetupError(f"the event on {past.item!r} {fault}")
            here = past.kind == "not_now" and past in told
            when = self._now if here else self._now - past.days_ago * DAY
            own = session.id if here else ""
            events.append(Event(f"before-{at}", session.user, past.item, past.kind, when, past.value, own))
        if self._recommender.log.append(events):
            self._closed()
            self._open()  # so that the sources read them from the log, as after any start

    def _session(self, who: str) -> Session:
        if who not in self._sessions:
            self._sessions[who] = self._recommender.log.start_session(self._user(who), self._now, self._new_id())
        return self._sessions[who]

    def _user(self, who: str) -> str:
        return f"visitor-{who}" if who else "visitor"

    def _new_id(self) -> str:
        return f"{self._seed}-{next(self._ids):06d}"

    def _chat_of(self, kind: LanguageModelKind, shelf: Shelf) -> Counted | None:
        model = shelf.model.chat if shelf.model else Scripted(says=list(self._setup.says)) if kind == "scripted" else None
        return Counted(model=model) if model else None

    def _measured(self, begun: float) -> Answer:
        tokens = self._chat.taken() if self._chat else {"asked": 0, "said": 0}
        return {"round_trip_ms": 1_000 * (time.perf_counter() - begun), "tokens": tokens}
