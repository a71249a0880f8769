"""`python -m tests.bench.tuning`: the fusion's choices on the dev requests, never on the test ones."""

import itertools
from dataclasses import replace

from bot.data_folder import DataFolder
from bot.parts import build
from bot.settings import read_settings
from retrieval.ranking import rank
from tests.bench.__main__ import KEPT
from tests.bench.recall import alone, figures, query_of
from tests.bench.requests import requests


def main() -> None:
    settings = read_settings(data=KEPT, catalogue="films")
    parts = build(settings, DataFolder(settings.data), needs_model=True)
    recommender, asked = parts.recommender, requests("dev")
    queries = {request.text: query_of(recommender, request.text) for request in asked}
    for source in ("lexical", "wishes", "dense_intent"):
        recall, hits = figures([(r, alone(recommender, queries[r.text], source)) for r in asked])
        print(f"{source} alone: Recall@5 {recall:.3f}, a hit in {hits:.3f}")
    for dense, lexical, wishes in itertools.product((1, 2, 3), (0.5, 1), (0.7, 1)):
        weights = {**recommender.weights, "dense_intent": dense, "lexical": lexical, "wishes": wishes}
        mixed = replace(recommender, weights=weights)
        found = []
        for request in asked:
            retrieved = mixed.sources.retrieve(queries[request.text])
            slate = rank(queries[request.text], retrieved, mixed.sources, weights, mixed.diversity, "tuning")
            found.append((request, list(slate.item_ids)))
        recall, hits = figures(found)
        print(f"dense {dense}, lexical {lexical}, wishes {wishes}: Recall@5 {recall:.3f}, a hit in {hits:.3f}")
    parts.close()


if __name__ == "__main__":
    main()
