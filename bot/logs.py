"""What Parley writes of itself: text or JSON lines, each with its request's id, without what people said or who they are."""

import hashlib
import logging
from contextvars import ContextVar
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

from bot.personal_data import BEARER, E_MAIL, IBAN, NUMBER, TOKEN

AUDIT = "audit.jsonl"
request_id: ContextVar[str] = ContextVar("request_id", default="")

TEXT = "%(levelname)s %(name)s: %(message)s"
FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"
PERSONAL = (
    (E_MAIL, "[e-mail]"), (TOKEN, "[token]"), (BEARER, "Bearer [token]"), (IBAN, "[number]"), (NUMBER, "[number]"),
)  # fmt: skip

audit = logging.getLogger("parley.audit")
requests = logging.getLogger("parley.requests")


class Redacted(logging.Filter):
    """Takes personal data out of every line, and adds the id of the request that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; it is always kept."""
        record.msg, record.args = redacted(record.getMessage()), None
        if request_id.get():
            record.request_id = request_id.get()
        return True


class RedactedTraces(logging.Formatter):
    """Text lines whose tracebacks are redacted as well."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """The traceback without personal data."""
        return redacted(super().formatException(ei))  # pyright: ignore[reportArgumentType] - logging's own triple


class RedactedJson(JsonFormatter):
    """JSON lines whose tracebacks are redacted as well."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """The traceback without personal data."""
        return redacted(str(super().formatException(ei)))  # pyright: ignore[reportArgumentType] - logging's own triple


def redacted(text: str) -> str:
    """`text` without e-mail addresses, tokens and long numbers."""
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


def begin(form: str, level: int) -> None:
    """Log to stderr from now on what is of at least `level`: `form` is "text" or "json", which tells every request as well."""
    logging.basicConfig(level=level, handlers=[_handler(form, level)], force=True)
    requests.setLevel(logging.INFO if form == "json" else logging.WARNING)
    requests.handlers = [_handler(form, logging.INFO)]
    requests.propagate = False


def _handler(form: str, level: int) -> logging.Handler:
    shown = logging.StreamHandler()
    shown.setLevel(level)  # here as well: bm25s sets its own logger to DEBUG
    renamed = {"asctime": "time", "levelname": "level", "name": "logger"}
    shown.setFormatter(RedactedJson(FIELDS, rename_fields=renamed) if form == "json" else RedactedTraces(TEXT))
    shown.addFilter(Redacted())
    return shown


def keep_audit(folder: Path) -> logging.Handler:
    """Write down in `folder` from now on who looked at whose profile. The handler is to be closed with the folder."""
    kept = logging.FileHandler(folder / AUDIT, encoding="utf-8", delay=True)
    kept.setFormatter(JsonFormatter("%(asctime)s %(message)s", rename_fields={"asctime": "time", "message": "what"}))
    audit.addHandler(kept)
    audit.setLevel(logging.INFO)
    audit.propagate = False
    return kept


def looked(what: str, user: str, by: str) -> None:
    """Note that a profile was read: `what` of it, through which door."""
    audit.info(what, extra={"user": hashlib.sha256(user.encode()).hexdigest()[:16], "by": by})
