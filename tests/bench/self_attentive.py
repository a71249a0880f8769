"""A peer: self-attention over a history (Kang and McAuley, 2018, SASRec), trained with the softmax over all items."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn

WIDTH, BLOCKS, HEADS, LONGEST = 64, 2, 2, 50
DROPPED, RATE, BATCH, EPOCHS = 0.3, 1e-3, 64, 40


class SelfAttentive(nn.Module):
    """Item and place embeddings, causal transformer blocks; items are scored by the product with their embeddings."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.items, self.places = nn.Embedding(items + 1, WIDTH, padding_idx=items), nn.Embedding(LONGEST, WIDTH)
        nn.init.normal_(self.items.weight, std=0.05)
        block = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, DROPPED, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, BLOCKS, enable_nested_tensor=False)
        self.norm, self.drop = nn.LayerNorm(WIDTH), nn.Dropout(DROPPED)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Scores of every item after each place. `rows`: (histories, places); result: (histories, places, items)."""
        length = rows.shape[1]
        states = self.drop(self.items(rows) + self.places.weight[:length])
        states = self.blocks(states, mask=nn.Transformer.generate_square_subsequent_mask(length), is_causal=True)
        return self.norm(states) @ self.items.weight[:-1].T


def fit(sequences: Sequence[Sequence[int]], items: int, seed: int) -> Callable[[Sequence[int]], np.ndarray]:
    """Trained on every stretch of every history; returns what scores all items after a history."""
    torch.manual_seed(seed)
    stretches = [rows[at : at + LONGEST + 1] for rows in sequences for at in range(0, max(1, len(rows) - 1), LONGEST)]
    padded = torch.full((len(stretches), LONGEST + 1), items)
    for at, rows in enumerate(stretches):
        padded[at, : len(rows)] = torch.tensor(rows)
    model = SelfAttentive(items)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    for _ in range(EPOCHS):
        model.train()
        for batch in torch.randperm(len(padded)).split(BATCH):
            before, after = padded[batch, :-1], padded[batch, 1:]
            told = after != items
            loss = nn.functional.cross_entropy(model(before)[told], after[told])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()

    @torch.inference_mode()
    def scores(rows: Sequence[int]) -> np.ndarray:
        newest = list(rows)[-LONGEST:] or [items]
        return model(torch.tensor([newest]))[0, -1].numpy().astype(np.float64)

    return scores
