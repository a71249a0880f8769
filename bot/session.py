"""What was said: one turn with what was understood in it, and a session of turns. Pure values."""

from dataclasses import dataclass, field
from typing import Literal

from retrieval.constraints import Constraint
from retrieval.facet_match import Wish

Intent = Literal["reveal", "refine", "critique", "accept", "reject", "ask_why", "ask", "undo", "forget", "chat"]


@dataclass(frozen=True, slots=True)
class Mention:
    """An item named in a message. `sentiment` in [-1, 1]; `consumed`: the user says they know it already.

    `later`: not now; `compared`: "cheaper than" it, which says nothing of whether it is liked.
    """

    item_id: str
    sentiment: float
    consumed: bool = False
    evidence: str = ""
    later: bool = False
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message says, each part with the words that say it.

    `wishes` are soft, `constraints` hard. `search_text` holds the positive words that tell something; `meaning_text` is
    the message without what it rules out, as it is embedded (empty where there is nothing to look for). `understood` is
    False when nothing could be made of the message.
    """

    intent: Intent = "reveal"
    mentions: tuple[Mention, ...] = ()
    wishes: tuple[Wish, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    search_text: str = ""
    meaning_text: str = ""
    understood: bool = True
    passed: tuple[str, ...] = ()  # what was shown and is passed over: "something else", "none of these"
    lifted: tuple[str, ...] = ()  # targets of what was said before and does not count any more, as corrections name them
    instead: bool = False  # whether it stands in the place of what was said right before: "no, I meant …"
    about: tuple[str, ...] = ()  # items that a question is about
    asked: tuple[str, ...] = ()  # what of them it asks for, as targets: a facet, a facet's value
    aside: bool = False  # whether it leaves open what is looked for: small talk, a question about what was shown
    outside: bool = False  # whether it asks for what no recommender can do: the weather, tickets
    preferred: tuple[Constraint, ...] = ()  # what somebody likes at all times ("I love films from the 60s"): no conditions


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of the user (or a reaction without words) and the slate that answered it. `time` in seconds."""

    id: str
    session_id: str
    user: str
    time: float
    text: str
    understanding: Understanding = field(default_factory=Understanding)
    slate_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation of one user, its turns in order."""

    id: str
    user: str
    turns: tuple[Turn, ...] = ()
