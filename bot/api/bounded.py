"""Middleware that reads no more of a request than anybody needs to send."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.problems import answer

MOST_BYTES = 64 * 1_024


class Bounded:
    """Answers requests to the API whose body is larger than MOST_BYTES with 413, whatever length they declare."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body within its bound, then pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > MOST_BYTES:
                await answer(413, f"body: more than {MOST_BYTES:,} bytes")(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return told.pop() if told else await receive()

        await self._app(scope, again, send)
