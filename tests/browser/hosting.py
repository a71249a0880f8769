"""A shop's own site, on another origin than Parley's: pages that carry the widget, each with the shop's own headers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What is told of a page that its policy forbids, and of what the widget tells.
DIARY = """
window.violations = [];
window.told = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  window.violations.push(`${violatedDirective} ${blockedURI}`));
for (const name of ["slate", "feedback", "open", "close", "error"])
  document.addEventListener(`parley:${name}`, (event) => window.told.push([name, event.detail]));
"""


@dataclass(frozen=True)
class Host:
    """The running site; `pages` are its pages by path, to be set before they are visited."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def hosting(port: int) -> Iterator[Host]:
    """Serve a shop's site at `port`."""
    host = Host(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = host.pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8")
            for name, value in host.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(parley: str, before: str = "", body: str = "<h1>A shop</h1>", **attributes: str) -> str:
    """A page of the shop with the widget of the Parley at `parley`; `before` is HTML that stands before the script."""
    given: Mapping[str, str] = {"site": "shop", **attributes}
    told = " ".join(f'data-{name}="{value}"' for name, value in given.items())
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        f'<meta name=viewport content="width=device-width, initial-scale=1"><title>A shop</title>{before}'
        f'<script src="{parley}/widget.js" {told} async></script></head><body>{body}</body></html>'
    )
