"""How long a client may take: to send its request, and to read the answer. Who is slower is let go."""

import asyncio
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADER_SECONDS = 10.0  # for a request's headers
SEND_SECONDS = 30.0  # for one piece of an answer to be taken


class Impatient:
    """Middleware that ends an answer which its client does not read."""

    def __init__(self, app: ASGIApp, seconds: float = SEND_SECONDS) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; a piece that is not taken in time is the last one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_on(message: Message) -> None:
            try:
                await asyncio.wait_for(send(message), self._seconds)
            except TimeoutError as error:
                raise OSError("the client does not read") from error

        try:
            await self._app(scope, receive, send_on)
        except OSError:
            return  # nobody is there to be told


class HurriedProtocol(cast(Any, AutoHTTPProtocol)):
    """uvicorn's protocol, closing connections whose next request has not told all its headers in time."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take more of a request; wait no longer once it is one."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        elif self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._waiting:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(HEADER_SECONDS, self._close)

    def _close(self) -> None:
        if self.transport.get_protocol() is self:  # and no WebSocket's
            self.transport.abort()
