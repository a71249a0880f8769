"""Small files that are served under fixed names: read once, compressed once, known to caches by what they hold."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file with the headers that it is served with."""

    body: bytes
    packed: bytes
    headers: Mapping[str, str]

    def answer(self, request: Request) -> Response:
        """The file, compressed where the client can read that; 304 where the client has it already."""
        if self.headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self.headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(self.body, headers=self.headers)


def read_file(path: Path, headers: Mapping[str, str]) -> StaticFile:
    """The file at `path`, to be served with these headers beside those that its content asks for."""
    body = path.read_bytes()
    told = {
        "Content-Type": TYPES[path.suffix], "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:16]}"', "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", **headers,
    }  # fmt: skip
    return StaticFile(body, gzip.compress(body, mtime=0), told)


def add_file(routes: APIRouter, address: str, file: StaticFile) -> None:
    """Serve `file` at `address`."""
    routes.add_api_route(address, file.answer, methods=["GET", "HEAD"], response_model=None, name=address)
