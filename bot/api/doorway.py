"""Answers from the first second: health and a waiting page at once, the whole application as soon as it is built."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from retrieval.errors import ReadableError

WAITING_PAGE = (Path(__file__).parent / "waiting.html").read_text(encoding="utf-8")

log = logging.getLogger(__name__)


class Doorway:
    """An ASGI application that lets requests through to `inner` once it is there."""

    def __init__(self, build: Callable[["Doorway"], ASGIApp]) -> None:
        self.stage = "starting"  # what is being done now, in words
        self.done, self.total = 0, 0
        self.problem = ""  # why it will not get ready, in words
        self.close: Callable[[], None] = lambda: None  # lets go what was built
        self.model = "starting"  # "ready", "off" or why there is none
        self._inner: ASGIApp | None = None
        self._build = build
        self._door = _door(self)

    @property
    def ready(self) -> bool:
        """Whether the whole application answers."""
        return self._inner is not None

    def report(self, stage: str, done: int, total: int) -> None:
        """Note how far the building is."""
        self.stage, self.done, self.total = stage, done, total

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer health at the door; everything else inside, where there is an inside."""
        at_door = scope["type"] == "lifespan" or scope.get("path") in ("/healthz", "/readyz")
        app = self._door if at_door or self._inner is None else self._inner
        await app(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncGenerator[None]:
        """Build the inside beside the running server, and let it go at the end."""
        async with AsyncExitStack() as stack:
            building = asyncio.create_task(self._open(stack))
            yield
            building.cancel()

    async def _open(self, stack: AsyncExitStack) -> None:
        try:
            inner: Any = await asyncio.to_thread(self._build, self)
            await stack.enter_async_context(inner.router.lifespan_context(inner))
        except ReadableError as error:
            self.problem = str(error)
            log.error("%s", error)
            return
        except Exception as error:  # told here: nobody sees the exception of a task
            self.problem = f"an error inside Parley: {error!r}"
            log.exception("the application cannot be built")
            raise
        self._inner = inner


def _door(doorway: Doorway) -> FastAPI:
    door = FastAPI(lifespan=doorway.lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    async def readyz() -> JSONResponse:
        told = {
            "ready": doorway.ready, "stage": doorway.stage, "done": doorway.done, "total": doorway.total,
            "problem": doorway.problem, "language_model": doorway.model,
        }  # fmt: skip
        return JSONResponse(told, 200 if doorway.ready else 503)

    async def waiting(path: str) -> HTMLResponse:
        return HTMLResponse(WAITING_PAGE, 200 if path == "" else 503, {"Cache-Control": "no-store", "Retry-After": "2"})

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/{path:path}", waiting)):
        door.add_api_route(path, answer, response_model=None, methods=["GET"])
    return door
