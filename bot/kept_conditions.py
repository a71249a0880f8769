"""The hard conditions of a session: which still hold after all that was said."""

from collections.abc import Mapping, Sequence

from bot.session import Turn
from retrieval.constraints import Constraint, Operator


def kept_conditions(here: Sequence[Turn]) -> tuple[Constraint, ...]:
    """The session's hard constraints; a later one replaces an earlier one that bounds the same facet on the same side.

    Asking for a value again lifts an earlier ban on it.
    """
    kept: dict[tuple[str, str, str], Constraint] = {}
    for turn in here:
        wanted = {(wish.facet, wish.value) for wish in turn.understanding.wishes if wish.weight > 0}
        wanted |= {pair for c in turn.understanding.constraints if c.operator == "$in" for pair in c.pairs}
        kept = {key: c for key, c in kept.items() if c.operator != "$nin" or not wanted & c.pairs}
        stated = turn.understanding.constraints
        banned = {pair for c in stated if c.operator == "$nin" for pair in c.pairs}
        kept = {key: c for key, c in kept.items() if c.operator != "$in" or not c.pairs <= banned}
        replaced = {_side(constraint) for constraint in stated if constraint.operator != "$nin"}
        replaced |= {(c.facet, side, "") for c in stated if c.operator == "$eq" for side in ("low", "high")}
        replaced |= {(c.facet, "in", "") for c in stated if c.operator in ("$gt", "$gte", "$lt", "$lte")}
        asked = {c.facet for c in stated if c.operator == "$in"}
        kept = {key: c for key, c in kept.items() if key not in replaced and not (key[1] == "in" and key[0] in asked)}
        kept |= {_side(constraint): constraint for constraint in stated}
    return tuple(kept.values())


def _side(constraint: Constraint) -> tuple[str, str, str]:
    sides: Mapping[Operator, str] = {"$gt": "low", "$gte": "low", "$lt": "high", "$lte": "high", "$eq": "in", "$in": "in"}
    values = ",".join(value for _, value in sorted(constraint.pairs)) if constraint.operator != "$eq" else ""
    return constraint.facet, sides.get(constraint.operator, "not"), values
