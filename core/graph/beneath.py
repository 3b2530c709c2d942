"""Subtrees as a condition: the rows whose path lies beneath one of many, for little more than beneath one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

import orjson
from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion, Term, ValueWrapper
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import QueryModifier

from ..records.conditions import Written, narrowing
from .paths import depth, subtree_range
from .successions import Zone

FEW = 2
"""So many ranges are tried on a row as quickly as one looks up its beginning."""

NODES = "core_org_node"


class Beneath(Written):
    """The rows of which a node is one of those with these paths or lies beneath one; no path lies beneath another.

    `key` is the look-up of a foreign key to a node, such as `venue__owner`, or "" for nodes themselves. Where it finds
    the rows it is a range of the path for each, so that an index leads to them, also where it is one of several ways;
    of nodes themselves PostgreSQL is given one range around all.
    Where it narrows what other conditions find (`Unindexed`) it looks at how the path begins, by one look-up for all
    paths of a length. Nodes are not joined: twenty conditions and a join of Tortoise's own would say the same, but to
    build them takes longer than to answer them, and no index leads through two joins to either of them.
    """

    __slots__ = ("_key", "_paths")
    __hash__ = None  # type: ignore[assignment]  # no condition has one

    def __init__(self, key: str, paths: Iterable[str]) -> None:
        self._key, self._paths = key, tuple(paths)
        column = {f"{key}_id__isnull": False} if key else {"path__isnull": False}
        super().__init__(**column)  # type: ignore[arg-type]  # leads to the column; the rest of it is not used

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Beneath) and super().__eq__(other) and self._paths == other._paths

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        found = super().resolve(resolve_context)
        criterion: Any = found.where_criterion
        dialect: str = resolve_context.model._meta.db.capabilities.dialect
        reached = Reached(criterion.term.term, self._paths, narrowing(), bool(self._key), dialect == "sqlite")
        return QueryModifier(reached, found.joins)


def within(key: str, zones: Iterable[Zone]) -> Q:
    """The rows whose node, by this look-up of a foreign key, is in one of these zones, which share no path."""
    found = list(zones)
    whole = [zone.path for zone in found if not zone.but]
    ways: list[Q] = [Beneath(key, whole)] if whole else []
    ways += [Q(Beneath(key, [zone.path]), ~Beneath(key, zone.but)) for zone in found if zone.but]
    return ways[0] if len(ways) == 1 else Q(*ways, join_type=Q.OR)


Paths = tuple[str, ...]


class Reached(Criterion):
    """The criterion on the column, written in one go; alternatives stand in parentheses."""

    def __init__(self, column: Term, paths: Paths, narrows: bool, joins: bool, on_sqlite: bool) -> None:
        super().__init__()
        self._column, self._paths = column, paths
        self._narrows, self._joins, self._on_sqlite = narrows, joins, on_sqlite

    def get_sql(self, ctx: SqlContext) -> str:
        column = self._column.get_sql(ctx)
        if not self._joins:
            return _any_of(self._alternatives(column, ctx))
        if depth(self._paths[0]) == 0:
            return f"{column} IS NOT NULL"
        if self._narrows:
            return _any_of(_looked_up(column, self._beginnings("path", ctx)))
        ids = f"SELECT id FROM {NODES} WHERE {' OR '.join(_ranges('path', self._paths, ctx))}"  # noqa: S608  ours
        # PostgreSQL reads an index for what equals one of an array, but not for what is in a subquery, under OR
        return f"{column} IN ({ids})" if self._on_sqlite else f"{column}=ANY(ARRAY({ids}))"

    def _alternatives(self, path: str, ctx: SqlContext) -> Iterator[str]:
        if len(self._paths) <= FEW or (self._on_sqlite and not self._narrows):
            return _ranges(path, self._paths, ctx)
        beginnings = self._beginnings(path, ctx)
        return beginnings if self._narrows else iter([_within_their_range(path, self._paths, beginnings, ctx)])

    def _beginnings(self, path: str, ctx: SqlContext) -> Iterator[str]:
        return (_beginnings_on_sqlite if self._on_sqlite else _beginnings)(path, self._paths, ctx)


def _any_of(alternatives: Iterable[str]) -> str:
    return f"({' OR '.join(alternatives)})"


def _looked_up(column: str, conditions: Iterable[str]) -> Iterator[str]:
    """`(SELECT .. FROM core_org_node WHERE id=column)`: whether the node with this id fulfils a condition."""
    for condition in conditions:
        yield f"(SELECT {condition} FROM {NODES} WHERE id={column})"  # noqa: S608  names of ours


def _ranges(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`(path>=? AND path<?)`, .."""
    for path in paths:
        low, high = subtree_range(path)
        yield f"({column}>={bound(low, ctx)} AND {column}<{bound(high, ctx)})"


def _within_their_range(column: str, paths: Paths, conditions: Iterable[str], ctx: SqlContext) -> str:
    """One range around all paths, and within it the conditions: PostgreSQL plans twenty ranges longer than it reads."""
    low, high = min(paths), subtree_range(max(paths))[1]
    return f"({column}>={bound(low, ctx)} AND {column}<{bound(high, ctx)} AND {_any_of(conditions)})"


def _beginnings(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`left(path, 39)=ANY(?)`, once for each length: one value however many paths, so one statement to prepare."""
    for length, alike in _by_length(paths):
        yield f"left({column},{length})=ANY({bound(list(alike), ctx)})"


def _beginnings_on_sqlite(column: str, paths: Paths, ctx: SqlContext) -> Iterator[str]:
    """`substr(path, 1, 39) IN (SELECT value FROM json_each(?))`: SQLite reads the list once for all rows."""
    for length, alike in _by_length(paths):
        listed = f"SELECT value FROM json_each({bound(_as_json(alike), ctx)})"  # noqa: S608  a parameter
        yield f"substr({column},1,{length}) IN ({listed})"


@lru_cache(maxsize=1024)
def _by_length(paths: Paths) -> tuple[tuple[int, Paths], ...]:
    return tuple((length, tuple(alike)) for length, alike in groupby(sorted(paths, key=len), len))


@lru_cache(maxsize=1024)
def _as_json(paths: Paths) -> str:
    return orjson.dumps(paths).decode()


def bound(value: Any, ctx: SqlContext) -> str:
    """A parameter with this value; what `ValueWrapper` decides for each value anew is known of paths."""
    if ctx.parameterizer is None:
        return ValueWrapper(value).get_sql(ctx)
    return ctx.parameterizer.create_param(value).get_sql(ctx)
