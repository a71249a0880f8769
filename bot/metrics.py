"""What is counted and timed, in Prometheus's terms; `GET /metrics` shows it."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)

STAGE = Histogram("parley_stage_seconds", "Time of each stage of a turn.", ["stage"], buckets=SECONDS)
SENTENCES = Counter("parley_sentences", "Sentences told, by who wrote them.", ["by"])
DROPPED = Counter("parley_dropped_claims", "Sentences of the model that no fact carries.")
FALLBACKS = Counter("parley_fallbacks", "Turns in which the template spoke although there is a model.")
EMPTY = Counter("parley_empty_slates", "Turns answered with no item.")
EVENTS = Counter("parley_events", "Deeds by what became of them.", ["became"])
TOKENS = Counter("parley_tokens", "Tokens the model has said.")
REQUESTS = Histogram("parley_request_seconds", "Requests to their first byte.", ["route", "method", "status"], buckets=SECONDS)
OPEN_TURNS = Gauge("parley_open_turns", "Turns being answered or waiting.")
CACHE = Gauge("parley_embedding_cache", "Texts of people looked up among those embedded before.", ["result"])


def answered(stages: Mapping[str, float], by: Iterable[str], dropped: int, *, items: int, model: bool) -> None:
    """Count one turn: its stages in milliseconds, who wrote each sentence, how many of the model's were dropped."""
    for stage, milliseconds in stages.items():
        STAGE.labels(stage).observe(milliseconds / 1_000)
    writers = list(by)
    for writer in writers:
        SENTENCES.labels(writer).inc()
    DROPPED.inc(dropped)
    FALLBACKS.inc(model and "model" not in writers and items > 0)
    EMPTY.inc(not items)


def admitted(accepted: int, duplicates: int, refused: int) -> None:
    """Count deeds at the door."""
    for became, number in (("accepted", accepted), ("duplicate", duplicates), ("refused", refused)):
        EVENTS.labels(became).inc(number)


def watch(open_turns: Callable[[], int], cache: Callable[[], tuple[int, int]]) -> None:
    """Read these at each look: how many turns are open; hits and misses of the embedding cache."""
    OPEN_TURNS.set_function(open_turns)
    CACHE.labels("hit").set_function(lambda: cache()[0])
    CACHE.labels("miss").set_function(lambda: cache()[1])
