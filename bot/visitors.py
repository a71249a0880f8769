"""Who is asking: an unguessable id in a first-party cookie that scripts cannot read; and the security headers of the page."""

import re
import secrets
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "parley_visitor"
COOKIE_SECONDS = 365 * 86_400
VISITOR = re.compile(r"[A-Za-z0-9_-]{32}")
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:{images}; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)  # Gradio's page needs inline and evaluated scripts; nothing may be fetched from, or sent to, anywhere else
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


class Visitors:
    """Middleware that gives every new visitor a cookie, seen by the application already in the same request.

    `image_hosts` are the hosts whose pictures the page may show.
    """

    def __init__(self, app: ASGIApp, image_hosts: Sequence[str] = ()) -> None:
        self._app = app
        self._headers = HEADERS | {
            "Content-Security-Policy": POLICY.format(images="".join(f" https://{host}" for host in image_hosts))
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its visitor; set cookie and headers on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = visitor_of(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        visitor = known or secrets.token_urlsafe(24)
        if not known:
            headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            scope = {**scope, "headers": [*headers, (b"cookie", f"{COOKIE}={visitor}".encode())]}

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
                if not known and scope["path"] == "/":
                    lasting = f"Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
                    secure = "; Secure" if scope["scheme"] == "https" else ""
                    answer.append("Set-Cookie", f"{COOKIE}={visitor}; {lasting}{secure}")
            await send(message)

        await self._app(scope, receive, send_on)


def visitor_of(cookies: str) -> str:
    """The visitor's id in a Cookie header, or "" when there is none that was given here."""
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))  # SimpleCookie fails over other sites' odd ones
    found = next((value for name, _, value in pairs if name == COOKIE), "")
    return found if VISITOR.fullmatch(found) else ""
