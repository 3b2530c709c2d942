"""What the server logs: one line per event, JSON unless somebody watches a terminal. 日志。

PUBLIC and INTERNAL values only: no bodies, no query strings, no addresses, and tracebacks without local variables.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor


def configure(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send what is logged to `stream`: by structlog from `level` on, by the standard library warnings and worse.

    Libraries log by the latter, and tell in passing what must not be kept: clients, for one, whole URLs.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    renderers = _for_people() if stream.isatty() else _for_machines()
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    _configure_standard_library(stream, shared, renderers)


def _for_people() -> list[Processor]:
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="time")]


def _for_machines() -> list[Processor]:
    return [structlog.processors.format_exc_info, _json]


def _json(_logger: Any, _method: str, event: EventDict) -> str:
    first = {name: event.pop(name, None) for name in ("time", "level", "event")}
    return orjson.dumps({**first, **event}, default=str).decode()


def _configure_standard_library(stream: TextIO, shared: Sequence[Processor], renderers: Sequence[Processor]) -> None:
    handler = logging.StreamHandler(stream)
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name], processors=[clean, *renderers]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
