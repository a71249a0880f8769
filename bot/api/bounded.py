"""Middleware that reads no more of a request than anybody needs to send, and waits no longer for it."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.problems import answer

MOST_BYTES = 64 * 1_024
BODY_SECONDS = 15.0  # that a client may take to send it


class Bounded:
    """Answers requests to the API whose body is larger than MOST_BYTES with 413, whatever length they declare."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body within its bound, then pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_read(receive), BODY_SECONDS)
        except TimeoutError:
            await answer(408, f"body: not sent within {BODY_SECONDS:g} seconds")(scope, receive, send)
            return
        if len(body) > MOST_BYTES:
            await answer(413, f"body: more than {MOST_BYTES:,} bytes")(scope, receive, send)
            return
        told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return told.pop() if told else await receive()

        await self._app(scope, again, send)


async def _read(receive: Receive) -> bytes:
    """The body, or as much of it as tells that it is too large."""
    body = b""
    while len(body) <= MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return body
