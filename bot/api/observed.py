"""Middleware: every request has an id, is timed and counted, and leaves one line in the log that tells nothing of people."""

import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.logs import request_id, requests
from bot.metrics import REQUESTS

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Observed:
    """Tells of each request: its id, route, status and milliseconds. The route is the pattern, never the ids in a path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        mine = given if ID.fullmatch(given) else secrets.token_hex(8)
        status, started, first = 500, time.perf_counter(), 0.0

        async def send_on(message: Message) -> None:
            nonlocal status, first
            if message["type"] == "http.response.start":
                status, first = message["status"], time.perf_counter()
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = mine
                for name, value in HEADERS.items() if scope["path"].startswith("/api/") else ():
                    headers.setdefault(name, value)
            await send(message)

        token = request_id.set(mine)
        try:
            await self._app(scope, receive, send_on)
        finally:
            now, route = time.perf_counter(), _route(scope)
            REQUESTS.labels(route, scope["method"], str(status)).observe((first or now) - started)
            told: dict[str, Any] = {"route": route, "method": scope["method"], "status": status}
            requests.info("request", extra=told | {"ms": round(1_000 * (now - started), 1)})
            request_id.reset(token)


def _route(scope: Scope) -> str:
    """The pattern of the route that answered; "other" for whatever no route of the API did."""
    path = getattr(scope.get("route"), "path", "")
    return path if path.startswith(("/api/", "/embed", "/widget", "/examples")) else "other"
