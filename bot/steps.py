"""What a turn begins with and what it tells: the message as it is taken, and the steps of the answer, cards first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.elicitation import Question
from bot.explanation import Explanation
from bot.profile import Profile
from bot.session import Turn, Understanding
from retrieval.errors import ReadableError
from retrieval.ranking import Slate

LONGEST_MESSAGE = 2_000  # characters: what people type, ten times over


class MessageError(ReadableError):
    """A message that cannot be answered as it is."""


@dataclass(frozen=True, slots=True)
class SlateReady:
    """The slate and the profile behind it; comes first, before any word."""

    slate: Slate
    profile: Profile
    understanding: Understanding
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """More of the words: one checked sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer. `timings_ms`: understand, embed, retrieve, rank, cards, first_word, total."""

    turn: Turn
    slate: Slate
    profile: Profile
    explanation: Explanation
    timings_ms: Mapping[str, float]
    question: Question | None = None


ReplyEvent = SlateReady | Words | Done


def checked(message: str) -> str:
    """The message on one line. Raises MessageError for one that is empty or too long."""
    text = " ".join(message.encode(errors="replace").decode().split())  # halves of characters cannot be kept
    if not text:
        raise MessageError("The message is empty: say what you are after.")
    if len(text) > LONGEST_MESSAGE:
        raise MessageError(f"The message has {len(text):,} characters; at most {LONGEST_MESSAGE:,} are read.")
    return text


def spoken_of_last(last: Turn | None, shown: Sequence[str]) -> str:
    """The item that "it" means: the last one that the turn before spoke of, else the only one shown; "" where none is."""
    told = last.understanding if last else Understanding()
    named = [mention.item_id for mention in told.mentions] or list(told.about)
    return named[-1] if named else shown[0] if len(shown) == 1 else ""


def request_of(turn: Turn, profile: Profile) -> str:
    """The user's own words that the explanation may lean on: this message, else what this session is about."""
    return turn.text or profile.intent_text or "; ".join(profile.session_texts) or "something good"
