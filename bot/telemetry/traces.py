"""To OpenTelemetry: how long an update and its answer took. No error is recorded with its words."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

SENT_IN = 2.0
"""Seconds, for a call to the collector: the end of the program waits for the last one."""


@contextmanager
def tracing(endpoint: str) -> Iterator[Callable[[str, dict[str, str | int]], AbstractContextManager[Any]]]:
    # Without the library's own look at the environment and the host.
    provider = TracerProvider(resource=Resource({"service.name": "obmin"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=SENT_IN)))
    tracer = provider.get_tracer("obmin")

    def span(name: str, attributes: dict[str, str | int]) -> AbstractContextManager[Any]:
        return tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        )

    try:
        yield span
    finally:
        provider.shutdown()
