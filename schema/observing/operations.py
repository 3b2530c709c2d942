"""Watching operations: counted, timed, traced, and logged where they are slow. 操作观测。"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import structlog
from graphql import OperationDefinitionNode
from prometheus_client import Counter, Histogram

from linli.core import clock, tracing
from linli.core.records.tally import Tally, tallied

from .instruments import DATABASE_SECONDS, EXECUTED, OPERATION_SECONDS, OPERATIONS, STATEMENTS
from .names import NAMES, plain

if TYPE_CHECKING:
    from ..execution import Answer

log = structlog.get_logger(__name__)

HASH_CHARACTERS = 16
FAILED = frozenset({"INTERNAL", "VALUE_ALTERED"})


class Seen:
    """What is known of an operation in the end; `trusted` says that whoever asked is signed in."""

    __slots__ = ("executor", "outcome", "tally", "trusted")

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.trusted = False
        self.executor: str | None = None
        self.outcome = "failed"

    def answered(self, answer: Answer) -> None:
        """It was answered: "ok", "errors", "failed" where we are at fault, "refused" where it was never executed."""
        self.executor = None if answer.refused else answer.executor
        if not answer.errors:
            self.outcome = "ok"
        elif any(error.get("extensions", {}).get("code") in FAILED for error in answer.errors):
            self.outcome = "failed"
        else:
            self.outcome = "refused" if answer.refused else "errors"


@contextmanager
def watched(district: str, operation: OperationDefinitionNode | None, document: str, slow_ms: int) -> Iterator[Seen]:
    """Watch one operation of a district; None where the document tells none. Never its variables."""
    name = operation.name.value if operation is not None and operation.name is not None else None
    kind = "none" if operation is None else operation.operation.value
    began = clock.monotonic()
    with tallied() as tally, tracing.span("operation") as span:
        seen = Seen(tally)
        try:
            yield seen
        except asyncio.CancelledError:
            seen.outcome = "stopped"
            raise
        finally:
            seconds = clock.monotonic() - began
            label = NAMES.label(name, trusted=seen.trusted)
            _count((district, label, kind), seen, seconds, tally)
            span.set(**{"linli.district": district, "linli.outcome": seen.outcome})
            span.set(**{"graphql.operation.name": label, "graphql.operation.type": kind})
            span.set(**{"linli.statements": tally.statements})
            if seconds * 1000 >= slow_ms:
                told = {"district": district, "operation": plain(name), "kind": kind, "outcome": seen.outcome}
                _tell(told, seconds, tally, document)


@cache
def _outcome(labels: tuple[str, str, str], outcome: str) -> Counter:
    return OPERATIONS.labels(*labels, outcome)


@cache
def _figures(labels: tuple[str, str, str]) -> tuple[Histogram, Counter, Counter]:
    return OPERATION_SECONDS.labels(*labels), STATEMENTS.labels(*labels), DATABASE_SECONDS.labels(*labels)


@cache
def _executed(labels: tuple[str, str, str], executor: str) -> Counter:
    return EXECUTED.labels(*labels, executor)


def _count(labels: tuple[str, str, str], seen: Seen, seconds: float, tally: Tally) -> None:
    took, statements, database = _figures(labels)
    _outcome(labels, seen.outcome).inc()
    if seen.executor is not None:
        _executed(labels, seen.executor).inc()
    took.observe(seconds)
    statements.inc(tally.statements)
    database.inc(tally.seconds)


def _tell(told: dict[str, str], seconds: float, tally: Tally, document: str) -> None:
    log.warning(
        "slow_operation",
        **told,
        ms=round(seconds * 1000, 2),
        statements=tally.statements,
        database_ms=round(tally.seconds * 1000, 2),
        slowest_statement_ms=round(tally.slowest * 1000, 2),
        document=hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_CHARACTERS],
    )
