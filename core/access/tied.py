"""Rows that valid rows of another table tie to places, as a condition. 因关联记录可见。

Where it finds rows it is a list of ids, made once. Where it is tried on rows that were found in another way
(`Unindexed`) it looks at what ties the one row, by an index: a street has tens of thousands of tenures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion
from tortoise import Tortoise
from tortoise.expressions import Q, ResolveContext, Subquery
from tortoise.models import Model
from tortoise.query_utils import QueryModifier
from tortoise.queryset import QuerySet

from ..graph.beneath import Beneath
from ..graph.spans import valid_now
from ..records.conditions import Unindexed, narrowing, where
from ..records.visible import Tied


def tied_rows(tied: Tied, rows: Q) -> QuerySet[Model]:
    """The rows that tie others to places."""
    assert Tortoise.apps is not None, "models are registered before anybody reads"
    model: type[Model] = Tortoise.apps["core"][tied.model]
    return model.filter(rows)


def tied_at(tied: Tied, paths: Sequence[str]) -> Q:
    """Valid ones at these nodes or beneath; those without such a key would make a negation hold for nobody."""
    return Q(valid_now(), where(f"{tied.key}__isnull", value=False), Beneath(tied.at, paths))


class TiedTo(Q):
    """The rows, by a prefix from another model, to which rows of the other table lead."""

    __slots__ = ("_prefix", "_rows", "_tied")

    def __init__(self, tied: Tied, rows: Q, prefix: str) -> None:
        self._tied, self._rows, self._prefix = tied, rows, prefix
        super().__init__(**{f"{prefix}id__isnull": False})  # type: ignore[arg-type]  # leads to the column

    __hash__ = None  # type: ignore[assignment]  # no condition has one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TiedTo) and (self._tied, self._rows, self._prefix) == (
            other._tied,
            other._rows,
            other._prefix,
        )

    def __invert__(self) -> Q:
        return ~Q(self)

    def negate(self) -> None:
        """No condition of ours is changed in place."""
        raise TypeError("negate a condition by ~")

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        if narrowing():
            found = super().resolve(resolve_context)
            criterion: Any = found.where_criterion
            column = criterion.term.term
            if column.table.get_table_name() != tied_rows(self._tied, self._rows).model._meta.db_table:
                return QueryModifier(_Exists(self._tied, self._rows, column), found.joins, found.having_criterion)
        listed = Subquery(tied_rows(self._tied, self._rows).values(self._tied.key))
        return where(f"{self._prefix}id__in", listed).resolve(resolve_context)


class _Exists(Criterion):
    """`EXISTS (SELECT .. WHERE .. AND key=column)`: the column is one of the statement around it."""

    def __init__(self, tied: Tied, rows: Q, column: Any) -> None:
        super().__init__()
        self._tied, self._rows, self._column = tied, rows, column

    def get_sql(self, ctx: SqlContext) -> str:
        outside = self._column.get_sql(ctx.copy(with_namespace=True, with_alias=False))
        rows = tied_rows(self._tied, Q(_Same(self._tied.key, outside), Unindexed(self._rows)))
        return f"EXISTS {Subquery(rows.values(self._tied.key)).get_sql(ctx)}"


class _Same(Q):
    """The rows of which a column is that of the statement around, as it is called there."""

    __slots__ = ("_outside",)

    def __init__(self, column: str, outside: str) -> None:
        self._outside = outside
        super().__init__(**{f"{column}__isnull": False})  # type: ignore[arg-type]

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        found = super().resolve(resolve_context)
        criterion: Any = found.where_criterion
        return QueryModifier(_Equal(criterion.term.term, self._outside), found.joins, found.having_criterion)


class _Equal(Criterion):
    def __init__(self, column: Any, outside: str) -> None:
        super().__init__()
        self._column, self._outside = column, outside

    def get_sql(self, ctx: SqlContext) -> str:
        return f"{self._column.get_sql(ctx.copy(with_namespace=True, with_alias=False))}={self._outside}"
