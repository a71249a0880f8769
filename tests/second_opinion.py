"""What a user has made known, kept beside the recommender as a second opinion."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from retrieval.catalogue import Item

REJECTING, HAVING = ("dislike", "dismiss"), ("consumed", "purchase", "rating")
Condition = tuple[str, Callable[[Item], bool]]  # which condition it replaces, and what items it lets through


@dataclass
class Told:
    """The rejected, the had, what is not wanted now, and the conditions that hold."""

    rejected: set = field(default_factory=set)
    had: set = field(default_factory=set)
    later: set = field(default_factory=set)
    conditions: dict = field(default_factory=dict)

    @property
    def gone(self) -> set:
        return self.rejected | self.had | self.later

    def holds(self, item: Item) -> bool:
        return all(condition(item) for condition in self.conditions.values())

    def fitting(self, items: Iterable[Item]) -> set:
        """The ids of what may be shown."""
        return {item.id for item in items if self.holds(item)} - self.gone

    def heard(self, condition: Condition | str | None) -> None:
        if condition == "reset":
            self.conditions.clear()
        elif condition:
            self.conditions[condition[0]] = condition[1]

    def seen(self, kind: str, item: str) -> None:
        self.rejected |= {item} if kind in REJECTING else set()
        self.rejected -= {item} if kind == "like" else set()
        self.had |= {item} if kind in HAVING else set()
        self.later |= {item} if kind == "not_now" else set()
