"""Who calls the API: anonymous visitors by tokens signed here, and those whom a site knows by the site's own tokens."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from bot.api.problems import Problem
from bot.api.sites import DEFAULT, Site
from retrieval.errors import ReadableError

ALGORITHM = "HS256"  # the only one that is believed of tokens given out here, whatever they say of themselves
AUDIENCE = "parley"
LASTS_SECONDS = 30 * 86_400  # of a token for somebody whom nobody knows
KNOWN_LASTS_SECONDS = 12 * 3_600  # of one for somebody whom a site knows
LONGEST_LIFE_SECONDS = 86_400  # from now, that a site's token may last: one that is stolen ends soon
LEEWAY_SECONDS = 30  # between the clocks of a site and of this machine
SECRET_BYTES = 32  # as many as the hash has
FILE = "api.key"
UNCHECKED = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}  # checked here, by the clock of the log


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a token stands for, and the session and site that it was given for."""

    user: str
    session_id: str
    site: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Tokens:
    """Gives out tokens and reads them."""

    secret: bytes

    def issue(self, visitor: Visitor, now: float, lasts: float = LASTS_SECONDS) -> tuple[str, float]:
        """A token for `visitor`, and when it ends (seconds)."""
        ends = int(now + lasts)
        named = {"sub": visitor.user, "sid": visitor.session_id, "site": visitor.site}
        return jwt.encode({**named, "aud": AUDIENCE, "iat": int(now), "exp": ends}, self.secret, ALGORITHM), float(ends)

    def visitor(self, authorization: str, now: float) -> Visitor:
        """Whom an Authorization header names. Raises Problem (401) where it was not signed here, or has ended."""
        token = bearer(authorization)
        if not token:
            raise Problem(401, "The header Authorization is missing: POST /api/v1/sessions gives a token for it.")
        try:
            needed: Any = {"require": ["sub", "sid", "exp", "aud"], **UNCHECKED}
            claims = jwt.decode(token, self.secret, [ALGORITHM], audience=AUDIENCE, options=needed)
            user, session_id, ends = str(claims["sub"]), str(claims["sid"]), float(claims["exp"])
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            raise Problem(401, "The token in Authorization was not given out here.") from error
        if ends <= now:
            raise Problem(401, "The token in Authorization has ended: POST /api/v1/sessions gives a new one.")
        return Visitor(user, session_id, str(claims.get("site", DEFAULT)))

    def known(self, authorization: str, site: Site, now: float) -> str:
        """The user whom a token of the site's own names. Raises Problem (401) saying what is wrong with it.

        The id is a keyed hash: what a site calls its users (an e-mail address, say) never enters the log.
        """
        claims = _claims(bearer(authorization), site)
        ends, begins = float(claims["exp"]), float(claims.get("nbf", 0))
        if ends + LEEWAY_SECONDS <= now:
            raise Problem(401, "The site's token in Authorization has ended.")
        if begins - LEEWAY_SECONDS > now:
            raise Problem(401, "The site's token in Authorization is not valid yet (nbf).")
        if ends - now > LONGEST_LIFE_SECONDS + LEEWAY_SECONDS:
            raise Problem(401, "The site's token in Authorization lasts longer than a day: exp has to be nearer.")
        return f"{site.name}.{hmac.new(self.secret, str(claims['sub']).encode(), hashlib.sha256).hexdigest()[:40]}"


def bearer(authorization: str) -> str:
    """The token of an Authorization header; "" where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _claims(token: str, site: Site) -> dict[str, Any]:
    """The claims of a site's token, its signature checked with the key that it names and that key's algorithm alone."""
    try:
        named = str(jwt.get_unverified_header(token).get("kid", ""))
        key = next((key for key in site.keys if key.id == named or (not named and len(site.keys) == 1)), None)
        if key is None:
            raise Problem(401, f"The token in Authorization is signed with no key of the site {site.name!r}.")
        needed: Any = {"require": ["sub", "exp", "aud"], **UNCHECKED}
        claims = jwt.decode(token, key.secret(site.folder), [key.algorithm], audience=site.audience, options=needed)
        if not str(claims["sub"]).strip():
            raise jwt.InvalidTokenError
        return {**claims, "exp": float(claims["exp"]), "nbf": float(claims.get("nbf") or 0)}
    except (jwt.InvalidTokenError, TypeError, ValueError) as error:
        raise Problem(401, f"The token in Authorization is no valid token of the site {site.name!r}.") from error


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
