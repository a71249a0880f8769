"""What is left of what was said once parts of it are taken back: the names of such parts, and turns without them. Pure."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from bot.session import Turn, Understanding
from retrieval.constraints import Constraint

PREFERENCE, ITEM, CONDITION, ENTRY = "preference:", "item:", "condition:", "entry:"  # what a target begins with
ABOUT = "about:"  # the same in words: all that was said of a facet's value, or (no value) of a facet


def preference_target(facet: str, value: str) -> str:
    """What names a preference."""
    return f"{PREFERENCE}{facet}={value}"


def condition_target(constraint: Constraint) -> str:
    """What names a condition, whatever the words that set it."""
    return f"{CONDITION}{constraint.facet} {constraint.operator} {json.dumps(constraint.value, ensure_ascii=False)}"


def purged(turn: Turn, until: Mapping[str, float]) -> Turn:
    """A turn without what was taken back of it since, nor the words that said so. `until`: target -> time in seconds."""
    said = turn.understanding
    since = {target for target, time in until.items() if turn.time <= time}
    wishes = {
        (w.facet, w.value) for w in said.wishes if {preference_target(w.facet, w.value), *_about(w.facet, w.value)} & since
    }
    constraints = {c for c in (*said.constraints, *said.preferred) if ({condition_target(c)} | _about_condition(c)) & since}
    mentions = {m.item_id for m in said.mentions if f"{ITEM}{m.item_id}" in since}
    return _without(turn, wishes, constraints, mentions) if wishes or constraints or mentions else turn


def put_right(turns: Iterable[Turn]) -> list[Turn]:
    """Turns, oldest first, each without what the next of its session stands in the place of ("no, I meant …").

    That is what it says of the same facets; where they speak of nothing in common, all of it.
    """
    kept: list[Turn] = []
    for turn in turns:
        if turn.understanding.instead:
            at = next((at for at in reversed(range(len(kept))) if _speaks(kept[at], turn.session_id)), None)
            if at is not None:
                kept[at] = _replaced(kept[at], turn.understanding)
        kept.append(turn)
    return kept


def _speaks(turn: Turn, session_id: str) -> bool:
    return bool(turn.text) and turn.session_id == session_id


def _replaced(turn: Turn, by: Understanding) -> Turn:
    said = turn.understanding
    facets = _facets(by) & _facets(said) or _facets(said)
    wishes = {(w.facet, w.value) for w in said.wishes if w.facet in facets}
    constraints = {c for c in (*said.constraints, *said.preferred) if c.facet in facets}
    mentions = {m.item_id for m in said.mentions} if ITEM in facets else set[str]()
    left = _without(turn, wishes, constraints, mentions)
    return replace(left, understanding=replace(left.understanding, search_text="", meaning_text=""))


def _facets(said: Understanding) -> set[str]:
    """The facets that a message speaks of, and ITEM where it names one."""
    facets = {one.facet for one in (*said.wishes, *said.constraints, *said.preferred)}
    return facets | ({ITEM} if said.mentions else set())


def _about(facet: str, value: str) -> set[str]:
    return {f"{ABOUT}{facet}=", f"{ABOUT}{facet}={value}"}


def _about_condition(constraint: Constraint) -> set[str]:
    return _about(constraint.facet, "").union(*(_about(facet, value) for facet, value in constraint.pairs))


def _without(
    turn: Turn, wishes: Collection[tuple[str, str]], constraints: Collection[Constraint], mentions: Collection[str]
) -> Turn:
    said = turn.understanding
    gone = [*(m for m in said.mentions if m.item_id in mentions), *(w for w in said.wishes if (w.facet, w.value) in wishes)]
    words = {part.evidence for part in (*gone, *constraints) if part.evidence}
    kept = replace(
        said, mentions=tuple(m for m in said.mentions if m not in gone), wishes=tuple(w for w in said.wishes if w not in gone),
        constraints=tuple(c for c in said.constraints if c not in constraints),
        preferred=tuple(c for c in said.preferred if c not in constraints),
        search_text=_unsaid(said.search_text, words), meaning_text=_unsaid(said.meaning_text, words),
    )  # fmt: skip
    return replace(turn, text=_unsaid(turn.text, words), words=_unsaid(turn.words, words), understanding=kept)


def _unsaid(text: str, words: Iterable[str]) -> str:
    for said in words:
        text = re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", "", text, flags=re.IGNORECASE)
    return " ".join(text.split())
