"""Conditions whose look-up is known only at run time, and conditions that narrow without leading."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import EmptyCriterion, QueryModifier


def where(lookup: str, value: Any) -> Q:
    """The rows for which a look-up, such as `parent__code` or `path__gte`, has this value."""
    return Q(**{lookup: value})


class Written(Q):
    """A condition that writes its SQL by itself: never changed in place, and known by more than its look-ups."""

    __slots__ = ()

    def __invert__(self) -> Q:
        return ~Q(self)

    def negate(self) -> None:
        """No condition of ours is changed in place."""
        raise TypeError("negate a condition by ~")


_narrowing: ContextVar[bool] = ContextVar("linli_narrowing", default=False)


def narrowing() -> bool:
    """Whether what is resolved now is tried on rows that other conditions find; then no index need understand it."""
    return _narrowing.get()


class Unindexed(Q):
    """The same condition, tried on rows that were found in another way: SQLite takes none of its indexes for it.

    SQLite keeps no statistics and believes that any index excludes nearly everything. For a condition that most rows
    fulfil, such as who may see them, it would read the whole table rather than the rows asked for. PostgreSQL knows
    better and is left to choose.
    """

    __slots__ = ()

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        outside = _narrowing.set(True)
        try:
            found = super().resolve(resolve_context)
        finally:
            _narrowing.reset(outside)
        return _on_sqlite(found, resolve_context, "+({})")


class Common(Q):
    """The same condition, of which SQLite is told that most rows fulfil it: it begins with another where it can.

    It is for equality on a column of few values, beside paths that lead to much fewer rows.
    """

    __slots__ = ()

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        return _on_sqlite(super().resolve(resolve_context), resolve_context, "likely({})")


def _on_sqlite(found: QueryModifier, resolve_context: ResolveContext, around: str) -> QueryModifier:
    dialect = resolve_context.model._meta.db.capabilities.dialect
    if dialect != "sqlite" or isinstance(found.where_criterion, EmptyCriterion):
        return found
    return QueryModifier(_Hinted(found.where_criterion, around), found.joins, found.having_criterion)


class _Hinted(Criterion):
    """`+(..)` or `likely(..)`: the same truth. Into the first SQLite's planner does not look at all."""

    def __init__(self, criterion: Criterion, around: str) -> None:
        super().__init__()
        self._criterion, self._around = criterion, around

    def get_sql(self, ctx: SqlContext) -> str:
        return self._around.format(self._criterion.get_sql(ctx.copy(subcriterion=False)))
