"""`python -m tests.bench.tuning [films|shop]`: the fusion's choices on the dev requests, never on the test ones."""

import itertools
import sys
from dataclasses import replace

from bot.data_folder import DataFolder
from bot.parts import build
from bot.settings import read_settings
from bot.shipped_weights import WEIGHTS
from retrieval.ranker import Ranker
from retrieval.ranking import rank
from tests.bench.__main__ import KEPT
from tests.bench.recall import DEPTHS, Found, alone, query_of, recall, slate
from tests.bench.requests import requests


def main(catalogue: str) -> None:
    settings = read_settings(data=KEPT, catalogue=catalogue)
    parts = build(settings, DataFolder(settings.data), needs_model=True)
    recommender, asked = parts.recommender, requests(catalogue, "dev")
    queries = {request.text: query_of(recommender, request.text, max(DEPTHS)) for request in asked}
    retrieved = {request.text: recommender.sources.retrieve(queries[request.text]) for request in asked}
    for source in ("lexical", "wishes", "similar", "dense_intent"):
        tell(f"{source} alone", [(r, alone(recommender, queries[r.text], source)) for r in asked])
    for dense, lexical, wishes in itertools.product((1,), (0.15, 0.25, 0.4), (0.25, 0.3, 0.4, 0.6)):
        ranker = Ranker.straight({**WEIGHTS, "dense_intent": dense, "lexical": lexical, "wishes": wishes})
        mixed = replace(recommender, ranker=ranker)
        found: Found = []
        for request in asked:
            query = queries[request.text]
            ranked = rank(query, retrieved[request.text], mixed.sources, ranker, mixed.diversity, "tuning")
            found.append((request, list(ranked.item_ids)))
        tell(f"dense {dense}, lexical {lexical}, wishes {wishes}", found)
    shipped = [(request, slate(recommender, queries[request.text])) for request in asked]
    tell("as shipped", shipped)
    for style in dict.fromkeys(request.style for request in asked):
        tell(f"as shipped, {style}", [(request, ids) for request, ids in shipped if request.style == style])
    parts.close()


def tell(name: str, found: Found) -> None:
    figures = [recall(found, depth) for depth in DEPTHS]
    told = ", ".join(f"@{depth} {share:.3f} (hit {hits:.2f})" for depth, (share, hits) in zip(DEPTHS, figures, strict=True))
    print(f"{name}: recall {told}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "films")
