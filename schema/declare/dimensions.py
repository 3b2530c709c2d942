"""Dimensions: by what the rows of a model are counted, each a closed list of values with the rows that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from linli.core import clock
from linli.core.calendar import born_by, day_bounds, local_date, month_of
from linli.core.records.classes import FieldClass, class_of
from linli.core.records.conditions import where

if TYPE_CHECKING:
    from linli.schema.context import Context

    from .node import Node

Values = Sequence[tuple[Any, Q]]
PROTECTED = (FieldClass.PERSONAL, FieldClass.SENSITIVE)


@dataclass(frozen=True)
class Dimension:
    """A way to count: `values(context)` are the values, each with its rows; a row counts for the first it belongs to.

    The list is closed, so that no value is told by its being there; rows that belong to none are counted under null,
    or, where no row can (`rest=False`), under the last: a count that everybody knows to be zero would hide no other.
    `type` is what a value is in the API. `columns` are all that `values` looks at: the strictest of their classes is
    the dimension's, and where it is PERSONAL or SENSITIVE small counts are withheld from viewers without `reveal`.
    """

    description: str
    type: Any
    columns: tuple[str, ...]
    values: Callable[[Context], Values]
    reveal: str | None = None
    rest: bool = True

    def field_class(self, node: Node) -> FieldClass:
        """How much a count by it tells."""
        found = {class_of(node.model._meta.fields_map[column]) for column in self.columns}
        return next((one for one in reversed(FieldClass) if one in found), FieldClass.SENSITIVE)

    def protected(self, node: Node) -> bool:
        """Whether small counts are withheld."""
        return self.field_class(node) in PROTECTED


@dataclass(frozen=True)
class Counts:
    """What is counted: the rows of a declared type, by columns of it and by dimensions with names of their own.

    A column by which rows are counted has an enum for its type, or is a boolean.
    """

    target: str
    columns: tuple[str, ...] = ()
    named: Mapping[str, Dimension] = field(default_factory=dict)

    def dimensions(self, node: Node) -> Iterator[tuple[str, Dimension]]:
        """All of them by name, as the type declares them."""
        for name in self.columns:
            yield name, _of_column(node, name)
        yield from self.named.items()


def counts(target: str, *columns: str, **named: Dimension) -> Counts:
    """Count the rows of a declared type: `counts("Booking", "state", "tier", month=months("..", "start"))`."""
    return Counts(target, columns, named)


def _of_column(node: Node, name: str) -> Dimension:
    declared, of = node.fields[name].declared, node.python_type(name)
    listed = [True, False] if of is bool else list(of) if isinstance(of, type) and issubclass(of, Enum) else None
    if not listed:
        raise LookupError(f"{node.name}.{name} has no closed list of values: count by a Dimension made of it")
    return among(declared.description, declared.source or name, of, listed, reveal=declared.reveal)


def among(
    description: str,
    column: str,
    type: Any,  # noqa: A002  the word of the field
    listed: Sequence[Any] | None = None,
    *,
    reveal: str | None = None,
) -> Dimension:
    """By the values of a column, all members of the enum that is its `type` unless they are listed."""
    values = [(value, where(column, getattr(value, "value", value))) for value in listed or type]
    return Dimension(description, type, (column,), lambda _context: values, reveal)


def ages(
    description: str,
    column: str,
    type: type[Enum],  # noqa: A002  the word of the field
    from_years: Mapping[Any, int],
    *,
    reveal: str | None = None,
) -> Dimension:
    """By completed years since a date, in bands: each with the age from which on one is in it, today in the district.

    周岁年龄段。
    """
    bands = sorted(from_years.items(), key=lambda band: band[1])

    def values(context: Context) -> Values:
        today = local_date(clock.now(), context.district.zone)
        since = [born_by(today, years) for _, years in bands]
        until = [where(f"{column}__gt", later) for later in since[1:]]
        begun = [where(f"{column}__lte", born) for born in since]
        return [
            (band, Q(*both)) for (band, _), both in zip(bands, zip_longest(begun, until, fillvalue=Q()), strict=True)
        ]

    return Dimension(description, type, (column,), values, reveal)


def months(description: str, column: str, *, before: int = 11, after: int = 0) -> Dimension:
    """By the local month of an instant: this one, so many before and after it; a value is the month's first day."""

    def values(context: Context) -> Values:
        today = local_date(clock.now(), context.district.zone)
        return [(first, _within(column, first, context)) for first in _months(today, before, after)]

    return Dimension(description, date, (column,), values)


def _months(today: date, before: int, after: int) -> list[date]:
    return [month_of(today, later=later) for later in range(-before, after + 1)]


def _within(column: str, first: date, context: Context) -> Q:
    start, _ = day_bounds(first, context.district.zone)
    end, _ = day_bounds(month_of(first, later=1), context.district.zone)
    return Q(where(f"{column}__gte", start), where(f"{column}__lt", end))
