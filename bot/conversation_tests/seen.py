"""What a step was answered with, beside what was shown and said before it: what checks look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.conversation_tests.target import Answer, CannotError

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Came:
    """What came in the place of what was expected, and the items it concerns."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer in its conversation. `known`: item ids that the visitor spoke of or acted on."""

    answer: Answer
    before: Sequence[Item] | None = None  # the slate before
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    said: Sequence[str] = ()  # by the visitor, so far
    known: frozenset[str] = frozenset()
    recorded: Callable[[], list[dict[str, Any]]] = list

    def part(self, name: str) -> Any:
        """A part of the answer. Raises CannotError where the target does not give it."""
        if self.answer.get(name) is None:
            raise CannotError(f"the answer holds no {name}")
        return self.answer[name]

    @property
    def items(self) -> list[Item]:
        """The slate."""
        return list(self.part("slate")["items"])

    @property
    def ids(self) -> list[str]:
        """The ids on the slate, in order."""
        return [str(item["id"]) for item in self.items]

    @property
    def words(self) -> str:
        """The words, white space evened out."""
        return " ".join(str(self.part("words")).split())


def facet(item: Item, name: str) -> Any:
    """An item's value of a facet; its id and title can be asked for alike."""
    return item.get(name) if name in ("id", "title") else item.get("facets", {}).get(name)
