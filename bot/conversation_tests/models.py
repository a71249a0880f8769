"""What a `*.conv.yaml` file holds: scenarios, each with its setup and its steps."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.conversation_tests.conditions import Strict
from bot.conversation_tests.expectations import Expect
from bot.deeds import EventKind

DEFAULT_CLOCK = 1_767_268_800.0  # 1 January 2026, noon, UTC
RESERVED = frozenset({"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "timeout"})  # pytest's own
KINDS = ("user", "event", "observe", "restart", "wait", "include")

LanguageModelKind = Literal["off", "scripted", "real"]


class KnownProfile(Strict):
    """What is known of the visitor before: item ids."""

    likes: list[str] = Field(default_factory=list[str])
    dislikes: list[str] = Field(default_factory=list[str])
    consumed: list[str] = Field(default_factory=list[str])
    not_now: list[str] = Field(default_factory=list[str], description="for this conversation")


class PastEvent(Strict):
    """Something the visitor did before."""

    kind: EventKind
    item: str
    value: float | None = Field(None, description="0.5 to 5 for a rating")
    days_ago: float = Field(ge=0)


class Setup(Strict):
    """What a scenario starts from."""

    catalogue: str = Field("films", description="a built-in name, or a path relative to the file")
    profile: KnownProfile = Field(default_factory=lambda: KnownProfile.model_validate({}))
    history: list[PastEvent] = Field(default_factory=list[PastEvent])
    clock: datetime | float | None = Field(None, description="when it begins: ISO 8601 or seconds since 1970")
    seed: int = Field(0, description="the n-th repetition runs with this plus n")
    slate_size: int | None = Field(None, ge=1, le=20)
    language_model: LanguageModelKind | None = Field(None, description="off unless the command line says otherwise")
    says: list[str] = Field([], description="what a scripted model says, a line a request; the last one again and again")

    @model_validator(mode="after")
    def _script_is_used(self) -> "Setup":
        if self.says and self.language_model != "scripted":
            raise ValueError("`says` is what a scripted model says: add `language_model: scripted`")
        return self

    @property
    def begins(self) -> float:
        """The clock in seconds."""
        if isinstance(self.clock, datetime):
            return (self.clock if self.clock.tzinfo else self.clock.replace(tzinfo=UTC)).timestamp()
        return DEFAULT_CLOCK if self.clock is None else self.clock


class Deed(Strict):
    """Something the visitor does: to an item by its id, or to the one at a place of the newest slate."""

    kind: EventKind
    item: str | None = None
    position: int | None = Field(None, ge=1, description="of the newest slate, from 1")
    value: float | None = Field(None, description="0.5 to 5 for a rating")
    id: str | None = Field(None, description="sent again, an event counts once")

    @model_validator(mode="after")
    def _one_item(self) -> "Deed":
        if (self.item is None) == (self.position is None):
            raise ValueError("an event needs an `item` or a `position`, and not both")
        return self


class Wait(Strict):
    """How far the clock is moved on."""

    days: float = Field(0, ge=0)
    hours: float = Field(0, ge=0)
    minutes: float = Field(0, ge=0)
    seconds: float = Field(0, ge=0)

    @property
    def total(self) -> float:
        """In seconds."""
        return ((self.days * 24 + self.hours) * 60 + self.minutes) * 60 + self.seconds


class Step(Strict):
    """Exactly one of `user`, `event`, `observe`, `restart`, `wait` and `include`, and what is expected after it."""

    user: Annotated[str, Field(min_length=1)] | None = Field(None, description="what the visitor says")
    event: Deed | None = Field(None, description="what the visitor does; the slate after it comes from the profile alone")
    observe: Literal["slate", "profile"] | None = Field(None, description="look, without a word or a deed")
    restart: Literal["session", "server"] | None = Field(
        None, description="a new conversation of the same visitor, or the server"
    )
    wait: Wait | None = None
    include: str | None = Field(None, description="the steps of another file's scenario: `path` or `path#name of the scenario`")
    who: str = Field("", description="another visitor, by any name, with a session of their own", alias="as")
    expect: Expect | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, written: Any) -> Any:
        if isinstance(written, dict) and sum(kind in written for kind in KINDS) != 1:
            raise ValueError(f"a step is exactly one of {', '.join(KINDS)}")
        if isinstance(written, dict) and written.get("expect") and not any(k in written for k in ("user", "event", "observe")):
            raise ValueError("nothing comes back from this step that could be expected; observe it in the next one")
        return written


def _tag(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"{name!r} is a marker of pytest's own; choose another tag")
    return name


Tag = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$"), AfterValidator(_tag)]


class Scenario(Strict):
    """One conversation; with `cases` one for each of them."""

    name: Annotated[str, Field(min_length=1)]
    setup: Setup = Field(default_factory=lambda: Setup.model_validate({}))
    vars: dict[str, Any] = Field({}, description="values for ${name}")
    cases: list[dict[str, Any]] = Field(
        [], description="a table: one conversation for each row, its values for ${name}; `xfail` in a row is its own"
    )
    tags: list[Tag] = Field([], description="markers in pytest")
    steps: Annotated[list[Step], Field(min_length=1)]
    repeat: int = Field(1, ge=1, le=1000)
    pass_rate: float = Field(1.0, gt=0, le=1, description="the share of the repetitions that have to hold")
    xfail: str | None = Field(
        None, min_length=1, description="why it is expected to fail; it is an error when it holds after all"
    )


class ConversationFile(Strict):
    """A file of scripted conversations."""

    version: Literal[1]
    setup: Setup = Field(
        default_factory=lambda: Setup.model_validate({}), description="for every scenario; a scenario's own keys win"
    )
    tags: list[Tag] = Field([], description="for every scenario")
    scenarios: Annotated[list[Scenario], Field(min_length=1)]
