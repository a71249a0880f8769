"""What a step may expect. Each part demands an answer that is there: no ceiling is kept by an empty one.

A `slate` expectation implies at least one item, unless `size: 0`; a `words` expectation implies some words, unless
`length: 0`; whoever writes a `size` or a `length` that nothing at all would keep is told to add a floor.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bot.conversation_tests.conditions import Bound, Condition, Facets, Strict
from bot.deeds import EventKind

Texts = Annotated[list[str], Field(min_length=1)]


def _floored(bound: Condition) -> Condition:
    """A bound that zero keeps is none, but for zero itself."""
    if bound.meets(0) and bound.given != {"$eq": 0}:
        raise ValueError(
            f"{bound} would be kept by nothing at all; set a floor beside it ($gte: 1), or 0 where nothing is meant"
        )
    return bound


Amount = Annotated[Bound, AfterValidator(_floored)]


class SlateExpected(Strict):
    """The slate: ids, their order, what they are, how it moved against the slate before. At least one item unless `size: 0`."""

    size: Amount | None = Field(None, description="how many items")
    include: Texts | None = Field(None, description="all of these are on it")
    any_of: Texts | None = Field(None, description="at least one of these is on it")
    exclude: Texts | None = Field(None, description="none of these is on it")
    only: Texts | None = Field(None, description="nothing but these is on it")
    top: Texts | None = Field(None, description="it begins with these, in this order")
    order: Texts | None = Field(None, description="these are on it, in this order")
    all_match: Facets | None = Field(None, description="every item meets every condition")
    none_match: Facets | None = Field(None, description="no item meets any of the conditions")
    some_match: Facets | None = Field(None, description="at least one item meets every condition")
    most_match: Facets | None = Field(None, description="more than half of the items meet every condition")
    moved_up: Texts | None = Field(None, description="higher than on the slate before, or new on it")
    moved_down: Texts | None = Field(None, description="lower than on the slate before, or gone from it")
    unchanged: bool | None = Field(None, description="the same items in the same order as before; false: not the same")
    fresh: Literal[True] | None = Field(None, description="no item of the slate before is on it")
    rises: Texts | None = Field(None, description="facets whose mean is above that of the slate before")
    falls: Texts | None = Field(None, description="facets whose mean is below that of the slate before")
    diversity: Facets | None = Field(None, description="by facet: 1 less the mean overlap (Jaccard) of two items' values")


class Ids(Strict):
    """Items that are in a set, and items that are not."""

    include: Texts | None = None
    exclude: Texts | None = None


def _ids(written: Any) -> Any:
    return {"include": written} if isinstance(written, list) else written


IdSet = Annotated[Ids, BeforeValidator(_ids, json_schema_input_type=Ids | Texts)]
Constraints = dict[str, Condition | None]


class ProfileExpected(Strict):
    """The live profile that came with the answer."""

    preferences: dict[str, dict[str, Bound | None]] | None = Field(
        None, description="facet, value, and what its weight in [-1, 1] meets; null: no such preference"
    )
    affinities: dict[str, Bound | None] | None = Field(None, description="by item what its weight meets; null: none")
    constraints: Constraints | None = Field(None, description="conditions by facet; null: none on it; {}: none at all")
    rejected: IdSet | None = None
    consumed: IdSet | None = None


class WordsExpected(Strict):
    """The words. There are some unless `length: 0`."""

    mentions: Texts | None = Field(None, description="all of these occur; case does not count")
    mentions_any: Texts | None = Field(None, description="at least one of these occurs")
    forbids: Texts | None = Field(None, description="none of these occurs")
    grounded: bool | None = Field(None, description="whether facts carry every sentence")
    dropped: Bound | None = Field(None, description="sentences of the model that were not let through")
    about_slate_only: Literal[True] | None = Field(
        None, description="an item of the slate is named, and none that is neither on it nor spoken of or acted on by the user"
    )
    length: Amount | None = Field(None, description="in characters")
    language: str | None = Field(None, pattern="^[a-z]{2}$", description="as ISO 639-1: en")


class QuestionExpected(Strict):
    """A question back."""

    facet: str | None = Field(None, description="what it is about")
    mentions: Texts | None = Field(None, description="all of these occur in its text")


class RecordedEvent(Strict):
    """An event that is in the log."""

    kind: EventKind
    item: str


class EventsExpected(Strict):
    """What the log holds of the user's events, and what became of the event of this step."""

    recorded: Annotated[list[RecordedEvent], Field(min_length=1)] | None = None
    absent: Annotated[list[RecordedEvent], Field(min_length=1)] | None = Field(None, description="not in a log that holds some")
    count: Amount | None = Field(None, description="how many the log holds")
    duplicate: bool | None = Field(None, description="whether it was known already")
    refused: str | None = Field(None, description="it was refused, and the reason holds this text")


class Expect(Strict):
    """All that a step expects of what comes back."""

    slate: SlateExpected | None = None
    profile: ProfileExpected | None = None
    constraints: Constraints | None = Field(None, description="short for the profile's constraints")
    relaxed: bool | list[str] | None = Field(
        None, description="conditions given up: texts that occur, [] for none, true for any"
    )
    question: bool | QuestionExpected | None = Field(None, description="whether something is asked back, and what about")
    words: WordsExpected | None = None
    events: EventsExpected | None = None
    latency_ms: Facets | None = Field(
        None, description="by stage: understand, retrieve, rank, cards, first_word, total; round_trip as the runner measured it"
    )
    tokens: dict[Literal["asked", "said"], Amount] | None = Field(
        None, description="words and marks the model was given and said"
    )
