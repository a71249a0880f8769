"""Takes in logged behaviour from a CSV or JSON Lines file: what is sound and was done by people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bot.event_rows import read_events
from bot.events import Event, EventLog
from bot.robots import robots
from retrieval.catalogue import Catalogue
from retrieval.rows import BadRow

BATCH = 2_000  # rows in a transaction
Logged = TypeVar("Logged")


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows were new and known already, which were bad, and what is worth a word: whose rows were left out, clocks."""

    new: int
    duplicate: int
    bad: tuple[BadRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sieve:
    """Lets sound events of people through, and counts the rest."""

    robots: Mapping[str, str]
    now: float
    bad: list[BadRow] = field(default_factory=list[BadRow])
    left_out: Counter[str] = field(default_factory=Counter[str])
    ahead: int = 0

    def events(self, rows: Iterable[Event | BadRow]) -> Iterator[Event]:
        """The good ones."""
        for row in rows:
            if isinstance(row, BadRow):
                self.bad.append(row)
            elif row.user in self.robots:
                self.left_out[row.user] += 1
            else:
                self.ahead += row.time == self.now
                yield row

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done with rows that are not bad."""
        found = [
            f"the user {user!r} {self.robots[user]}, at the pace of a robot: {count} of their rows are left out"
            for user, count in self.left_out.items()
        ]  # fmt: skip
        if self.ahead:
            found.append(f"{self.ahead} rows come from a clock that runs ahead; their deeds count as done now")
        return tuple(found)


def import_file(file: Path, log: EventLog, catalogue: Catalogue, now: float) -> Report:
    """Write the events of `file` into `log`; running it again adds nothing, so that what broke off goes on. `now` in seconds.

    Raises CatalogueError when the file cannot be read or lacks a column.
    """
    sieve = _Sieve(robots(file), now)
    new = total = 0
    for batch in batches(sieve.events(read_events(file, catalogue, now))):
        new += log.append(batch)
        total += len(batch)
    return Report(new, total - new, tuple(sieve.bad), sieve.notes)


def batches(rows: Iterator[Logged]) -> Iterator[list[Logged]]:
    """So many rows at a time as go into one transaction."""
    while batch := list(islice(rows, BATCH)):
        yield batch
