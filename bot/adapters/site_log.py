"""What a site's own log teaches: the words of its visitors, and what they then took from the slate that answered."""

from collections.abc import Iterable

from bot.adapters.texts import Pair
from bot.deeds import Event, deed_weight
from bot.moments import TAKEN
from bot.session import Turn
from retrieval.catalogue import Catalogue


def logged_pairs(turns: Iterable[Turn], events: Iterable[Event], catalogue: Catalogue) -> list[Pair]:
    """What visitors said, and the items of the slate that answered it which they then liked, opened or bought.

    The last deed with an item counts, so that who thought better of it is believed.
    """
    said = {turn.slate_id: turn.understanding.meaning_text for turn in turns if turn.understanding.meaning_text}
    last: dict[tuple[str, str, str], tuple[float, Event]] = {}
    for event in sorted(events, key=lambda event: (event.time, event.id)):
        if event.slate_id in said and event.item in catalogue:
            last[event.user, event.slate_id, event.item] = (deed_weight(event), event)
    taken = {(said[event.slate_id], event.item) for weight, event in last.values() if weight >= TAKEN}
    return [Pair(text, catalogue[item].text, item, catalogue.noun, "logged") for text, item in sorted(taken)]
