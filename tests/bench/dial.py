"""`python -m tests.bench.dial FOLDER DATA`: what the diversity dial costs and brings, on rows as for tests.bench.behaviour.

DATA is a data folder, in which the vectors of the catalogue are kept. Slates of five for the moment of each user's last event:
how many hold it, how different their items are (1 - cosine), how far their kinds are from those the user takes to.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bot import past_events
from bot.data_folder import DataFolder
from bot.parts import build
from bot.settings import read_settings
from retrieval.calibration import divergence
from retrieval.ranking import rank
from tests.bench.behaviour import fitted, rows_of

DIALS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


def main() -> None:
    folder = Path(sys.argv[1])
    settings = read_settings(data=Path(sys.argv[2]), catalogue=str(folder / "catalogue.jsonl"))
    parts = build(settings, DataFolder(settings.data))
    catalogue = parts.recommender.catalogue
    held, past = rows_of(folder, catalogue)
    recommender, histories = fitted(parts.recommender, past), past_events.by_user(past)
    sources = recommender.sources
    table = Table("dial", "in a slate of five", "diversity", "divergence")
    for dial in DIALS:
        hits, differences, divergences = [], [], []
        for user, event in held.items():
            query = past_events.query_before(recommender, histories.get(user, ()), user, event.time)
            retrieved = sources.retrieve(query, recommender.ranker.counted)
            slate = rank(replace(query, k=5), retrieved, sources, recommender.ranker, dial, user).item_ids
            rows = [catalogue.rows[item] for item in slate]
            vectors = sources.index.vectors[rows]
            hits.append(event.item in slate)
            differences.append(1 - (vectors @ vectors.T)[np.triu_indices(len(rows), 1)].mean())
            wanted = sources.kinds.wanted([catalogue.rows[item] for item, weight in query.seeds if weight > 0])
            if wanted is not None:
                divergences.append(float(divergence(wanted, sources.kinds.of(rows).mean(axis=0, keepdims=True))[0]))
        table.add_row(f"{dial:.2f}", f"{np.mean(hits):.3f}", f"{np.mean(differences):.3f}", f"{np.mean(divergences):.2f}")
    Console().print(table)
    parts.close()


if __name__ == "__main__":
    main()
