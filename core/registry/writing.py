"""What all use cases of the registry share: ids, spans, and writing a change under its version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import F, Q

from .. import clock
from ..errors import FieldProblem, text
from ..graph.checks import client_id
from ..graph.spans import Span
from ..records.conditions import where
from ..records.encrypted import update_row
from ..records.provenance import BY_HAND, Stated, TracedRecord, corrected, stated_problems
from ..records.record import new_id
from . import refusals

R = TypeVar("R", bound=TracedRecord)


def printable(path: str, value: str | None, most: int, least: int = 1) -> Iterator[FieldProblem]:
    """What is wrong with a short text; None is none."""
    if value is not None and not (least <= len(value) <= most and value.isprintable()):
        message = text("A text of {least} to {most} printable characters is expected", least=least, most=most)
        yield FieldProblem(path, "TEXT", message)


def one_of(path: str, value: str | None, allowed: Iterable[str]) -> Iterator[FieldProblem]:
    """Whether a word is one that is known; None is none."""
    known = tuple(allowed)
    if value is not None and value not in known:
        yield FieldProblem(path, "UNKNOWN", text("One of {allowed}", allowed=", ".join(known)))


def span_problems(span: Span, path: str = "validTo") -> Iterator[FieldProblem]:
    """Whether a span has an instant at all."""
    if span.empty:
        yield refusals.end_before_start(path)


def source_problems(stated: Stated) -> Iterator[FieldProblem]:
    """What is wrong with the words about a source."""
    yield from stated_problems(stated)


async def free_id(model: type[TracedRecord], given: UUID | None) -> UUID:
    """The client's id where it is free, or a new one; ConflictError."""
    wanted = client_id(given)
    if wanted is None:
        return new_id()
    if await model.filter(id=wanted).exists():
        raise refusals.id_in_use()
    return wanted


async def held(model: type[R], id_: UUID, path: str = "id") -> R:
    """The row as it is now, kept from others until the unit of work ends."""
    found = await model.filter(id=id_).select_for_update(no_key=True).first()
    if found is None:
        raise refusals.unknown(path)
    return found


def check_version(row: TracedRecord, expected: int | None) -> None:
    """Raise ConflictError where the caller read another version."""
    if expected is not None and expected != row.version:
        raise refusals.stale(row)


def differing(row: TracedRecord, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Of these columns those that have another value."""
    return {column: value for column, value in wanted.items() if getattr(row, column) != value}


async def write(row: TracedRecord, stated: Stated = BY_HAND, **changed: Any) -> None:
    """Write changed columns, where they come from, and count the version; ConflictError when somebody was faster."""
    told = {"provenance": corrected(row, changed, stated)} if type(row).traced.keys() & changed.keys() else {}
    values = {**changed, **told, "version": row.version + 1, "updated_at": clock.now()}
    if not await update_row(type(row).filter(version=row.version), row.id, **values):
        raise refusals.stale(row)
    row.update_from_dict(values)


def during(span: Span) -> Q:
    """The rows that are valid at some instant of a span; those that ended when they began never are."""
    never_ended = Q(where("valid_from", None), where("valid_to", None), join_type=Q.OR)
    conditions = [Q(never_ended, where("valid_from__lt", F("valid_to")), join_type=Q.OR)]
    if span.end is not None:
        conditions.append(Q(where("valid_from", None), where("valid_from__lt", span.end), join_type=Q.OR))
    if span.start is not None:
        conditions.append(Q(where("valid_to", None), where("valid_to__gt", span.start), join_type=Q.OR))
    return Q(*conditions)


def end_of(row: Any, at: datetime | None, path: str = "at") -> datetime:
    """The instant at which a row is to end, now where none is given; before the end it has, not before its start."""
    end = at or clock.now()
    if row.valid_to is not None and end >= row.valid_to:
        raise refusals.ended()
    if row.valid_from is not None and end < row.valid_from:
        refusals.settle([refusals.end_before_start(path)])
    return end
