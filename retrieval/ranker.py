"""How much each source counts: a weight, a second one for the logarithm of its score, and both anew once items are named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.errors import ReadableError
from retrieval.sources import Retrieved

PARTS = ("always", "always_bent", "named", "named_bent")
Floats = npt.NDArray[np.float32]
Weights = Mapping[str, float]


@dataclass(frozen=True)
class Ranker:
    """Weights by source. A score s adds w s + b log(1 + s): the first deviations may count more, or less, than the later ones.

    `always` holds w and `always_bent` b; in a conversation that has named items `named` and `named_bent` are added to them.
    A source without weight does not count.
    """

    always: Weights
    always_bent: Weights = field(default_factory=dict[str, float])
    named: Weights = field(default_factory=dict[str, float])
    named_bent: Weights = field(default_factory=dict[str, float])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The sources, in a fixed order."""
        return tuple(sorted({name for part in PARTS for name in getattr(self, part)}))

    @cached_property
    def counted(self) -> frozenset[str]:
        """The sources that have any weight."""
        return frozenset(name for part in PARTS for name, weight in getattr(self, part).items() if weight)

    @cached_property
    def matrix(self) -> Floats:
        """Shape (2, 2 x sources): always and named; first w, then b."""
        rows = [[self._weight(part, name) for part in parts for name in self.names] for parts in (PARTS[:2], PARTS[2:])]
        return np.array(rows, dtype=np.float32)

    def effective(self, named: Sequence[str]) -> Floats:
        """Shape (2 x sources,): the weights that count in a conversation that has named these items."""
        return self.matrix[0] + self.matrix[1] if named else self.matrix[0]

    def contributions(self, retrieved: Retrieved, named: Sequence[str]) -> Floats:
        """What each source of `names` adds to each item retrieved. Shape (items, sources)."""
        straight, bent = np.split(self.effective(named), 2)
        scores = self.scores(retrieved)
        return scores * straight + np.log1p(scores) * bent

    def scores(self, retrieved: Retrieved) -> Floats:
        """The scores of what was retrieved with one column for each of `names`, 0 where a source is silent."""
        table = np.zeros((len(retrieved.rows), len(self.names)), dtype=np.float32)
        columns = {name: at for at, name in enumerate(self.names)}
        for name, scores in zip(retrieved.names, retrieved.scores.T, strict=True):
            if name in columns:
                table[:, columns[name]] = scores
        return table

    @classmethod
    def from_matrix(cls, names: Sequence[str], matrix: npt.NDArray[np.floating]) -> "Ranker":
        """From the shape of `matrix`."""
        parts = (part for row in matrix for part in np.split(row, 2))
        return cls(*({name: round(float(w), 5) for name, w in zip(names, part, strict=True)} for part in parts))

    @classmethod
    def read(cls, file: Path) -> "Ranker":
        """From a file that `write` made. Raises ReadableError when it cannot be used."""
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            return cls(*({str(name): float(weight) for name, weight in told[part].items()} for part in PARTS))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ReadableError(f"the ranker in {file} cannot be read: {error}") from error

    def write(self, file: Path) -> None:
        """As JSON: by part, source and weight."""
        told = {part: dict(getattr(self, part)) for part in PARTS}
        file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _weight(self, part: str, name: str) -> float:
        return getattr(self, part).get(name, 0.0)
