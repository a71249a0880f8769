"""Attention as batched products: what PyTorch's own gives, forwards and backwards, padded or not."""

from types import SimpleNamespace

import pytest
import torch
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from bot.language_model import attention

LAYER = SimpleNamespace(num_key_value_groups=3, is_causal=True, training=False)
SCALING = 8**-0.5


def asked(tokens: int, batch: int = 4) -> list[torch.Tensor]:
    chosen = torch.Generator().manual_seed(5)
    return [torch.randn(batch, heads, tokens, 8, generator=chosen).requires_grad_() for heads in (9, 3, 3)]


def padded(tokens: int, lengths: list[int]) -> torch.Tensor:
    place = torch.arange(tokens)
    seen = torch.stack([place < length for length in lengths])[:, None, None, :]
    return seen & torch.ones(tokens, tokens, dtype=torch.bool).tril()


@pytest.mark.parametrize("mask", [None, padded(11, [11, 3, 7, 1])], ids=["alike", "padded"])
def test_it_gives_what_pytorchs_own_gives(mask):
    ours, theirs = asked(11), asked(11)
    own, _ = attention.grouped(LAYER, *ours, mask, scaling=SCALING)
    other, _ = sdpa_attention_forward(LAYER, *theirs, mask, scaling=SCALING)
    assert torch.allclose(own, other, atol=1e-5)
    for states in (own, other):
        (states * torch.arange(8)).sum().backward()
    for left, right in zip(ours, theirs, strict=True):
        assert torch.allclose(left.grad, right.grad, atol=1e-4)


def test_a_text_does_not_see_what_comes_after():
    query, key, value = asked(6)
    before, _ = attention.grouped(LAYER, query, key, value, None, scaling=SCALING)
    changed = value.detach().clone()
    changed[:, :, 4:] += 1
    after, _ = attention.grouped(LAYER, query, key, changed, None, scaling=SCALING)
    assert torch.equal(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("case", ["one text", "one token on kept ones", "longer than is worth it"])
def test_what_it_is_not_for_goes_to_pytorchs(case, monkeypatch):
    monkeypatch.setattr(attention, "sdpa_attention_forward", lambda *_, **__: "theirs")
    monkeypatch.setattr(attention, "LONGEST", 16)
    query, key, value = asked(17 if case.startswith("longer") else 5, 1 if case == "one text" else 2)
    query = query[:, :, :1] if case.startswith("one token") else query
    assert attention.grouped(LAYER, query, key, value, None, scaling=SCALING) == "theirs"


@pytest.mark.parametrize(
    ("own", "device", "dtype", "chosen"),
    [
        ("sdpa", "cpu", torch.bfloat16, True),
        ("sdpa", "cpu", torch.float32, False),
        ("sdpa", "cuda", torch.bfloat16, False),
        ("eager", "cpu", torch.bfloat16, False),  # a model that PyTorch's attention cannot run keeps its own
    ],
)
def test_only_a_processor_in_bfloat16_is_given_it(own, device, dtype, chosen):
    said: list[str] = []
    model = SimpleNamespace(
        config=SimpleNamespace(_attn_implementation=own), device=torch.device(device), dtype=dtype,
        set_attn_implementation=said.append,
    )  # fmt: skip
    attention.choose(model)
    assert said == ([attention.NAME] if chosen else [])
