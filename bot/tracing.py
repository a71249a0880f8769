"""OpenTelemetry spans of turns: one each, with a child for each stage. Until it begins, nothing is imported."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from retrieval.errors import ReadableError

STAGES = ("understand", "embed", "retrieve", "rank")  # one after the other from the start of a turn
NANOSECONDS = 1_000_000  # in a millisecond

_tracer: Any = None


def begin() -> Callable[[], None]:
    """Send spans to where OTEL_EXPORTER_OTLP_ENDPOINT says; returns what sends the last ones. Raises ReadableError."""
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ReadableError(f"the setting tracing needs OpenTelemetry's SDK and OTLP exporter ({error})") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "parley"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    use(provider)
    return provider.shutdown


def use(provider: Any) -> None:
    """Make spans with a provider; None makes no more."""
    global _tracer
    _tracer = provider.get_tracer("parley") if provider else None


def turn(stages: Mapping[str, float]) -> None:
    """The span of a turn that has just ended, by the milliseconds of its stages. It holds no words and names nobody."""
    if _tracer is None:
        return
    from opentelemetry.trace import set_span_in_context

    end = time.time_ns()
    at = end - int(stages.get("total", 0) * NANOSECONDS)
    whole = _tracer.start_span("parley.turn", start_time=at)
    within = set_span_in_context(whole)
    for stage in STAGES:
        if stage in stages:
            part = _tracer.start_span(f"parley.{stage}", context=within, start_time=at)
            at += int(stages[stage] * NANOSECONDS)
            part.end(end_time=at)
    explain = _tracer.start_span("parley.explain", context=within, start_time=at)
    explain.end(end_time=end)
    whole.end(end_time=end)
