"""How fast texts are embedded beside MiniLM through sentence-transformers, and what switching between adapters costs."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from bot.adapters import lora
from bot.language_model.embedding import HostedEmbeddings
from bot.language_model.hosted import EMBEDDING, SPEAKING, Hosted
from retrieval.catalogue import Catalogue
from tests.bench.embedders import minilm
from tests.bench.row import Row

TEXTS = 192
ROUNDS = 5
ASKED = (
    "something quiet about a bus driver who writes poems", "funny and short",
    "space films with robots, not too scary, from the nineties",
)  # fmt: skip


def measure(adapted: Hosted, raw: Hosted, catalogue: Catalogue) -> list[Row]:
    """Rounds of ours and of the peer in turns, so that other work on the machine meets both alike."""
    from sentence_transformers import SentenceTransformer

    texts = [item.text for item in catalogue][:TEXTS]
    tokens = sum(len(adapted.ids(text)) for text in texts)
    peer: Any = SentenceTransformer(minilm(), device="cpu")
    ours = HostedEmbeddings(adapted, catalogue.noun)
    own, others = _turns(lambda: ours.embed_documents(texts), lambda: peer.encode(texts, batch_size=32))
    asking = [statistics.median(_seconds(lambda t=f"{text} {n}": ours.embed_query(t)) for n in range(10)) for text in ASKED]
    half = statistics.median(asking)
    rows = [
        Row("embedding, tokens of text a second, ours / MiniLM through sentence-transformers (float32)",
            f"{tokens / own:.0f} / {tokens / others:.0f} = {others / own:.2f}", ">= 1", others >= own),
        Row("a request embedded, p50", f"{1e3 * half:.0f} ms", "< 30 ms", half < 0.03),
    ]  # fmt: skip
    return [*rows, *_switching(adapted, raw)]


def _switching(adapted: Hosted, raw: Hosted) -> list[Row]:
    """A request's worth of tokens and a single one through all layers: the adapter beside the weights, and the bare weights."""
    rows: list[Row] = []
    for told, length in (("a text of 40 tokens", 40), ("one token", 1)):
        ids = torch.arange(100, 100 + length)[None]

        def run(hosted: Hosted, name: str, ids: torch.Tensor = ids) -> None:
            with lora.switched(name), torch.inference_mode():
                hosted.model(ids, use_cache=False, logits_to_keep=1)

        bare, beside = _turns(lambda: run(raw, ""), lambda: run(adapted, SPEAKING), 20)
        rows.append(Row(f"the speaking adapter beside the weights, {told}", f"{1e3 * bare:.1f} -> {1e3 * beside:.1f} ms"))
    in_turns, in_blocks = (EMBEDDING, SPEAKING) * 4, (EMBEDDING,) * 4 + (SPEAKING,) * 4
    turns, blocks = _turns(lambda: _calls(adapted, in_turns), lambda: _calls(adapted, in_blocks), 20)
    return [*rows, Row("eight calls, the adapter switched before each instead of once", f"{turns / blocks:.2f} x")]


def _calls(hosted: Hosted, names: Sequence[str]) -> None:
    for name in names:
        with lora.switched(name), torch.inference_mode():
            hosted.embedder(torch.arange(100, 140)[None], use_cache=False)


def _turns(ours: Callable[[], object], peer: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median seconds of each, run in turns; the first round warms up."""
    seconds = [(_seconds(ours), _seconds(peer)) for _ in range(rounds + 1)][1:]
    return statistics.median(s for s, _ in seconds), statistics.median(s for _, s in seconds)


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
