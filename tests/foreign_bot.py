"""A bot of another make, in forty lines of plain http.server: it knows three teas and takes words at their face value."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEAS = {"sencha": ("green", 4.5), "assam": ("black", 3.9), "rooibos": ("red", 5.2)}


class TeaBot(BaseHTTPRequestHandler):
    """`POST /api/v1/sessions` and `POST /api/v1/turns`, nothing else."""

    banned: dict[str, set[str]] = {}  # noqa: RUF012 - by session the kinds that are not wanted

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if self.path == "/api/v1/sessions":
            self.banned[token := f"s{len(self.banned)}"] = set()
            return self.answer(201, {"session_id": token, "token": token})
        if self.path != "/api/v1/turns":
            return self.answer(404, {"detail": "no such route"})
        words, banned = said["message"].lower().split(), self.banned[self.headers["Authorization"].removeprefix("Bearer ")]
        if words == ["crash"]:
            return self.answer(500, {"detail": "the kettle is broken"})
        if words == ["garble"]:
            return self.answer(200, {"slate": {"items": ["sencha"]}, "profile": ["odd"], "words": "?"})
        if words == ["odd"]:
            return self.answer(200, {"words": "Tea?", "profile": ["odd"], "question": "Green?"})
        banned |= {kind for kind, before in zip(words[1:], words, strict=False) if before == "no"}
        left = [name for name, (kind, _) in TEAS.items() if kind not in banned]
        told = [{"id": name, "title": name.title(), "facets": {"kind": TEAS[name][0], "price": TEAS[name][1]}} for name in left]
        return self.answer(200, {"slate": {"items": told}, "words": f"How about {left[0].title()}?" if left else ""})

    def answer(self, status, told):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def tea_bot():
    """Its address, while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), TeaBot) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
