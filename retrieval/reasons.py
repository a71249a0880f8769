"""Why an item stands on a slate, read off the score parts that put it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from retrieval.constraints import Constraint, rows_allowed
from retrieval.index import Query

if TYPE_CHECKING:
    from retrieval.sources import Sources

MOST = 4  # reasons an item: more is a list, not a reason
LIKENESS = 0.25  # a seed item less like this one than that is no reason

ReasonKind = Literal["wish", "similar", "words", "constraint"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One real cause of an item's place: the fact of the item it rests on and the user's words or deed behind it.

    `fact` is a facet value ("quiet"), a word of the item's text, or what a constraint asks; for `similar` it is the id
    of the item it is like, `shared` are the facet values that both carry, and `link` is the label under which the item
    names it ("For fans of"), if it does.
    """

    kind: ReasonKind
    fact: str
    facet: str = ""
    evidence: str = ""
    shared: tuple[str, ...] = ()
    link: str = ""


def reasons(
    item_id: str, query: Query, relaxed: tuple[Constraint, ...], sources: "Sources", shares: Mapping[str, float]
) -> tuple[Reason, ...]:
    """The causes of one item's score: likeness to a seed, wishes met, likeness to an old favourite, words, constraints.

    `shares` are the score's parts by source: a source that gave nothing is no reason.
    """
    found = _likenesses(item_id, query.seeds, sources) if shares.get("similar") else []
    if shares.get("wishes"):
        found += [Reason("wish", w.value, w.facet, w.evidence) for w in sources.facets.met(query.wishes, item_id)]
    if shares.get("taste", 0) > 0 and not any(reason.kind == "similar" for reason in found):
        found += _likenesses(item_id, query.taste, sources)
    if shares.get("preferred"):
        found += [Reason("wish", c.evidence, c.facet, c.evidence) for c in query.preferred[:1]]
    said = {reason.fact for reason in found}
    words = sources.lexical.matched(query.text, sources.index.catalogue.rows[item_id]) if shares.get("lexical") else ()
    found += [Reason("words", word, evidence=word) for word in words if word not in said]
    found += _constraints_kept(item_id, query, relaxed, sources)
    return tuple(found[:MOST])


def _likenesses(item_id: str, seeds: Sequence[tuple[str, float]], sources: "Sources") -> list[Reason]:
    catalogue = sources.index.catalogue
    liked = [(seed, weight) for seed, weight in seeds if weight > 0 and seed != item_id]
    if not liked:
        return []
    likeness = sources.similar.likeness
    seed, strength = max(((seed, weight * likeness(seed, item_id)) for seed, weight in liked), key=lambda pair: pair[1])
    shared, link = sources.similar.shared(seed, item_id), sources.similar.link(seed, item_id)
    if strength < LIKENESS or not (shared or link):
        return []
    return [Reason("similar", seed, evidence=catalogue[seed].title, shared=shared, link=link)]


def _constraints_kept(item_id: str, query: Query, relaxed: tuple[Constraint, ...], sources: "Sources") -> list[Reason]:
    catalogue = sources.index.catalogue
    row = catalogue.rows[item_id]
    kept = [c for c in query.constraints if c not in relaxed and rows_allowed(catalogue, [c])[row]]
    return [Reason("constraint", _kept_by(c, item_id, sources), c.facet, c.evidence) for c in kept]


def _kept_by(constraint: Constraint, item_id: str, sources: "Sources") -> str:
    """The value of the item that a condition asks for; else the condition itself, which the item does not break."""
    item = sources.index.catalogue[item_id]
    carried = {(facet, word.lower()) for facet, _ in constraint.alternatives for word in item.words(facet)}
    asked = ((facet, value) for facet, values in constraint.alternatives for value in values)
    met = next((value for facet, value in asked if (facet, value) in carried), None) if constraint.operator == "$in" else None
    return met or f"{constraint.operator} {constraint.value}"
