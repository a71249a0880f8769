"""Re-ranking for variety and for a person's own mix, by one dial: maximal marginal relevance, calibrated.

Carbonell and Goldstein (1998), "The use of MMR"; Steck (2018), "Calibrated recommendations".
"""

from collections.abc import Sequence

import numpy as np

from retrieval.calibration import Shares, divergence
from retrieval.vectors import Vectors


def diversify(
    relevance: Sequence[float], vectors: Vectors, k: int, dial: float, kinds: Shares | None = None, wanted: Shares | None = None
) -> list[int]:
    """Positions of up to `k` candidates, in order of pick.

    `relevance`: one number a candidate, best first; scaled to [0, 1] here. `vectors`: unit vectors, one row a candidate.
    `dial` in [0, 1]: 0 keeps the order of relevance, 1 does not look at it. Each pick maximises
    (1 - dial) * relevance - dial * cost; the first pick is the most relevant. The cost is the greatest cosine to what is
    picked already; where it is known which `kinds` each candidate has, shape (candidates, kinds), and in which shares they
    are `wanted`, it is the mean of that and of the divergence of the picks' kinds from the wanted ones.
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
        cost = closest
        if kinds is not None and wanted is not None:
            had = (kinds[picked].sum(axis=0) + kinds) / (len(picked) + 1)
            cost = (closest + divergence(wanted, had)) / 2
        gain = (1 - dial) * scaled - dial * cost
        gain[picked] = -np.inf
        picked.append(int(np.argmax(gain)))
        closest = np.maximum(closest, vectors @ vectors[picked[-1]])
    return picked
