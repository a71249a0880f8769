"""What the API takes and gives, checked at the door: unknown keys are refused, texts and lists have bounds."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.api.sites import DEFAULT
from bot.deeds import EventKind
from bot.recommender import LONGEST_MESSAGE
from bot.rights import How

Text = Annotated[str, Field(max_length=1_000)]


class Taken(BaseModel):
    """What a client sends: nothing that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Context(Taken):
    """What the visitor looks at on the host's page."""

    item_id: str = Field("", max_length=256, description="the item that the page shows; “this one” means it")
    url: Text = ""
    title: Text = ""


class TurnIn(Taken):
    """One message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "something quiet about space, after 2000", "k": 5}]})

    message: str = Field(min_length=1, max_length=LONGEST_MESSAGE)
    k: int | None = Field(None, ge=1, le=20, description="items on the slate")
    context: Context = Field(default_factory=lambda: Context(item_id=""))


class EventIn(Taken):
    """Something the visitor did with an item."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_id": "c1f0", "item_id": "arrival-2016", "kind": "like", "position": 1}]}
    )

    event_id: str = Field(min_length=1, max_length=64, description="the client's own name for it: sent again, it counts once")
    item_id: str = Field(min_length=1, max_length=256)
    kind: EventKind
    value: float | None = Field(None, description="0.5 to 5 for a rating")
    timestamp: float | None = Field(None, description="seconds since 1970; now where it is missing")
    slate_id: str = Field("", max_length=64)
    position: int | None = Field(None, ge=1, le=1_000)


class CorrectionIn(Taken):
    """Something to be taken back or set right; `GET /profile` names the targets."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"how": "forget", "target": "preference:mood=dark"}]})

    how: How
    target: str = Field("", max_length=512)
    weight: float | None = Field(None, ge=-1, le=1)


class SessionIn(Taken):
    """Which site a session is for."""

    site: str = Field(DEFAULT, max_length=40, description="a site of sites.toml")


class SessionOut(BaseModel):
    """A new session and its token."""

    session_id: str
    token: str
    expires_at: float


class RejectedOut(BaseModel):
    """An event that was refused, by its place in what was sent (from 0)."""

    index: int
    why: str


class EventsOut(BaseModel):
    """What became of the events; `notes` tells what was set right of those that count."""

    accepted: int
    duplicates: int
    rejected: list[RejectedOut]
    notes: list[RejectedOut] = []


class ShownOut(BaseModel):
    """What was on a slate."""

    id: str
    items: list[str]


class TurnOut(BaseModel):
    """One turn as it stands in the log."""

    message: str
    words: str
    slate: ShownOut


class SlateOut(BaseModel):
    """A slate: its items in order, each with its score parts and reasons."""

    id: str
    items: list[dict[str, Any]]


class HistoryOut(BaseModel):
    """A session so far: `slate` is the last one in full, `liked` the items whose like stands."""

    session_id: str
    turns: list[TurnOut]
    slate: SlateOut | None
    liked: list[str]


class RecommendationsOut(BaseModel):
    """A slate from the profile alone."""

    slate: SlateOut
    relaxed: list[str]
    profile_version: str


class ItemOut(BaseModel):
    """One item of the catalogue."""

    id: str
    title: str
    description: str
    facets: dict[str, Any]


class ItemsOut(BaseModel):
    """Items, and what to pass as `after` for those that follow; None at the end."""

    items: list[ItemOut]
    next: str | None


class FacetOut(BaseModel):
    """How a facet is called."""

    label: str
    unit: str


class SiteOut(BaseModel):
    """What a page that embeds a site shows before anything is said."""

    name: str
    title: str
    noun: str
    plural: str
    greeting: str
    starters: list[str]
    replies: list[str]
    labels: dict[str, str]
    colours: dict[str, str]
    card: list[str]
    facets: dict[str, FacetOut]
    pictures: bool
    origins: list[str]


class ProblemOut(BaseModel):
    """An error."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
