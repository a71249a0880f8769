"""The routes of a visitor: sessions, turns, events, recommendations. See the README's "HTTP API"."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import ValidationError

from bot import template
from bot.answer import slate_json
from bot.api.answers import PATIENCE_SECONDS
from bot.api.door import Door, TheDoor, TheVisitor, site_door, take
from bot.api.identity import KNOWN_LASTS_SECONDS, LASTS_SECONDS, Visitor, new_user
from bot.api.models import (
    EventIn,
    EventsOut,
    HistoryOut,
    RecommendationsOut,
    RejectedOut,
    SessionIn,
    SessionOut,
    ShownOut,
    SlateOut,
    TurnIn,
    TurnOut,
)
from bot.api.problems import Problem, documented
from bot.api.sites import DEFAULT
from bot.api.streaming import Answer
from bot.deeds import Event
from bot.recommender import ReplyEvent
from bot.session import Session

MOST_EVENTS = 500  # in one request
STREAM = "text/event-stream"
STEP = {
    "type": "object", "required": ["event", "data"],
    "properties": {
        "id": {"type": "string"}, "event": {"enum": ["slate", "words", "done", "error"]}, "data": {"type": "string"},
    },
}  # fmt: skip
STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": {STREAM: {"schema": STEP}, "application/json": {}}}}

routes = APIRouter(prefix="/api/v1", tags=["visitors"])


@routes.post("/sessions", status_code=201, responses=documented(401, 403, 404, 413, 422, 429))
def begin_session(
    request: Request, asked: Annotated[SessionIn, Body(default_factory=lambda: SessionIn(site=DEFAULT))],
    authorization: Annotated[str, Header(description="Bearer TOKEN, where the site knows who it is")] = "",
) -> SessionOut:  # fmt: skip
    """Begin a session: an anonymous one, or that of a visitor whom the site's own token names.

    The token in the answer goes into the header Authorization of all that follows.
    """
    door = site_door(request, asked.site)
    take(door.new_sessions, request.client.host if request.client else "", "new sessions")
    now = door.recommender.clock()
    user = door.tokens.known(authorization, door.site, now) if authorization else new_user()
    session = door.recommender.log.start_session(user, now)
    lasts = KNOWN_LASTS_SECONDS if authorization else LASTS_SECONDS
    token, ends = door.tokens.issue(Visitor(session.user, session.id, door.site.name), now, lasts)
    return SessionOut(session_id=session.id, token=token, expires_at=ends)


@routes.get("/sessions/{session_id}", responses=documented(401, 403, 404, 429))
def session_so_far(session_id: str, door: TheDoor, visitor: TheVisitor) -> HistoryOut:
    """What was said and shown, to go on after a reload."""
    log = door.recommender.log
    found = log.session(visitor.user, session_id)
    if found is None:
        raise Problem(404, f"There is no session {session_id[:80]!r} of yours.")
    shown = [(turn, ShownOut(id=turn.slate_id, items=list(log.slate_items(turn.slate_id)))) for turn in found.turns]
    turns = [TurnOut(message=turn.text, words=turn.words, slate=slate) for turn, slate in shown]
    slate = door.recommender.last_slate(found)
    stands = SlateOut(**slate_json(slate, door.recommender.catalogue)) if slate else None
    return HistoryOut(session_id=found.id, turns=turns, slate=stands, liked=door.held(visitor).liked)


@routes.post("/turns", response_model=None, responses=STREAMED | documented(401, 403, 409, 413, 422, 429, 503))
async def answer_turn(
    turn: TurnIn, request: Request, door: TheDoor, visitor: TheVisitor, accept: Annotated[str, Header()] = STREAM,
    idempotency_key: Annotated[str, Header(max_length=64, description="the client's own name for the turn")] = "",
    last_event_id: Annotated[int, Header(ge=0, description="go on after this event of a turn that has a key")] = 0,
) -> Response | dict[str, Any]:  # fmt: skip
    """Answer a message: as a stream of `slate`, `words` and `done`, or (Accept: application/json) what `done` holds.

    A turn that is sent again with the key it had is not answered anew: its stream goes on.
    """
    session = await run_in_threadpool(door.session, visitor)
    asked = turn.model_dump_json()
    answer = door.answers.find(session.id, idempotency_key, asked) if idempotency_key else None
    if answer is None:
        answer = _begun(turn, session, door, visitor, PATIENCE_SECONDS if idempotency_key else 0.0)
        if idempotency_key:
            door.answers.keep(session.id, idempotency_key, asked, answer)
    if "application/json" in accept and STREAM not in accept:
        name, told = await answer.whole()
        if name == "error":
            raise Problem(told["status"], told["detail"])
        return told
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(answer.read(last_event_id), media_type=STREAM, headers=headers)


def _begun(turn: TurnIn, session: Session, door: Door, visitor: Visitor, patience: float) -> Answer:
    """The answer to a turn, under way. Raises Problem where it cannot be begun."""
    recommender, busy = door.recommender, ExitStack()
    item = turn.context.item_id
    if item and item not in recommender.catalogue:
        raise Problem(422, f"body.context.item_id: the catalogue has no item {item[:80]!r}")
    take(door.visitor_turns, visitor.user, "messages")
    take(door.site_turns, door.site.name, "messages on this site")
    busy.enter_context(door.turns.turn_of(session.id))

    def reply() -> Iterator[ReplyEvent]:
        return recommender.reply(session, turn.message, k=turn.k or 0, focus=item)

    return Answer(reply, recommender.catalogue, door.turns.pool, ended=busy.close, patience=patience)


@routes.post("/events", status_code=202, responses=documented(401, 403, 413, 422, 429))
def take_events(
    sent: Annotated[dict[str, Any] | list[dict[str, Any]], Body(json_schema_extra={"$ref": "#/components/schemas/Events"})],
    door: TheDoor, visitor: TheVisitor,
) -> EventsOut:  # fmt: skip
    """Take in what the visitor did; an `event_id` that was sent before counts once. What is refused is told one by one."""
    rows = sent if isinstance(sent, list) else [sent]
    if len(rows) > MOST_EVENTS:
        raise Problem(422, f"body: {len(rows):,} events; at most {MOST_EVENTS} are taken at a time")
    session = door.session(visitor)
    told: dict[int, Event] = {}
    rejected: list[RejectedOut] = []
    for index, row in enumerate(rows):
        try:
            told[index] = _event(EventIn.model_validate(row), session, door.recommender.clock())
        except ValidationError as error:
            fault = error.errors()[0]
            rejected.append(RejectedOut(index=index, why=f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"))
    places = list(told)
    let_in = door.recommender.admit(list(told.values()))
    rejected += [RejectedOut(index=places[one.index], why=one.what) for one in let_in.refused]
    notes = [RejectedOut(index=places[one.index], why=one.what) for one in let_in.notes]
    return EventsOut(
        accepted=len(let_in.events),
        duplicates=let_in.duplicates,
        rejected=sorted(rejected, key=lambda one: one.index),
        notes=notes,
    )


@routes.get("/recommendations", response_model=RecommendationsOut, responses=documented(401, 403, 422, 429))
def recommendations(
    door: TheDoor, visitor: TheVisitor, k: Annotated[int | None, Query(ge=1, le=20, description="items")] = None,
    log: Annotated[bool, Query(description="whether the slate is shown, and deeds on it are to be known as such")] = False,
) -> JSONResponse:  # fmt: skip
    """A slate from the profile alone: nothing is said and, without `log`, nothing is logged."""
    recommender = door.recommender
    slate, version = recommender.recommend(door.session(visitor), k or 0, logged=log)
    relaxed = [template.constraint_text(constraint, recommender.catalogue) for constraint in slate.relaxed]
    told = {"slate": slate_json(slate, recommender.catalogue), "relaxed": relaxed, "profile_version": version}
    return JSONResponse(told)  # not checked against its own model again: this is asked after every deed


def _event(sent: EventIn, session: Session, now: float) -> Event:
    """The event as the log keeps it: ids are each visitor's own."""
    when = now if sent.timestamp is None else sent.timestamp
    return Event(
        f"{session.user}/{sent.event_id}", session.user, sent.item_id, sent.kind, when, sent.value, session.id, sent.slate_id,
        sent.position,
    )  # fmt: skip
