"""What the page shows of what it knows of a visitor: a row for each thing, with its evidence and what may be done about it."""

from datetime import UTC, datetime
from typing import Any

from bot import template
from bot.interests import SET, Evidence, Preference
from bot.profile import Profile
from bot.purging import ITEM, condition_target, preference_target
from bot.timeline import leanings
from retrieval.catalogue import Catalogue

ROWS = 8  # of preferences, and of items; the strongest
SLIGHT = 0.1  # weights below it are not shown
DAY = 86_400


def summary(profile: Profile, catalogue: Catalogue) -> dict[str, Any]:
    """What is held of the visitor, the strongest first, and whether more is learnt."""
    wanted = [one for one in profile.preferences if abs(one.weight) >= SLIGHT][:ROWS]
    rows = [_preference(one, profile, catalogue) for one in wanted]
    rows += [
        _row(template.constraint_text(c, catalogue), "condition", f"you said “{c.evidence}”", condition_target(c))
        for c in profile.constraints
    ]  # fmt: skip
    items = sorted(profile.affinities.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    rows += [_item(item, weight, profile, catalogue) for item, weight in items[:ROWS] if item in catalogue]
    named = {(one.facet, one.value) for one in profile.preferences}
    for one in leanings(profile.affinities, catalogue, profile.silenced):
        if abs(one.weight) >= SLIGHT and (one.facet, one.value) not in named:
            kind = "wish" if one.weight > 0 else "ban"
            why = f"{len(one.items)} {catalogue.plural} share it"
            rows.append(_row(one.value, kind, why, preference_target(one.facet, one.value), movable=True))
    state = {"learning": "false", "switch": "resume"} if profile.paused else {"learning": "true", "switch": "pause"}
    return {"rows": rows, "empty": not rows, "paused": profile.paused, **state}


def _preference(preference: Preference, profile: Profile, catalogue: Catalogue) -> dict[str, Any]:
    text = _preference_text(preference.facet, preference.value, catalogue)
    kind = "wish" if preference.weight > 0 else "ban"
    target = preference_target(preference.facet, preference.value)
    return _row(text, kind, _told(preference.because, profile.now), target, movable=not preference.value.startswith("$"))


def _item(item: str, weight: float, profile: Profile, catalogue: Catalogue) -> dict[str, Any]:
    mark = "known already" if item in profile.consumed else "liked" if weight > 0 else "not for you"
    last = profile.last_told.get(item)
    why = f"{mark}, {_day(last.time, profile.now)}" if last else mark
    return _row(catalogue[item].title, "ban" if weight < 0 else "item", why, f"{ITEM}{item}")


def _row(text: str, kind: str, why: str, target: str, *, movable: bool = False) -> dict[str, Any]:
    return {"text": text, "kind": kind, "why": why, "target": target, "movable": movable}


def _told(because: tuple[Evidence, ...], now: float) -> str:
    """The latest words and their day; since when, where they were said on several."""
    if not because:
        return ""
    first, last = (_day(one.time, now) for one in (because[0], because[-1]))
    said = because[-1].text if because[-1].text == SET else f"you said “{because[-1].text}”"
    return f"{said}, {last}" if first == last else f"{said}, {last}; first {first}"


def _day(time: float, now: float) -> str:
    days = int(now // DAY - time // DAY)
    moment = datetime.fromtimestamp(time, UTC)
    return {0: "today", 1: "yesterday"}.get(days, f"{moment.day} {moment:%B %Y}")


def _preference_text(facet: str, value: str, catalogue: Catalogue) -> str:
    if value.startswith("$"):
        words = catalogue.facets[facet].up if value == "$high" else catalogue.facets[facet].down
        return words[0] if words else catalogue.facets[facet].label
    return value
