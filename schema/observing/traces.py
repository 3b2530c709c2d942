"""Turning spans on, where the configuration says where they go. 链路追踪。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from linli.core import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

SERVICE = "linli"


class TracingMissingError(RuntimeError):
    """Spans are configured and the extra is not installed."""


@contextmanager
def traced_to(address: str | None) -> Iterator[None]:
    """Send spans to an address by OTLP over HTTP while it is open; nothing without one.

    The standard's variables (OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME ..) count. Raises TracingMissingError.
    """
    if address is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TracingMissingError("traces_to needs the extra: pip install 'linli[otel]'") from error
    with processed_by(BatchSpanProcessor(OTLPSpanExporter(endpoint=address))):
        yield


@contextmanager
def processed_by(processor: SpanProcessor) -> Iterator[None]:
    """Hand spans to a processor while it is open."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(processor)
    tracing.trace_with(provider.get_tracer(SERVICE))
    try:
        yield
    finally:
        tracing.trace_with(None)
        provider.shutdown()
