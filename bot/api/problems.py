"""Errors of the API as `application/problem+json` (RFC 9457): one sentence that names what to mend."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from retrieval.errors import ReadableError

TITLES = {
    400: "Bad request", 401: "Not known", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    406: "Not acceptable", 408: "Too slow", 409: "Conflict", 413: "Too large", 422: "Not valid", 429: "Too many requests",
    500: "An error inside Parley", 503: "Not now",
}  # fmt: skip
MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - the standard's own word
    """What is answered instead of what was asked for. `retry_after`: seconds until it is worth another try."""

    def __init__(self, status: int, detail: str, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_after = status, detail, retry_after


def problem_json(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as plain values."""
    return {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail, **more}


def answer(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem as a response."""
    return JSONResponse(problem_json(status, detail, **more), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its documentation; where it may say 413, there is a body to be sent."""
    with_body = (400, 408) if 413 in statuses else ()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": TITLES[status], "content": content} for status in sorted({*statuses, *with_body, 500})}


def told_as_problems(app: FastAPI) -> None:
    """Let every error of an application be answered as a problem."""

    @app.exception_handler(Problem)
    def problem(_: Request, error: Problem) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        headers |= {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        return answer(error.status, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        faults = [{"field": _field(one["loc"]), "why": str(one["msg"])} for one in error.errors()]
        return answer(422, f"{faults[0]['field']}: {faults[0]['why']}", errors=faults)

    @app.exception_handler(ReadableError)
    def readable(_: Request, error: ReadableError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return answer(422, str(error))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        detail = f"{request.method} {request.url.path}: {error.detail}"
        return answer(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return answer(500, "Something went wrong here; it has been logged.")


def _field(place: tuple[int | str, ...]) -> str:
    """Where in a request a fault lies: "body.message"."""
    return ".".join(str(part) for part in place)
