"""Any server as a target that has `POST /api/v1/sessions` and `POST /api/v1/turns`; what else it has is used."""

import itertools
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import httpx

from bot.conversation_tests.models import Deed, Setup
from bot.conversation_tests.target import Answer, CannotError, RefusedError
from bot.conversation_tests.yaml_nodes import ConversationError

SECONDS = 60.0  # for one answer
BEFORE = 7_200.0  # seconds: what is known before a conversation was not learnt in its own visit
OLDEST = 1.0  # days: a live event counts as no older
NO_SUCH_ROUTE = frozenset({404, 405, 501})
KNOWN = {"likes": "like", "dislikes": "dislike", "consumed": "consumed", "not_now": "not_now"}


class OverUrl:
    """A server at `url`. Each conversation, and each visitor in it, has a session of their own."""

    def __init__(self, url: str) -> None:
        self._base = url.rstrip("/").removesuffix("/api/v1") + "/api/v1"
        if not self._base.startswith(("http://", "https://")):
            raise ConversationError(f"--url is {url!r}; it begins with http:// or https://")
        self._http = httpx.Client(timeout=SECONDS, follow_redirects=True)

    @property
    def titles(self) -> Mapping[str, str]:
        """None: a server's whole catalogue is not known, so no id can be called wrong."""
        return {}

    def start(self, setup: Setup, seed: int) -> None:
        """Begin a session and tell what is known of the visitor. The catalogue is the server's own."""
        if setup.clock is not None:
            raise CannotError("a server's clock cannot be set")
        if setup.language_model == "scripted":
            raise CannotError("a server's language model cannot be scripted")
        if any(event.days_ago > OLDEST for event in setup.history):
            raise CannotError("a server takes no event that is older than a day")
        self._tokens: dict[str, str | None] = {}
        self._shown: dict[str, list[str]] = {}
        self._ids, self._run, self._k = itertools.count(), secrets.token_hex(6), setup.slate_size
        self._token("")
        now, known = time.time(), setup.profile.model_dump()
        told = [(event.kind, event.item, event.value, event.days_ago * 86_400) for event in setup.history]
        told += [
            (kind, item, None, 1.0 if name == "not_now" else BEFORE) for name, kind in KNOWN.items() for item in known[name]
        ]
        rows = [self._event(kind, item, value) | {"timestamp": now - ago} for kind, item, value, ago in told]
        if rows:
            self._send_events(rows, "")

    def say(self, message: str, who: str) -> Answer:
        """The answer to a message, as JSON."""
        body = {"message": message, **({"k": self._k} if self._k else {})}
        answer = self._json("POST", "/turns", who, body)
        self._note(answer, who)
        return answer

    def do(self, deed: Deed, who: str) -> Answer:
        """Send an event, and ask for the slate after it."""
        shown = self._shown.get(who, [])
        if deed.position and deed.position > len(shown):
            raise RefusedError(f"the newest slate has no place {deed.position}")
        item = shown[deed.position - 1] if deed.position else deed.item or ""
        told = self._send_events([self._event(deed.kind, item, deed.value, deed.id)], who)
        rejected = told.get("rejected") or []
        event = {"duplicate": bool(told.get("duplicates")), "refused": str(rejected[0].get("why")) if rejected else ""}
        try:
            return {**self.observe("slate", who), "event": event}
        except CannotError:
            return {"event": event}

    def observe(self, what: Literal["slate", "profile"], who: str) -> Answer:
        """The slate from the profile alone, or the profile."""
        if what == "profile":
            return {"profile": self._json("GET", "/profile", who)}
        answer = self._json("GET", f"/recommendations?k={self._k}" if self._k else "/recommendations", who)
        self._note(answer, who)
        return answer

    def restart(self, what: Literal["session", "server"], who: str) -> None:
        """A server gives no second session to an anonymous visitor, and is not ours to restart."""
        raise CannotError(f"the {what} of a server cannot be restarted from here")

    def wait(self, seconds: float) -> None:
        """A server's clock is its own."""
        raise CannotError("a server's clock cannot be moved")

    def recorded(self, who: str) -> list[dict[str, Any]]:
        """The visitor's events, from what the server exports."""
        return [
            {"kind": row.get("kind"), "item": row.get("item")} for row in self._json("GET", "/export", who).get("events", ())
        ]

    def parts(self, ids: Sequence[str], who: str) -> list[dict[str, Any]]:
        """A server tells the score parts of what it shows alone."""
        raise CannotError("a server tells the score parts of what it shows alone")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _event(self, kind: str, item: str, value: float | None, name: str | None = None) -> dict[str, Any]:
        event: dict[str, Any] = {"event_id": name or f"{self._run}-{next(self._ids)}", "item_id": item, "kind": kind}
        return event if value is None else {**event, "value": value}

    def _send_events(self, rows: list[dict[str, Any]], who: str) -> dict[str, Any]:
        return self._json("POST", "/events", who, rows)

    def _note(self, answer: Answer, who: str) -> None:
        slate = answer.get("slate")
        if slate is None:
            return
        items = slate.get("items") if isinstance(slate, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("id") for item in items):
            raise RefusedError("the slate it gave is no {items: [{id, …}]}")
        answer["slate"] = {**slate, "items": [_item(item) for item in items]}
        self._shown[who] = [item["id"] for item in answer["slate"]["items"]]

    def _token(self, who: str) -> str | None:
        if who not in self._tokens:
            self._tokens[who] = None
            try:
                self._tokens[who] = self._json("POST", "/sessions", who, {}).get("token")
            except CannotError as error:
                raise ConversationError(
                    f"{self._base}/sessions is not there: such a server cannot be conversed with"
                ) from error
        return self._tokens[who]

    def _json(self, method: str, path: str, who: str, body: Any = None) -> dict[str, Any]:
        """What a route answers, and how long it took. Raises CannotError where there is no such route."""
        begun, token = time.perf_counter(), self._token(who)
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            answer = self._http.request(method, self._base + path, headers=headers, json=body)
            told = answer.raise_for_status().json() if answer.content else {}
        except httpx.HTTPStatusError as error:
            if error.response.status_code in NO_SUCH_ROUTE:
                raise CannotError(f"the server has no {method} {path.partition('?')[0]}") from error
            refused = f"the server answers {error.response.status_code}: {error.response.text[:300]}"
            raise RefusedError(refused) from error
        except httpx.HTTPError as error:
            raise ConversationError(f"{self._base} cannot be reached: {error}") from error
        except ValueError as error:
            raise RefusedError(f"the server's answer is not JSON: {error}") from error
        if not isinstance(told, dict):
            raise RefusedError("the server's answer is not a JSON object")
        return {**told, "round_trip_ms": 1_000 * (time.perf_counter() - begun)}


def _item(told: dict[str, Any]) -> dict[str, Any]:
    """An item of any server with all that reports read."""
    score, facets, shares = told.get("score"), told.get("facets"), told.get("contributions")
    return {
        **told, "id": str(told["id"]), "title": str(told.get("title") or ""),
        "score": score if isinstance(score, int | float) else 0.0, "facets": facets if isinstance(facets, dict) else {},
        "contributions": shares if isinstance(shares, dict) else {},
    }  # fmt: skip
