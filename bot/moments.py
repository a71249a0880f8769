"""Moments of conversations in which items were taken: out of the log, and out of imported dialogues."""

from collections.abc import Iterable, Iterator, Sequence

from bot.dialogues import Dialogue
from bot.events import Event
from bot.profile import deed_weight, infer, met, stretches
from bot.session import Turn
from retrieval.catalogue import Catalogue
from retrieval.memory import Moment
from retrieval.sources import Sources

TAKEN = 0.2  # a deed of less weight says nothing of the item: a view, a middling rating


def observe(sources: Sources, event: Event) -> None:
    """Let the sources learn from a deed that is new."""
    sources.popularity.observe(event.item, deed_weight(event), event.time)
    row = sources.index.catalogue.rows.get(event.item)
    if row is not None and met(event):
        sources.histories.add(event.user, row)


def moment_of(turns: Sequence[Turn], event: Event, catalogue: Catalogue) -> tuple[Moment, Turn] | None:
    """The moment of the slate on which a deed was done, and its turn; None where it takes nothing, or no such slate is here."""
    shown = next((turn for turn in turns if turn.slate_id == event.slate_id), None)
    if shown is None or deed_weight(event) < TAKEN or event.item not in catalogue:
        return None
    before = [turn for turn in turns if turn.session_id == shown.session_id and (turn.time, turn.id) <= (shown.time, shown.id)]
    profile = infer(before, [], catalogue, shown.time, shown.session_id)
    return Moment(shown.session_id, profile.texts, profile.named, (event.item,)), shown


def logged_moments(turns: Iterable[Turn], events: Iterable[Event], catalogue: Catalogue) -> Iterator[tuple[Moment, Turn]]:
    """Every moment of a log, oldest first. The last deed with an item on a slate counts: who thought better is believed."""
    by_user: dict[str, list[Turn]] = {}
    for turn in turns:
        by_user.setdefault(turn.user, []).append(turn)
    last = {(event.user, event.slate_id, event.item): event for event in sorted(events, key=lambda e: (e.time, e.id))}
    for event in last.values():
        found = moment_of(by_user.get(event.user, []), event, catalogue) if event.slate_id else None
        if found:
            yield found


def dialogue_moment(dialogue: Dialogue) -> Moment:
    """The moment of an imported dialogue."""
    return Moment(dialogue.id, stretches(dialogue.context), dialogue.mentioned or (), dialogue.taken)
