"""Who calls the API: anonymous visitors, each known by a token that was signed here."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import jwt

from bot.api.problems import Problem
from retrieval.errors import ReadableError

ALGORITHM = "HS256"  # the only one that is believed, whatever a token says of itself
AUDIENCE = "parley"
LASTS_SECONDS = 30 * 86_400
SECRET_BYTES = 32  # as many as the hash has
FILE = "api.key"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a token stands for, and the session that it was given for."""

    user: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Gives out tokens and reads them."""

    secret: bytes

    def issue(self, visitor: Visitor, now: float) -> tuple[str, float]:
        """A token for `visitor`, and when it ends (seconds)."""
        ends = now + LASTS_SECONDS
        claims = {"sub": visitor.user, "sid": visitor.session_id, "aud": AUDIENCE, "iat": int(now), "exp": int(ends)}
        return jwt.encode(claims, self.secret, ALGORITHM), float(int(ends))

    def visitor(self, authorization: str, now: float) -> Visitor:
        """Whom an Authorization header names. Raises Problem (401) where it was not signed here, or has ended."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem(401, "The header Authorization is missing: POST /api/v1/sessions gives a token for it.")
        try:
            claims = jwt.decode(
                token.strip(), self.secret, [ALGORITHM], audience=AUDIENCE,
                options={"require": ["sub", "sid", "exp", "aud"], "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
            user, session_id, ends = str(claims["sub"]), str(claims["sid"]), float(claims["exp"])
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            raise Problem(401, "The token in Authorization was not given out here.") from error
        if ends <= now:
            raise Problem(401, "The token in Authorization has ended: POST /api/v1/sessions gives a new one.")
        return Visitor(user, session_id)


def new_user() -> str:
    """An unguessable id for somebody new."""
    return secrets.token_urlsafe(24)


def secret_of(folder: Path, given: str = "") -> bytes:
    """The secret that tokens are signed with: the one given, else the data folder's own, made at its first use."""
    if given:
        if len(given.encode()) < SECRET_BYTES:
            raise ReadableError(f"the setting api_secret has {len(given.encode())} bytes; it needs at least {SECRET_BYTES}")
        return given.encode()
    file = folder / FILE
    try:
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(secrets.token_bytes(SECRET_BYTES))
                new.flush()
                os.fsync(new.fileno())
        except FileExistsError:
            pass
        found = file.read_bytes()
    except OSError as error:
        raise ReadableError(f"the key file {file} cannot be used: {error.strerror or error}") from error
    if len(found) < SECRET_BYTES:
        raise ReadableError(f"the key file {file} has {len(found)} bytes of {SECRET_BYTES}: delete it, and a new one is made")
    return found
