"""Conditions whose look-up is known only at run time, and conditions that narrow without leading."""

from __future__ import annotations

from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import EmptyCriterion, QueryModifier


def where(lookup: str, value: Any) -> Q:
    """The rows for which a look-up, such as `parent__code` or `path__gte`, has this value."""
    return Q(**{lookup: value})


class Unindexed(Q):
    """The same condition, tried on rows that were found in another way: SQLite takes none of its indexes for it.

    SQLite keeps no statistics and believes that any index excludes nearly everything. For a condition that most rows
    fulfil, such as who may see them, it would read the whole table rather than the rows asked for. PostgreSQL knows
    better and is left to choose.
    """

    __slots__ = ()

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        found = super().resolve(resolve_context)
        dialect = resolve_context.model._meta.db.capabilities.dialect
        if dialect != "sqlite" or isinstance(found.where_criterion, EmptyCriterion):
            return found
        return QueryModifier(_Opaque(found.where_criterion), found.joins, found.having_criterion)


class _Opaque(Criterion):
    """`+(..)`: the same truth, but no term that SQLite's planner looks into."""

    def __init__(self, criterion: Criterion) -> None:
        super().__init__()
        self._criterion = criterion

    def get_sql(self, ctx: SqlContext) -> str:
        return f"+({self._criterion.get_sql(ctx.copy(subcriterion=False))})"
