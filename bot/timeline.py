"""What deeds say of facet values, all together and month by month. Computed when somebody asks, not in every turn. Pure.

Ranking does not use it: there the items themselves speak, by what they are like and what goes with them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.corrections import Correction, counted
from bot.deeds import Event, deed_weight
from bot.purging import preference_target
from bot.session import Turn
from retrieval.catalogue import Catalogue
from retrieval.facet_match import FacetMatch

DOUBT = 2.0  # added to what speaks at all, so that two items are no rule
FEWEST = 2  # items that must share a value before they speak for it
MOST = 100  # items of a profile that are looked at, the strongest: the page asks after every slate, and so takes 5 ms
SHOWN = 6  # values, the strongest
Weights = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Interest:
    """A facet value that deeds (or, in a month, words too) speak for or against. `weight` in (-1, 1); `items`: their ids."""

    facet: str
    value: str
    weight: float
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """The strongest interests of a month such as "2026-11"."""

    month: str
    interests: tuple[Interest, ...]


def leanings(affinities: Mapping[str, float], catalogue: Catalogue, silenced: Collection[str] = ()) -> tuple[Interest, ...]:
    """The facet values that the items of a profile share, rare values first among equals; none that was silenced."""
    strongest = sorted(affinities.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:MOST]
    return _strongest(dict(strongest), {}, catalogue, silenced)


def timeline(
    turns: Iterable[Turn], events: Iterable[Event], corrections: Iterable[Correction], catalogue: Catalogue
) -> tuple[Month, ...]:
    """What interested a user in each month in which they said or did something, oldest first. Months are those of UTC."""
    left = counted(turns, events, corrections)
    items: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    words: dict[str, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    for event in left.events:
        items[_month(event.time)][event.item] += deed_weight(event)
    for turn in left.turns:
        for mention in turn.understanding.mentions:
            items[_month(turn.time)][mention.item_id] += mention.sentiment
        for wish in turn.understanding.wishes:
            words[_month(turn.time)][wish.facet, wish.value] += wish.weight
    months = ((month, _strongest(items[month], words[month], catalogue)) for month in sorted({*items, *words}))
    return tuple(Month(month, interests) for month, interests in months if interests)


def _strongest(
    items: Mapping[str, float], words: Weights, catalogue: Catalogue, silenced: Collection[str] = ()
) -> tuple[Interest, ...]:
    """What items of these weights share, a rare value counting more, and what words say."""
    total, of = defaultdict[tuple[str, str], float](float), defaultdict[tuple[str, str], list[str]](list)
    matches = FacetMatch(catalogue)
    for item_id, weight in sorted(items.items()):
        for facet, value in _values(item_id, catalogue):
            total[facet, value] += weight * matches.rarity(len(catalogue.postings[facet][value]))
            of[facet, value].append(item_id)
    total = {pair: weight for pair, weight in total.items() if len(of[pair]) >= FEWEST}
    for pair, weight in words.items():
        total[pair] = total.get(pair, 0.0) + weight
    everything = DOUBT + sum(map(abs, items.values())) + sum(map(abs, words.values()))
    found = [
        Interest(facet, value, weight / everything, tuple(of[facet, value]))
        for (facet, value), weight in total.items() if weight and preference_target(facet, value) not in silenced
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-abs(one.weight), one.facet, one.value))[:SHOWN])


def _values(item_id: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if item_id in catalogue:
        for facet, values in catalogue.postings.items():
            said = dict.fromkeys(word.lower() for word in catalogue[item_id].words(facet))
            yield from ((facet, value) for value in said if value in values)


def _month(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m")
