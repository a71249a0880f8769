"""The log of what users said and did, in SQL (SQLite in WAL mode, or PostgreSQL by URL). Append-only, idempotent by id."""

import secrets
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.corrections import Correction
from bot.deeds import KINDS, Event, EventKind, Known, in_order
from bot.dialogues import Dialogue
from bot.log_rows import correction_of, correction_row, event_of, event_row, turn_of, turn_row
from bot.log_tables import chances as _chances
from bot.log_tables import corrections as _corrections
from bot.log_tables import dialogues as _dialogues
from bot.log_tables import events as _events
from bot.log_tables import metadata as _tables
from bot.log_tables import personal
from bot.log_tables import questions as _questions
from bot.log_tables import sessions as _sessions
from bot.log_tables import slates as _slates
from bot.log_tables import turns as _turns
from bot.session import Session, Turn
from retrieval.errors import ReadableError

__all__ = ["KINDS", "Event", "EventKind", "EventLog", "LogError", "in_order"]

_dialogue = TypeAdapter(Dialogue)


class LogError(ReadableError):
    """The log cannot be opened or written."""


class EventLog:
    """The tables of one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._engine = sql.create_engine(url, connect_args={"timeout": 10} if url.startswith("sqlite") else {})
        except (ArgumentError, ImportError) as error:
            raise LogError(f"the setting database_url cannot be used: {error}; `pip install parley[postgres]`") from error
        if url.startswith("sqlite"):
            listen(self._engine, "connect", _make_durable)
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        self._insert_new, self._insert_dialogue, self._insert_correction = (
            insert(table).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)
            for table in (_events, _dialogues, _corrections)
        )
        try:
            _tables.create_all(self._engine)
        except SQLAlchemyError as error:
            raise LogError(f"the log at {_shown(url)} cannot be opened: {_cause(error)}") from error

    @classmethod
    def in_folder(cls, folder: Path) -> "EventLog":
        """The SQLite log of a data folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LogError(f"the data folder {folder} cannot be used: {error.strerror or error}") from error
        place = sql.URL.create("sqlite", database=str(folder / "log.sqlite3"))  # quoted: a folder's name may hold "?" or "%"
        return cls(place.render_as_string())

    def append(self, events: Iterable[Event]) -> int:
        """Write events; those whose id is known already are passed over. Returns how many were new, once they are safe."""
        rows: dict[str, dict[str, Any]] = {}
        for event in events:
            rows.setdefault(event.id, event_row(event))
        if not rows:
            return 0
        with self._writing() as connection:
            return len(connection.execute(self._insert_new, list(rows.values())).all())

    def append_dialogues(self, dialogues: Iterable[Dialogue]) -> int:
        """Write logged conversations; a turn that is known already is passed over. Returns how many were new."""
        rows = [{"id": f"{d.id}\x1f{d.turn}", "dialogue": _dialogue.dump_json(d).decode()} for d in dialogues]
        if not rows:
            return 0
        with self._writing() as connection:
            return len(connection.execute(self._insert_dialogue, rows).all())

    def correct(self, correction: Correction) -> bool:
        """Write what a user takes back or sets right; False where its id is known already."""
        with self._writing() as connection:
            return bool(connection.execute(self._insert_correction, correction_row(correction)).all())

    def corrections(self, user: str) -> tuple[Correction, ...]:
        """A user's corrections, oldest first."""
        return tuple(correction_of(row) for row in self._rows(_corrections, _corrections.c.user == user))

    def all_corrections(self) -> Iterable[Correction]:
        """Every user's corrections, oldest first."""
        return (correction_of(row) for row in self._rows(_corrections, sql.true()))

    def all_dialogues(self) -> Iterable[Dialogue]:
        """Every imported conversation, turn by turn, by id."""
        with self._told(self._engine.connect(), "read") as connection:
            rows = connection.execute(sql.select(_dialogues.c.dialogue).order_by(_dialogues.c.id)).scalars()
            return [_dialogue.validate_json(row) for row in rows]

    def of(self, user: str) -> tuple[Event, ...]:
        """A user's events, oldest first."""
        return tuple(event_of(row) for row in self._rows(_events, _events.c.user == user))

    def lately(self, user: str, since: float, ids: Collection[str] = (), slates: Collection[str] = ()) -> tuple[Event, ...]:
        """A user's events from `since` (seconds) on, those called so, and those done on these slates; oldest first."""
        wanted = (_events.c.time >= since) | _events.c.id.in_(ids) | _events.c.slate.in_(slates)
        return tuple(event_of(row) for row in self._rows(_events, (_events.c.user == user) & wanted))

    def known(self, user: str, since: float, ids: Collection[str]) -> tuple[Known, ...]:
        """Id and time alone of a user's events from `since` (seconds) on, and of those called so."""
        wanted = (_events.c.user == user) & ((_events.c.time >= since) | _events.c.id.in_(ids))
        with self._told(self._engine.connect(), "read") as connection:
            return tuple(
                Known(id_, time) for id_, time in connection.execute(sql.select(_events.c.id, _events.c.time).where(wanted))
            )

    def all_events(self) -> Iterable[Event]:
        """Every event, oldest first."""
        return (event_of(row) for row in self._rows(_events, sql.true()))

    def append_turn(self, turn: Turn, slate_items: tuple[str, ...], propensity: float = 1.0) -> None:
        """Write a turn with its slate, or what has changed of it since (its words, once they are spoken).

        `propensity`: how likely the last item was to stand where it does, in (0, 1].
        """
        shared = {"session": turn.session_id, "user": turn.user, "time": turn.time}
        with self._writing() as connection:
            connection.execute(_turns.delete().where(_turns.c.id == turn.id))
            connection.execute(_turns.insert().values(turn_row(turn)))
            if connection.execute(sql.select(_slates.c.id).where(_slates.c.id == turn.slate_id)).first() is None:
                connection.execute(_slates.insert().values(id=turn.slate_id, items=list(slate_items), **shared))
                if propensity < 1:
                    chance = {"item": slate_items[-1], "position": len(slate_items), "propensity": propensity}
                    connection.execute(_chances.insert().values(id=turn.slate_id, user=turn.user, time=turn.time, **chance))

    def append_question(self, turn: Turn, facet: str) -> None:
        """Write down what a turn's answer asks back."""
        row = {"id": turn.id, "session": turn.session_id, "user": turn.user, "time": turn.time, "facet": facet}
        with self._writing() as connection:
            connection.execute(_questions.insert().values(row))

    def asked(self, session_id: str) -> dict[str, str]:
        """By turn the facets that were asked about in a session, oldest first."""
        return {row["id"]: row["facet"] for row in self._rows(_questions, _questions.c.session == session_id)}

    def add_words(self, turn: Turn) -> None:
        """Write a turn's words once they are spoken; nothing where the turn has been forgotten meanwhile."""
        with self._writing() as connection:
            connection.execute(_turns.update().where(_turns.c.id == turn.id).values(words=turn.words))

    def turns(self, user: str) -> tuple[Turn, ...]:
        """A user's turns in all sessions, oldest first."""
        return tuple(turn_of(row) for row in self._rows(_turns, _turns.c.user == user))

    def all_turns(self) -> Iterable[Turn]:
        """Every user's turns, for what is learnt from all of them."""
        return (turn_of(row) for row in self._rows(_turns, sql.true()))

    def slate_items(self, slate_id: str) -> tuple[str, ...]:
        """The items of a slate in order; empty when there is no such slate."""
        rows = self._rows(_slates, _slates.c.id == slate_id)
        return tuple(rows[0]["items"]) if rows else ()

    def propensity(self, slate_id: str) -> float:
        """How likely the last item of a slate was to stand there; 1 where nothing was left to chance."""
        rows = self._rows(_chances, _chances.c.id == slate_id)
        return float(rows[0]["propensity"]) if rows else 1.0

    def start_session(self, user: str, time: float, session_id: str = "") -> Session:
        """A new, empty session of `user`."""
        session = Session(session_id or secrets.token_urlsafe(16), user)
        with self._writing() as connection:
            connection.execute(_sessions.insert().values(id=session.id, user=user, time=time))
        return session

    def has_session(self, session_id: str) -> bool:
        """Whether the session is held, and not erased since."""
        return bool(self._rows(_sessions, _sessions.c.id == session_id))

    def session(self, user: str, session_id: str = "") -> Session | None:
        """The session called so, or the user's newest one; None when there is none, or when it is another user's."""
        named = _sessions.c.user == user
        rows = self._rows(_sessions, named & (_sessions.c.id == session_id) if session_id else named)
        if not rows:
            return None
        turns = tuple(turn for turn in self.turns(user) if turn.session_id == rows[-1]["id"])
        return Session(rows[-1]["id"], user, turns)

    def newest(self, session_id: str = "", user: str = "") -> tuple[str, str] | None:
        """(user, session) that last said or was shown something, of the session called so or of this user where named."""
        wanted = {_turns.c.session: session_id, _turns.c.user: user}
        named = [column == value for column, value in wanted.items() if value]
        asked = sql.select(_turns.c.user, _turns.c.session).where(sql.true(), *named).order_by(_turns.c.time.desc()).limit(1)
        with self._told(self._engine.connect(), "read") as connection:
            row = connection.execute(asked).first()
        return (row.user, row.session) if row else None

    def held(self, user: str) -> dict[str, list[dict[str, Any]]]:
        """Every row that is held about a user, by table, oldest first."""
        return {table.name: [dict(row) for row in self._rows(table, table.c.user == user)] for table in personal}

    def forget(self, user: str) -> int:
        """Erase everything held about a user; returns how many rows that were."""
        with self._writing() as connection:
            gone = sum(connection.execute(table.delete().where(table.c.user == user)).rowcount for table in personal)
        if gone and self.url.startswith("sqlite"):
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sql.text("VACUUM"))
                connection.execute(sql.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        return gone

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def _rows(self, table: sql.Table, where: sql.ColumnElement[bool]) -> Sequence[sql.RowMapping]:
        with self._told(self._engine.connect(), "read") as connection:
            found = connection.execute(table.select().where(where).order_by(table.c.time, table.c.id))
            return list(found.mappings())

    def _writing(self) -> AbstractContextManager[sql.Connection]:
        return self._told(self._engine.begin(), "written")

    @contextmanager
    def _told(self, opened: AbstractContextManager[sql.Connection], what: str) -> Generator[sql.Connection]:
        """A connection whose failure is told in words."""
        try:
            with opened as connection:
                yield connection
        except (SQLAlchemyError, UnicodeError) as error:
            raise LogError(f"the log at {_shown(self.url)} cannot be {what}: {_cause(error)}") from error


def _make_durable(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _shown(url: str) -> str:
    return sql.engine.make_url(url).render_as_string(hide_password=True)


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
