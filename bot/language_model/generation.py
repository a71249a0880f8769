"""One generation worker: requests wait in a queue, are run as micro-batches, and stream their text as it is found."""

import copy
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.language_model.errors import ModelError
from bot.language_model.hosted import SPEAKING, Hosted
from bot.metrics import TOKENS

MICRO_BATCH = 4  # requests decoded together; 4 give 2.8 times the tokens a second of 1
GATHER_SECONDS = 0.005  # how long a first request waits for company
PREFIXES = 4  # static prefixes whose KV cache is kept, about 25 kB a token in SmolLM2
LOOKUP_TOKENS = 6  # drafted from the prompt at a time: 3, 6, 10 gave 35, 43, 41 tokens/s where answers copy facts


@dataclass(frozen=True, slots=True)
class Speech:
    """What is asked of the model: a static beginning, the text at hand, how much, how long, and through which adapter."""

    prefix: str
    text: str
    most_tokens: int
    deadline_seconds: float
    adapter: str = SPEAKING

    @property
    def beginning(self) -> tuple[str, str]:
        """What requests of one micro-batch have in common, and what a kept KV cache belongs to."""
        return self.adapter, self.prefix


@dataclass(slots=True, eq=False)
class _Job:
    speech: Speech
    due: float
    pieces: "queue.SimpleQueue[str | Exception | None]" = field(default_factory=queue.SimpleQueue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    token_ids: list[int] = field(default_factory=list[int])
    sent: str = ""

    @property
    def over(self) -> bool:
        return self.cancelled.is_set() or time.monotonic() > self.due


class Generator:
    """Streams greedy generations of one hosted model from one worker thread."""

    def __init__(self, hosted: Hosted) -> None:
        self.hosted = hosted
        hosted.model.register_forward_pre_hook(_without_known, with_kwargs=True)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._prefixes: OrderedDict[tuple[str, str], tuple[Any, list[int]]] = OrderedDict()
        self._running: list[_Job] = []
        self._worker = threading.Thread(target=self._work, name="generation", daemon=True)
        self._worker.start()

    def stream(self, speech: Speech) -> Iterator[str]:
        """Pieces of text as they come; closing the iterator stops the model before its next token.

        Ends early, without an error, when the deadline passes. Raises ModelError when the model fails.
        """
        job = _Job(speech, time.monotonic() + speech.deadline_seconds)
        self._jobs.put(job)
        try:
            while True:
                try:
                    piece = job.pieces.get(timeout=max(0.001, job.due - time.monotonic()))
                except queue.Empty:  # still waiting in the queue, or the model hangs: the deadline is the caller's
                    return
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise ModelError(f"the language model failed while speaking: {piece}") from piece
                yield piece
        finally:
            job.cancelled.set()

    def close(self) -> None:
        """Stop the worker before its next token."""
        for job in self._running:
            job.cancelled.set()
        self._jobs.put(None)
        self._worker.join(timeout=10)

    def _work(self) -> None:
        from bot.adapters.lora import switched

        while (first := self._jobs.get()) is not None:
            batch = self._running = self._gather(first)
            try:
                with switched(first.speech.adapter):
                    self._run([job for job in batch if not job.over])
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the callers, not to this thread
                for job in batch:
                    job.pieces.put(error)
            for job in batch:
                job.pieces.put(None)

    def _gather(self, first: _Job) -> list[_Job]:
        """`first` and up to MICRO_BATCH - 1 more that begin alike, through the same adapter; others go back to the queue."""
        batch, others = [first], list[_Job | None]()
        until = time.monotonic() + GATHER_SECONDS
        while len(batch) < MICRO_BATCH:
            try:
                job = self._jobs.get(timeout=max(0.0001, until - time.monotonic()))
            except queue.Empty:
                break
            alike = job is not None and job.speech.beginning == first.speech.beginning
            batch.append(job) if alike and job else others.append(job)
        for job in others:
            self._jobs.put(job)
        return batch

    def _run(self, batch: list[_Job]) -> None:
        import torch

        if not batch:
            return
        tokenizer, model = self.hosted.tokenizer, self.hosted.model
        cache, head = self._prefix(batch[0].speech)
        tails = [self.hosted.ids(job.speech.text) for job in batch]
        longest = max(len(tail) for tail in tails)
        filler = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        rows = [head + [filler] * (longest - len(tail)) + tail for tail in tails]
        mask = [[1] * len(head) + [0] * (longest - len(tail)) + [1] * len(tail) for tail in tails]
        if len(batch) > 1:
            cache.batch_repeat_interleave(len(batch))
        alone = {"prompt_lookup_num_tokens": LOOKUP_TOKENS} if len(batch) == 1 else {}
        delivery = _Delivery(self.hosted, batch)
        with torch.inference_mode():
            model.generate(
                torch.tensor(rows, device=self.hosted.device),
                attention_mask=torch.tensor(mask, device=self.hosted.device),
                past_key_values=cache, do_sample=False, pad_token_id=filler,
                max_new_tokens=max(job.speech.most_tokens for job in batch),
                streamer=delivery, stopping_criteria=[delivery.stop], **alone,
            )  # fmt: skip

    def _prefix(self, speech: Speech) -> tuple[Any, list[int]]:
        """A private copy of the KV cache of the static beginning, and its tokens."""
        import torch
        from transformers import DynamicCache

        if speech.beginning not in self._prefixes:
            ids = self.hosted.ids(speech.prefix)
            cache = DynamicCache(config=self.hosted.model.config)
            with torch.inference_mode():
                tokens = torch.tensor([ids], device=self.hosted.device)
                self.hosted.model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
            self._prefixes[speech.beginning] = (cache, ids)
            if len(self._prefixes) > PREFIXES:
                self._prefixes.popitem(last=False)
        self._prefixes.move_to_end(speech.beginning)
        cache, ids = self._prefixes[speech.beginning]
        return copy.deepcopy(cache), ids


def _without_known(_: Any, args: Any, told: dict[str, Any]) -> Any:
    """Leave out tokens that the cache holds: transformers 5.23 feeds a kept prefix again when it drafts from the prompt."""
    ids, places, cache = (told.get(name) for name in ("input_ids", "position_ids", "past_key_values"))
    if ids is None or places is None or cache is None or len(ids) > 1:  # several rows are not drafted, and are fed right
        return None
    known = max(0, cache.get_seq_length() - int(places[0, 0]))
    return args, {**told, "input_ids": ids[:, known:], "position_ids": places[:, known:]}


class _Delivery:
    """What transformers calls with each step's tokens (a streamer) and asks whether to stop (a criterion), row by row."""

    def __init__(self, hosted: Hosted, batch: list[_Job]) -> None:
        self.hosted, self._batch = hosted, batch
        end = hosted.model.generation_config.eos_token_id
        self._ends = set(end) if isinstance(end, list) else {end, hosted.tokenizer.eos_token_id}
        self._done = [False] * len(batch)
        self._prompt_seen = False

    def put(self, tokens: Any) -> None:
        """Take the tokens of one step: (batch,) when several rows run, (1, n) or (n,) when one does."""
        if not self._prompt_seen:  # transformers hands over the prompt first
            self._prompt_seen = True
            return
        flat = tokens.reshape(-1).tolist()
        steps = [[token] for token in flat] if len(self._batch) > 1 else [flat]
        for row, step in enumerate(steps):
            self._deliver(row, step)

    def end(self) -> None:
        """Send what was held back for want of a whole character."""
        for job in self._batch:
            self._send(job, final=True)

    def stop(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Which rows are over; waits while a text is being embedded, since a person's cards come before words."""
        import torch

        with self.hosted.embedding:
            pass
        over = [done or job.over for done, job in zip(self._done, self._batch, strict=True)]
        return torch.tensor(over, device=input_ids.device)

    def _deliver(self, row: int, tokens: list[int]) -> None:
        job = self._batch[row]
        for token in tokens:
            if self._done[row] or job.over:
                return
            if token in self._ends or len(job.token_ids) >= job.speech.most_tokens:
                self._done[row] = True
                return
            job.token_ids.append(token)
            TOKENS.inc()
        self._send(job)

    def _send(self, job: _Job, *, final: bool = False) -> None:
        text = self.hosted.tokenizer.decode(job.token_ids, skip_special_tokens=True)
        if len(text) > len(job.sent) and (final or not text.endswith("\N{REPLACEMENT CHARACTER}")):
            job.pieces.put(text[len(job.sent) :])
            job.sent = text
