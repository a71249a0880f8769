"""The encoder whose similarities are distilled: its vectors of all texts, computed once."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bot.adapters.texts import Pair
from bot.language_model.encoder import EncoderEmbeddings

ROWS = 4_096  # items whose neighbours are looked for at a time
log = logging.getLogger(__name__)


class Teacher:
    """The unit vectors of all texts; kept in a file so that a second run does not compute them again."""

    def __init__(self, encoder: EncoderEmbeddings, texts: Sequence[str], folder: Path) -> None:
        self._rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        digest = hashlib.sha256("\0".join([encoder.name, *self._rows]).encode()).hexdigest()[:16]
        file = folder / f"teacher-{digest}.npy"
        if not file.is_file():
            log.info("the teacher embeds %d texts", len(self._rows))
            draft = folder / f"teacher-{digest}.draft.npy"
            np.save(draft, np.asarray(encoder.embed_documents(list(self._rows)), dtype=np.float16))
            draft.replace(file)
        self._vectors = torch.from_numpy(np.load(file)).float()

    def of(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors of shape (texts, width)."""
        return self._vectors[[self._rows[text] for text in texts]]

    def near(self, pairs: Sequence[Pair], count: int) -> dict[str, list[str]]:
        """For every item the `count` items whose texts are most like its own."""
        answers = {pair.key: pair.answer for pair in pairs}
        vectors, keys = self.of(list(answers.values())), list(answers)
        found: dict[str, list[str]] = {}
        for start in range(0, len(keys) if count else 0, ROWS):
            nearest = (vectors[start : start + ROWS] @ vectors.T).topk(min(count + 1, len(keys))).indices[:, 1:].tolist()
            found |= {keys[start + row]: [keys[at] for at in places] for row, places in enumerate(nearest)}
        return found
