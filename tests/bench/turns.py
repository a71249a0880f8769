"""Warm turns: cards, first word, whole turn, memory; beside the same model called the naive way in the same run."""

import statistics
import time
from typing import Any

import numpy as np
import psutil

from bot.language_model.chat import MOST_TOKENS
from bot.parts import Parts
from bot.recommender import Done, SlateReady, Words
from bot.telling import explaining
from retrieval.ranking import Slate
from tests.bench.requests import requests
from tests.bench.row import Row

TURNS = 100
SPOKEN = 20  # of them with words
NAIVE = 6  # turns of the peer: each takes seconds


def measure(parts: Parts) -> list[Row]:
    recommender = parts.recommender
    texts = [request.text for request in (*requests("films", "dev"), *requests("films", "test"))]
    cards: list[float] = []
    first_words: list[float] = []
    totals: list[float] = []
    by_model = sentences = dropped = 0
    slates: list[tuple[Slate, str]] = []
    for number in range(TURNS + 3):  # the first three warm up
        session = recommender.log.start_session(f"bench-{time.time_ns()}", time.time())
        speak = number < SPOKEN + 3
        started = time.perf_counter()
        first = None
        for event in recommender.reply(session, texts[number % len(texts)], speak=speak):
            if isinstance(event, SlateReady):
                shown = time.perf_counter() - started
            elif isinstance(event, Words) and first is None:
                first = time.perf_counter() - started
            elif isinstance(event, Done) and number >= 3:
                cards.append(shown)
                if speak:
                    first_words.append(first or 0.0)
                    totals.append(time.perf_counter() - started)
                    slates.append((event.slate, texts[number % len(texts)]))
                    said = event.explanation
                    by_model += sum(sentence.by == "model" for sentence in said.sentences)
                    sentences, dropped = sentences + len(said.sentences), dropped + said.dropped
    naive_first, naive_total = naive(parts, slates[:NAIVE])
    half = statistics.median(cards)
    p95 = float(np.percentile(cards, 95))
    word, total = statistics.median(first_words), statistics.median(totals)
    memory = psutil.Process().memory_info().rss / 2**30
    pixel, whole = statistics.median(naive_first) / half, total / statistics.median(naive_total)
    return [
        Row(f"cards, p50 / p95 of {TURNS} turns", f"{half * 1e3:.0f} / {p95 * 1e3:.0f} ms", "p95 <= 100 ms", p95 <= 0.1),
        Row(f"first word, p50 of {SPOKEN} turns", f"{word * 1e3:.0f} ms", "<= 1000 ms", word <= 1),
        Row("whole turn, p50", f"{total * 1e3:.0f} ms"),
        Row("sentences by the model / shown; dropped as not carried", f"{by_model} / {sentences}; {dropped}"),
        Row("resident memory, everything loaded", f"{memory:.2f} GB", "< 2.5 GB", memory < 2.5),
        Row("naive use of the model: whole turn, p50", f"{statistics.median(naive_total) * 1e3:.0f} ms"),
        Row("time to first useful pixel, naive / ours", f"{pixel:.0f} x", ">= 10 x", pixel >= 10),
        Row("whole turn, ours / naive", f"{whole:.2f} x", "<= 0.7 x", whole <= 0.7),
    ]  # fmt: skip


def naive(parts: Parts, slates: list[tuple[Slate, str]]) -> tuple[list[float], list[float]]:
    """Seconds to the first useful pixel and to the end, where everything waits for the model: no prefix reuse, float32."""
    import torch
    from transformers import AutoModelForCausalLM

    chat: Any = parts.recommender.chat
    tokenizer = chat.generator.hosted.tokenizer
    folder = next(parts.settings.models.glob("smollm2*/"))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
    catalogue = parts.recommender.catalogue
    seconds: list[float] = []
    for slate, request in slates:
        asked = explaining(slate, request, catalogue, taught=False)[0]
        turns = [{"role": role, "content": m.text} for role, m in zip(("system", "user"), asked, strict=True)]
        started = time.perf_counter()
        ids = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            model.generate(**ids, do_sample=False, max_new_tokens=MOST_TOKENS, pad_token_id=tokenizer.eos_token_id)
        seconds.append(time.perf_counter() - started)
    return seconds, seconds
