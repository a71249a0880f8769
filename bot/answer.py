"""The one JSON object of an answer: `recommend --json`, the API's `done` event and scripted tests read it."""

from typing import Any

from bot import template
from bot.elicitation import Question
from bot.profile import Profile
from bot.recommender import Done
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.ranking import Recommendation, Slate


def answer_json(done: Done, catalogue: Catalogue) -> dict[str, Any]:
    """`done` as plain values; the names are the contract of command line, API and scripted tests."""
    said = done.explanation
    return {
        "session_id": done.turn.session_id,
        "slate": slate_json(done.slate, catalogue),
        "words": said.text,
        "grounded": all(sentence.by == "template" or sentence.facts for sentence in said.sentences),
        "dropped": said.dropped,
        **({"question": _question_json(done.question)} if done.question else {}),
        "relaxed": [template.constraint_text(constraint, catalogue) for constraint in done.slate.relaxed],
        "timings_ms": dict(done.timings_ms),
        "profile": profile_json(done.profile),
    }


def slate_json(slate: Slate, catalogue: Catalogue) -> dict[str, Any]:
    """A slate with its items in order."""
    return {"id": slate.id, "items": [_item_json(recommendation, catalogue) for recommendation in slate.recommendations]}


def profile_json(profile: Profile) -> dict[str, Any]:
    """What is held of a user, each preference with its evidence."""
    return {
        "preferences": [
            {"facet": p.facet, "value": p.value, "weight": round(p.weight, 4), "evidence": list(p.evidence)}
            for p in profile.preferences
        ],
        "affinities": {item: round(weight, 4) for item, weight in profile.affinities.items()},
        "constraints": _constraints_json(profile.constraints),
        "rejected": sorted(profile.rejected),
        "consumed": sorted(profile.consumed),
    }


def _question_json(question: Question) -> dict[str, Any]:
    return {"facet": question.facet, "text": question.text, "choices": list(question.choices)}


def _item_json(recommendation: Recommendation, catalogue: Catalogue) -> dict[str, Any]:
    item = recommendation.item
    facets = {**item.facets, **item.links}
    return {
        "id": item.id,
        "title": item.title,
        "rank": recommendation.rank,
        "score": round(recommendation.score, 6),
        "contributions": {source: round(share, 6) for source, share in recommendation.contributions.items()},
        "reasons": [template.reason_text(reason, catalogue) for reason in recommendation.reasons],
        "facets": {name: list(value) if isinstance(value, tuple) else value for name, value in facets.items()},
    }


def _constraints_json(constraints: tuple[Constraint, ...]) -> dict[str, dict[str, Any]]:
    """By facet; bans of one facet add up, a second demand on a facet stands under "$and"."""
    found: dict[str, dict[str, Any]] = {}
    for constraint in constraints:
        conditions, value = found.setdefault(constraint.facet, {}), constraint.value
        said: dict[str, Any] = {constraint.operator: list(value) if isinstance(value, tuple) else value}
        if constraint.others:
            said["$or"] = {facet: {constraint.operator: list(values)} for facet, values in constraint.others}
        if constraint.operator == "$nin" and isinstance(value, tuple):
            conditions["$nin"] = [*conditions.get("$nin", []), *value]
        elif constraint.operator in conditions:
            conditions.setdefault("$and", []).append(said)
        else:
            conditions.update(said)
    return found
