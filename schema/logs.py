"""What the server logs: one line per event, JSON unless somebody watches a terminal. 日志。

PUBLIC and INTERNAL values only: no bodies, no query strings, no addresses, and tracebacks without local variables.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor

from linli.core.records.masks import mask_id_number, mask_phone


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
    return [without_personal_numbers, structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="time")]


def _for_machines() -> list[Processor]:
    return [structlog.processors.format_exc_info, without_personal_numbers, _json]


_NUMBERS = (
    (re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])"), mask_id_number),
    # not the last group of a UUID either
    (re.compile(r"(?<![0-9A-Za-z-])1[3-9]\d{9}(?![0-9A-Za-z-])"), mask_phone),
)


_DIGITS = re.compile(r"\d{11}")
"""In every such number; most texts have none, and are looked at once."""


def without_personal_numbers(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask what looks like a citizen id or a mobile phone: the texts of errors are other people's, and quote values."""
    return {name: _without_numbers(value) for name, value in event.items()}


def _masked(mask: Callable[[str], str], found: re.Match[str]) -> str:
    return mask(found[0])


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_numbers(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numbers(one) for one in value]
    if isinstance(value, str) and _DIGITS.search(value):
        for pattern, mask in _NUMBERS:
            value = pattern.sub(partial(_masked, mask), value)
    return value


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
