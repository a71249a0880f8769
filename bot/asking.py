"""What is asked of retrieval for a profile: its embedded texts, wishes, seeds and conditions."""

from collections.abc import Mapping

import numpy as np
from langchain_core.embeddings import Embeddings

from bot.profile import Profile
from retrieval.index import Query, Vector
from retrieval.sources import Sources

SEEDS = 20  # items whose likes count at a time


def query_of(profile: Profile, k: int, embeddings: Embeddings | None, sources: Sources) -> Query:
    """The query for `k` items; without `embeddings` none of it has a vector."""
    recent = profile.named if profile.intent_text else profile.recent  # a new mood comes before a history
    return Query(
        k=k, text=profile.search_text, vectors=_vectors(profile, embeddings, sources), wishes=profile.wishes,
        seeds=_seeds(profile.steering), taste=_seeds(profile.background), examples=profile.examples,
        constraints=profile.constraints, preferred=profile.preferred, exclusions=profile.exclusions, recent=recent,
        named=profile.named, texts=profile.texts, person=profile.user, now=profile.now or None,
    )  # fmt: skip


def _vectors(profile: Profile, embeddings: Embeddings | None, sources: Sources) -> dict[str, Vector]:
    """The embedded profile: what is wanted now, what was said before, and the taste that deeds show; none without a model."""
    if embeddings is None:
        return {}
    vectors: dict[str, Vector] = {}
    if profile.intent_text:
        vectors["intent"] = _embedded(profile.intent_text, embeddings)
    if profile.session_texts:  # each was the newest once, so that its vector is remembered
        vectors["session"] = _unit(np.sum([_embedded(text, embeddings) for text in profile.session_texts], axis=0))
    taste = _taste(profile, sources)
    return vectors if taste is None else vectors | {"long_term": taste}


def _embedded(text: str, embeddings: Embeddings) -> Vector:
    return np.asarray(embeddings.embed_query(text), dtype=np.float32)


def _taste(profile: Profile, sources: Sources) -> Vector | None:
    seeds = [(item, weight) for item, weight in _seeds(profile.affinities) if weight > 0]
    if not seeds:
        return None
    rows = [sources.index.catalogue.rows[item] for item, _ in seeds]
    return _unit(np.array([weight for _, weight in seeds], dtype=np.float32) @ sources.index.vectors[rows])


def _seeds(affinities: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The items whose likes and dislikes count most, the strongest first."""
    return tuple(sorted(affinities.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:SEEDS])


def _unit(vector: Vector) -> Vector:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
