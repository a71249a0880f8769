"""Now and then the last place of a slate goes to an item by chance, so that what is never shown can be learnt of."""

import zlib
from collections.abc import Sequence

import numpy as np


def explored(picked: Sequence[int], candidates: int, share: float, seed: str) -> tuple[list[int], float]:
    """The picks with their last one perhaps changed, and the chance with which the one that stands there came to stand there.

    `picked`: positions of the candidates picked, best first. With probability `share`, in [0, 1], one of those not picked
    takes the last place, each equally likely. The same `seed` draws the same.
    """
    others = sorted(set(range(candidates)) - set(picked))
    if not picked or not others or not share:
        return list(picked), 1.0
    dice = np.random.default_rng(zlib.crc32(seed.encode()))
    if dice.random() >= share:
        return list(picked), 1 - share
    return [*picked[:-1], int(dice.choice(others))], share / len(others)
