"""Spans of OpenTelemetry, where an operator wants them: off, and next to free, until `trace_with` is called. 链路追踪。

Names and attributes hold no values, no arguments and no words of clients; of a failure the kind, never its message.
The library is an extra (`linli[otel]`) and is imported by whoever turns spans on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

Value = str | int | float | bool

_tracer: Tracer | None = None


class Span:
    """What is done; nothing where spans are off."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def set(self, **attributes: Value) -> None:
        """Say more about it."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def named(self, name: str) -> None:
        """Call it otherwise."""
        if self._span is not None:
            self._span.update_name(name)


_NOTHING = nullcontext(Span())


def trace_with(tracer: Tracer | None) -> None:
    """Have spans made from now on; None turns them off."""
    global _tracer  # noqa: PLW0603  one for the process
    _tracer = tracer


def span(name: str, **attributes: Value) -> AbstractContextManager[Span]:
    """A span around what runs inside; one inside another is its child."""
    return _NOTHING if _tracer is None else _begun(_tracer, name, attributes)


@contextmanager
def _begun(tracer: Tracer, name: str, attributes: dict[str, Value]) -> Iterator[Span]:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415  an extra

    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield Span(begun)
        except BaseException as error:
            begun.set_attribute("error.type", type(error).__name__)
            begun.set_status(StatusCode.ERROR)
            raise
