"""What every route of the API goes through: which site, who asks, from where, how often, how many are answered at a time."""

import math
from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from bot.api.answers import Answers
from bot.api.buckets import Buckets
from bot.api.identity import Tokens, Visitor
from bot.api.problems import Problem
from bot.api.sites import DEFAULT, Site
from bot.api.turns import OpenTurns
from bot.recommender import Recommender
from bot.rights import Held
from bot.session import Session

Script = Callable[[Session], str]  # a session as a scripted conversation


class Door:
    """One site's live parts, and what keeps order among those who ask."""

    def __init__(
        self, site: Site, recommender: Recommender, tokens: Tokens, turns: OpenTurns, script: Script | None = None
    ) -> None:
        self.site, self.recommender, self.tokens, self.turns = site, recommender, tokens, turns
        self.script = script  # None: sessions are not saved as tests
        self.answers, limits = Answers(), site.limits
        self.requests = Buckets(limits.visitor_requests_per_minute)
        self.visitor_turns, self.site_turns = Buckets(limits.visitor_turns_per_minute), Buckets(limits.site_turns_per_minute)
        self.new_sessions = Buckets(limits.sessions_per_minute)

    def let_in(self, request: Request) -> None:
        """Let a request from a page of this site pass, or from no page at all. Raises Problem (403) for other origins."""
        origin = request.headers.get("origin", "").lower()
        own = request.headers.get("host", "").lower()
        if origin and origin.partition("://")[2] != own and origin not in self.site.origins:
            raise Problem(403, f"Pages of {origin[:80]} may not use the site {self.site.name!r}.")

    def session(self, visitor: Visitor) -> Session:
        """The visitor's session, begun anew where it has been erased."""
        log = self.recommender.log
        if log.has_session(visitor.session_id):  # a token names nobody else's
            return Session(visitor.session_id, visitor.user)
        return log.start_session(visitor.user, self.recommender.clock(), visitor.session_id)

    def held(self, visitor: Visitor) -> Held:
        """What is held of the visitor now."""
        recommender = self.recommender
        return Held(recommender.log, recommender.catalogue, visitor.user, visitor.session_id, recommender.clock())


def take(bucket: Buckets, name: str, what: str) -> None:
    """Take a token for `name`. Raises Problem (429) where none is left; `what` says of what."""
    wait = bucket.take(name)
    if wait:
        raise Problem(429, f"Too many {what} within a minute.", math.ceil(wait))


def the_doors(request: Request) -> Mapping[str, Door]:
    """The doors of the application that answers a request, by site."""
    return request.app.state.doors


def open_door(
    request: Request, site: Annotated[str, Query(max_length=40, description="a site of sites.toml")] = DEFAULT
) -> Door:
    """The door of the site that a request names, for what is open to everybody."""
    return site_door(request, site)


def site_door(request: Request, site: str) -> Door:
    """The door of a site. Raises Problem: 404 where there is no such site, 403 for a page that may not use it."""
    door = the_doors(request).get(site)
    if door is None:
        raise Problem(404, f"There is no site {site[:40]!r} here.")
    door.let_in(request)
    return door


def the_visitor(request: Request, authorization: Annotated[str, Header(description="Bearer TOKEN")] = "") -> Visitor:
    """Who asks, by the token alone."""
    doors = the_doors(request)
    some = doors[DEFAULT]
    visitor = some.tokens.visitor(authorization, some.recommender.clock())
    door = doors.get(visitor.site)
    if door is None:
        raise Problem(401, "The token in Authorization is of a site that is not served any more.")
    door.let_in(request)
    take(door.requests, visitor.user, "requests")
    return visitor


def the_door(request: Request, visitor: "TheVisitor") -> Door:
    """The door of the site that the visitor's token is for."""
    return the_doors(request)[visitor.site]


TheVisitor = Annotated[Visitor, Depends(the_visitor)]
TheDoor = Annotated[Door, Depends(the_door)]
OpenDoor = Annotated[Door, Depends(open_door)]
