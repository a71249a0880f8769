"""A GGUF model of 110 kB, made up: the format and architecture of the default weights at a thousandth of their size."""

from pathlib import Path

import gguf
import numpy as np
from tokenizers.pre_tokenizers import ByteLevel

WIDTH, INNER, HEADS, KV_HEADS, LAYERS, CONTEXT = 32, 64, 4, 2, 2, 512
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES = (("Ġ", "a"), ("h", "e"))
TOKENS = (*MARKS, *sorted(ByteLevel.alphabet()), *("".join(pair) for pair in MERGES))
KV_WIDTH = WIDTH // HEADS * KV_HEADS
SHAPES = {
    "attn_q": (WIDTH, WIDTH), "attn_k": (KV_WIDTH, WIDTH), "attn_v": (KV_WIDTH, WIDTH), "attn_output": (WIDTH, WIDTH),
    "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER),
}  # fmt: skip


def write_gguf(path: Path, odd_number: float | None = None) -> Path:
    """Write the model; `odd_number`, where given, stands in for one of its weights."""
    file = gguf.GGUFWriter(path, "llama")
    _describe(file)
    weights = _weights()
    if odd_number is not None:
        weights["blk.1.ffn_up.weight"][3, 5] = odd_number
    for name, weight in weights.items():
        file.add_tensor(name, weight)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return path


def _describe(file: gguf.GGUFWriter) -> None:
    file.add_block_count(LAYERS)
    file.add_context_length(CONTEXT)
    file.add_embedding_length(WIDTH)
    file.add_feed_forward_length(INNER)
    file.add_head_count(HEADS)
    file.add_head_count_kv(KV_HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_freq_base(10_000.0)
    file.add_vocab_size(len(TOKENS))
    file.add_tokenizer_model("gpt2")
    file.add_token_list(TOKENS)
    file.add_token_types([gguf.TokenType.CONTROL if token in MARKS else gguf.TokenType.NORMAL for token in TOKENS])
    file.add_token_merges([" ".join(pair) for pair in MERGES])
    file.add_unk_token_id(0)
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_pad_token_id(2)


def _weights() -> dict[str, np.ndarray]:
    drawn = np.random.default_rng(7)
    ones = np.ones(WIDTH, np.float32)
    weights = {"token_embd.weight": drawn.normal(0, 0.1, (len(TOKENS), WIDTH)).astype(np.float32), "output_norm.weight": ones}
    for layer in range(LAYERS):
        weights |= {f"blk.{layer}.{name}.weight": ones for name in ("attn_norm", "ffn_norm")}
        for name, shape in SHAPES.items():
            weights[f"blk.{layer}.{name}.weight"] = drawn.normal(0, 0.1, shape).astype(np.float32)
    return weights
