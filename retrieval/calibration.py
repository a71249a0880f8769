"""What kinds of items somebody takes to, and how far a slate is from having them in the same shares (Steck, 2018)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from retrieval.aspects import Documents

FEWEST = 3  # items taken to; from fewer no shares can be told
SMOOTHING = 0.01  # of what is wanted, mixed into what a slate has, so that a kind that is missing costs a finite amount
Shares = npt.NDArray[np.float32]


class Kinds:
    """Each item's kinds, equally shared."""

    def __init__(self, kinds: Documents) -> None:
        names = {name: at for at, name in enumerate(sorted({name for of_item in kinds for name in of_item}))}
        counts = [len(set(of_item)) for of_item in kinds]
        columns = [names[name] for of_item in kinds for name in dict.fromkeys(of_item)]
        values = np.repeat([1 / count if count else 0.0 for count in counts], counts).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(counts)])
        self._shares = sparse.csr_matrix((values, columns, starts), shape=(len(kinds), max(1, len(names))))

    def of(self, rows: Sequence[int]) -> Shares:
        """Shape (rows, kinds): each row adds up to 1, or to 0 for an item without kinds."""
        return self._shares[list(rows)].toarray()

    def wanted(self, rows: Sequence[int]) -> Shares | None:
        """The shares of the kinds among items taken to; None where these are too few to tell."""
        return self.of(rows).mean(axis=0) if len(rows) >= FEWEST else None


def divergence(wanted: Shares, had: Shares) -> Shares:
    """Kullback-Leibler divergence of each row of `had` from `wanted`, at least 0: 0 for the same shares. Shape (rows,)."""
    smoothed = (1 - SMOOTHING) * had + SMOOTHING * wanted
    some = wanted > 0
    return np.maximum(0, (wanted[some] * np.log(wanted[some] / smoothed[:, some])).sum(axis=1)).astype(np.float32)
