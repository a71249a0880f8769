"""What the log teaches the sources: deeds, and moments of conversations in which items were taken."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.corrections import Correction, counted
from bot.deeds import Event, deed_weight, in_order, met
from bot.dialogues import Dialogue
from bot.events import EventLog
from bot.meanings import TalkMeanings
from bot.profile import infer, stretches
from bot.session import Turn
from retrieval.catalogue import Catalogue
from retrieval.memory import Moment
from retrieval.sources import Sources

TAKEN = 0.2  # a deed of less weight says nothing of the item: a view, a middling rating


def replay(sources: Sources, log: EventLog, talk: TalkMeanings | None = None) -> None:
    """Let new sources learn all that a log teaches: imported conversations, and of every user what still counts."""
    turns, events = evidence(log)
    for event in events:
        observe(sources, event)
    imported = [dialogue_moment(dialogue) for dialogue in log.all_dialogues()]
    logged = [moment for moment, _ in logged_moments(turns, events, sources.index.catalogue)]
    if talk:
        talk.know([moment.newest for moment in imported], keep=True)
        talk.know([moment.newest for moment in logged])  # not kept: what is held of a visitor stands in the log alone
    for moment in (*imported, *logged):
        sources.memory.add(moment)


def evidence(log: EventLog) -> tuple[list[Turn], list[Event]]:
    """Everybody's turns and deeds that count: nothing that was taken back, or came while learning was paused."""
    turns, events = list(log.all_turns()), list(log.all_events())
    of_user: dict[str, tuple[list[Turn], list[Event], list[Correction]]] = defaultdict(lambda: ([], [], []))
    for correction in log.all_corrections():
        of_user[correction.user][2].append(correction)
    for turn in turns:
        if turn.user in of_user:
            of_user[turn.user][0].append(turn)
    for event in events:
        if event.user in of_user:
            of_user[event.user][1].append(event)
    left = [counted(*own) for own in of_user.values()]
    turns = [*(turn for turn in turns if turn.user not in of_user), *(turn for one in left for turn in one.turns)]
    events = [*(event for event in events if event.user not in of_user), *(event for one in left for event in one.events)]
    return turns, in_order(events)


def observe(sources: Sources, event: Event) -> None:
    """Let the sources learn from a deed that is new and later than those before it."""
    row = sources.index.catalogue.rows.get(event.item)
    with sources.learning:
        sources.popularity.observe(event.item, deed_weight(event), event.time, event.user)
        if row is not None and met(event):
            sources.histories.add(event.user, row)


def take_in(sources: Sources, log: EventLog, events: Iterable[Event]) -> None:
    """Let the sources learn from deeds that are new in the log, so that they stand as if they had read them from there."""
    by_user: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_user[event.user].append(event)
    for user, new in by_user.items():
        _take_in(sources, log, user, new)


def _take_in(sources: Sources, log: EventLog, user: str, events: Sequence[Event]) -> None:
    slates = {event.slate_id for event in events if event.slate_id}
    since, cards = min(event.time for event in events), {(event.slate_id, event.item) for event in events if event.slate_id}
    around = [e for e in log.lately(user, since, slates=slates) if e.time >= since or (e.slate_id, e.item) in cards]
    left = counted(log.turns(user) if slates else (), around, log.corrections(user))
    ids = {event.id for event in events}
    new = [event for event in left.events if event.id in ids]  # not what came while learning was paused
    if new != left.events or len({(e.slate_id or e.id, e.item) for e in new}) < len(new):
        relearn(sources, log, user)  # some came late, or they thought about a card more than once
        return
    for event in new:
        observe(sources, event)
        found = moment_of(left.turns, event, sources.index.catalogue) if event.slate_id else None
        if found:
            with sources.learning:
                sources.memory.add(found[0])


def relearn(sources: Sources, log: EventLog, user: str) -> None:
    """Let the sources learn a user anew, from what still counts of them now."""
    turns = log.turns(user)
    left = counted(turns, log.of(user), log.corrections(user))
    moments = [moment for moment, _ in logged_moments(left.turns, left.events, sources.index.catalogue)]
    with sources.learning:
        unlearn(sources, user, {turn.session_id for turn in turns})
        for event in left.events:
            observe(sources, event)
        for moment in moments:
            sources.memory.add(moment)


def unlearn(sources: Sources, user: str, session_ids: Collection[str]) -> None:
    """Take a user and what they taught in these sessions out of the sources, as if it had never been."""
    with sources.learning:
        sources.popularity.forget(user)
        sources.histories.forget(user)
        sources.memory.forget(session_ids)


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
