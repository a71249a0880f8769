"""Re-ranking for variety: maximal marginal relevance (Carbonell and Goldstein, 1998)."""

from collections.abc import Sequence

import numpy as np

from retrieval.vectors import Vectors


def diversify(relevance: Sequence[float], vectors: Vectors, k: int, dial: float) -> list[int]:
    """Positions of up to `k` candidates, in order of pick.

    `relevance`: one number a candidate, best first; scaled to [0, 1] here. `vectors`: unit vectors, one row a candidate.
    `dial` in [0, 1]: 0 keeps the order of relevance, 1 looks at variety alone. Each pick maximises
    (1 - dial) * relevance - dial * (greatest cosine to what is picked already); the first pick is the most relevant.
    """
    if not 0 <= dial <= 1:
        raise ValueError(f"the diversity dial is {dial!r}; it must lie in [0, 1]")
    scores = np.asarray(relevance, dtype=np.float64)
    if not len(scores) or k < 1:
        return []
    spread = float(np.ptp(scores)) or 1.0
    scaled = (scores - scores.min()) / spread
    picked = [int(np.argmax(scaled))]
    closest = np.asarray(vectors @ vectors[picked[0]], dtype=np.float64)
    while len(picked) < min(k, len(scores)):
        gain = (1 - dial) * scaled - dial * closest
        gain[picked] = -np.inf
        picked.append(int(np.argmax(gain)))
        closest = np.maximum(closest, vectors @ vectors[picked[-1]])
    return picked
