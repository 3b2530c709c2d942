"""Subtrees as a condition: the rows whose path lies beneath one of many, for little more than beneath one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion, Term, ValueWrapper
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import QueryModifier

from ..records.conditions import narrowing
from .paths import subtree_range
from .successions import Zone

FEW = 2
"""So many ranges are tried on a row as quickly as one looks up its beginning."""


class Beneath(Q):
    """The rows of which a column is one of these paths or lies beneath one of them; no path lies beneath another.

    Where it finds the rows it is a range for each path, so that an index leads to them. Where it narrows what other
    conditions find (`Unindexed`, or `leads` is false) it looks at how the path begins, by one look-up for all paths of
    a length. Twenty conditions of Tortoise's own would say the same; to build them takes longer than to answer them.
    """

    __slots__ = ("_leads", "_paths")

    def __init__(self, column: str, paths: Iterable[str], *, leads: bool = True) -> None:
        self._paths, self._leads = tuple(paths), leads
        super().__init__(**{f"{column}__gte": self._paths[0]})  # leads to the column; the rest of it is not used

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Beneath) and super().__eq__(other) and self._paths == other._paths

    __hash__ = None  # type: ignore[assignment]  # no condition has one

    def __invert__(self) -> Q:
        return ~Q(self)

    def negate(self) -> None:
        """No condition of ours is changed in place."""
        raise TypeError("negate a condition by ~")

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        found = super().resolve(resolve_context)
        column: Any = found.where_criterion
        if len(self._paths) <= FEW or (self._leads and not narrowing()):
            written = _ranges
        else:
            dialect = resolve_context.model._meta.db.capabilities.dialect
            written = _beginnings_on_sqlite if dialect == "sqlite" else _beginnings
        return QueryModifier(_OfPaths(column.left, self._paths, written), found.joins)


def within(column: str, zones: Iterable[Zone]) -> Q:
    """The rows of which a column is a path in one of these zones, which share no path."""
    found = list(zones)
    whole = [zone.path for zone in found if not zone.but]
    ways: list[Q] = [Beneath(column, whole)] if whole else []
    ways += [Q(Beneath(column, [zone.path]), ~Beneath(column, zone.but)) for zone in found if zone.but]
    return ways[0] if len(ways) == 1 else Q(*ways, join_type=Q.OR)


Paths = tuple[str, ...]
Write = Callable[[str, Paths, SqlContext], Iterator[str]]
"""From a column's name and paths to alternatives in SQL."""


class _OfPaths(Criterion):
    """A criterion on a column and paths, which is written in one go; alternatives stand in parentheses."""

    def __init__(self, column: Term, paths: Paths, write: Write) -> None:
        super().__init__()
        self._column, self._paths, self._write = column, paths, write

    def get_sql(self, ctx: SqlContext) -> str:
        return f"({' OR '.join(self._write(self._column.get_sql(ctx), self._paths, ctx))})"


def _ranges(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`(path>=? AND path<?)`, .."""
    for path in paths:
        low, high = (ValueWrapper(end).get_sql(ctx) for end in subtree_range(path))
        yield f"({column}>={low} AND {column}<{high})"


def _beginnings(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`left(path, 39)=ANY(?)`, once for each length: one value however many paths, so one statement to prepare."""
    for length, alike in groupby(sorted(paths, key=len), len):
        yield f"left({column},{length})=ANY({ValueWrapper(list(alike)).get_sql(ctx)})"


def _beginnings_on_sqlite(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`substr(path, 1, 39) IN (?, ..)`."""
    for length, alike in groupby(sorted(paths, key=len), len):
        yield f"substr({column},1,{length}) IN ({','.join(ValueWrapper(path).get_sql(ctx) for path in alike)})"
