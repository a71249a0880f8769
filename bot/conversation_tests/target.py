"""What a conversation is held with: this Parley in its own process, or any server behind a URL."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from bot.conversation_tests.models import Deed, Setup

Answer = dict[str, Any]  # as `bot.answer.answer_json` makes it, as far as the target gives it; and "round_trip_ms"


class CannotError(Exception):
    """Something that this target has no way to do; it is told so and is no failure."""


class RefusedError(Exception):
    """A message or an event that the target would not take, with its reason."""


class SetupError(Exception):
    """A setup that this target cannot be brought to."""


class Target(Protocol):
    """One conversation partner, for one conversation at a time. `who`: which of several visitors; "" is the first.

    What cannot be done raises CannotError.
    """

    @property
    def titles(self) -> Mapping[str, str]:
        """Item id -> title, of all items as far as they are known."""
        ...

    def start(self, setup: Setup, seed: int) -> None:
        """Begin anew from a setup, with nothing of any conversation before."""
        ...

    def say(self, message: str, who: str) -> Answer:
        """The answer to a message."""
        ...

    def do(self, deed: Deed, who: str) -> Answer:
        """The slate after a deed, and under "event" what became of it: `duplicate`, `refused`."""
        ...

    def observe(self, what: Literal["slate", "profile"], who: str) -> Answer:
        """The slate as it would be now, or the profile."""
        ...

    def restart(self, what: Literal["session", "server"], who: str) -> None:
        """Begin a new session of the same visitor, or stop and start the server."""
        ...

    def wait(self, seconds: float) -> None:
        """Move the clock on."""
        ...

    def recorded(self, who: str) -> list[dict[str, Any]]:
        """The visitor's events in the log, oldest first: `kind`, `item`."""
        ...

    def parts(self, ids: Sequence[str], who: str) -> list[dict[str, Any]]:
        """Items as an answer holds them, with the score parts they would have now, on the slate or not."""
        ...

    def close(self) -> None:
        """Let everything of this conversation go."""
        ...
