"""How much each source counts: a curve over its score, and a second one that is added once items are named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.errors import ReadableError
from retrieval.sources import Retrieved

PARTS = ("always", "named")
KNOTS = (1.0, 3.0, 10.0)  # standard deviations at which a curve may turn
TURNS = 2 + len(KNOTS)  # weights of a curve
ANEW = "`parley learn --activate shipped`, then `parley learn`, fits a new one"
Floats = npt.NDArray[np.float32]
Curve = tuple[float, ...]


@dataclass(frozen=True)
class Ranker:
    """Curves by source, each of TURNS weights: of having spoken at all, of the score up to each of KNOTS, of the whole score.

    `always` holds for every conversation; once one has named items `named` is added. A source without weight does not count.
    What an item gets is the sum over sources, so that each source's contribution can be told.
    """

    always: Mapping[str, Curve]
    named: Mapping[str, Curve] = field(default_factory=dict[str, Curve])

    @classmethod
    def straight(cls, always: Mapping[str, float], named: Mapping[str, float] | None = None) -> "Ranker":
        """Every curve a straight line: one weight a source."""
        return cls(*({name: (*(0.0,) * (TURNS - 1), w) for name, w in part.items()} for part in (always, named or {})))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The sources, in a fixed order."""
        return tuple(sorted({*self.always, *self.named}))

    @cached_property
    def counted(self) -> frozenset[str]:
        """The sources that have any weight."""
        return frozenset(name for part in PARTS for name, curve in getattr(self, part).items() if any(curve))

    @cached_property
    def matrix(self) -> Floats:
        """Shape (2, TURNS x sources): always and named; for each turn of the curves one weight a source."""
        silent = (0.0,) * TURNS
        rows = [[getattr(self, part).get(name, silent) for name in self.names] for part in PARTS]
        return np.array(rows, dtype=np.float32).reshape(2, len(self.names), TURNS).transpose(0, 2, 1).reshape(2, -1)

    def totals(self, scores: Floats, named: Sequence[str]) -> Floats:
        """What each item gets in a conversation that has named these items. `scores`: shape (items, sources)."""
        weights = self._effective(named)
        total = scores @ weights[-1]
        for bent, weight in zip(_bends(scores), weights, strict=False):
            if weight.any():
                total += bent @ weight
        return total

    def contributions(self, scores: Floats, named: Sequence[str]) -> Floats:
        """What each source adds to each item: shape (items, sources), of `scores` of that shape."""
        weights = self._effective(named)
        return np.sum([bent * weight for bent, weight in zip((*_bends(scores), scores), weights, strict=True)], axis=0)

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
        curves = matrix.reshape(2, TURNS, len(names)).transpose(0, 2, 1).tolist()
        parts = (dict(zip(names, (tuple(round(w, 5) for w in curve) for curve in part), strict=True)) for part in curves)
        return cls(*parts)

    @classmethod
    def read(cls, file: Path) -> "Ranker":
        """From a file that `write` made. Raises ReadableError when it cannot be used."""
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            if "always_bent" in told:
                raise ReadableError(f"the ranker in {file} is of an earlier Parley: {ANEW}")
            return cls(*({str(name): _curve(weights) for name, weights in told[part].items()} for part in PARTS))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ReadableError(f"the ranker in {file} cannot be read: {error}") from error

    def write(self, file: Path) -> None:
        """As JSON: by part and source the weights of its curve."""
        told = {part: dict(getattr(self, part)) for part in PARTS}
        file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _effective(self, named: Sequence[str]) -> Floats:
        """Shape (TURNS, sources): the weights that count in a conversation that has named these items."""
        weights = self.matrix[0] + self.matrix[1] if named else self.matrix[0]
        return weights.reshape(TURNS, -1)


def bent(scores: Floats) -> Floats:
    """What the weights of a Ranker's matrix are multiplied with: shape (items, TURNS x sources)."""
    return np.concatenate([*_bends(scores), scores], axis=1)


def _bends(scores: Floats) -> list[Floats]:
    return [(scores > 0).astype(np.float32), *(np.minimum(scores, knot) for knot in KNOTS)]


def _curve(weights: Sequence[float]) -> Curve:
    if len(weights) != TURNS:
        raise ValueError(f"a curve has {TURNS} weights, not {len(weights)}")
    return tuple(float(weight) for weight in weights)
