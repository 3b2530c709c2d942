"""Rows that valid rows of another table tie to places, as a condition. 因关联记录可见。

It is written in one go, as `Beneath` is: to build the same of subqueries takes longer than to answer it. Where it finds
rows it is a list of ids, made once. Where it is tried on rows that were found in another way (`Unindexed`) it looks at
what ties the one row, by an index: a street has tens of thousands of tenures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Criterion, PseudoColumn, Term
from tortoise import Tortoise
from tortoise.expressions import Q, ResolveContext
from tortoise.models import Model
from tortoise.query_utils import QueryModifier
from tortoise.queryset import QuerySet

from .. import clock
from ..graph.beneath import Beneath, Paths, Reached, bound
from ..graph.spans import valid_now
from ..records.conditions import Written, narrowing, where
from ..records.visible import Tied

_VALID = "(tie.valid_from IS NULL OR tie.valid_from<={now}) AND (tie.valid_to IS NULL OR tie.valid_to>{now})"


def tied_rows(tied: Tied, rows: Q) -> QuerySet[Model]:
    """The rows that tie others to places."""
    return _model(tied).filter(rows)


def tied_at(tied: Tied, paths: Sequence[str]) -> Q:
    """Those of them that are valid, at these nodes or beneath, and tie a row rather than something else."""
    return Q(valid_now(), where(f"{tied.key}__isnull", value=False), Beneath(tied.at, paths))


class TiedTo(Written):
    """The rows, by a prefix from another model, that valid rows tie to nodes with these paths or beneath."""

    __slots__ = ("_paths", "_tied")
    __hash__ = None  # type: ignore[assignment]  # no condition has one

    def __init__(self, tied: Tied, paths: Iterable[str], prefix: str = "") -> None:
        self._tied, self._paths = tied, tuple(paths)
        super().__init__(**{f"{prefix}id__isnull": False})  # type: ignore[arg-type]  # leads to the column

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TiedTo) and super().__eq__(other) and self._paths == other._paths

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        found = super().resolve(resolve_context)
        criterion: Any = found.where_criterion
        dialect: str = resolve_context.model._meta.db.capabilities.dialect
        tied = _Tied(criterion.term.term, self._tied, self._paths, narrowing(), dialect == "sqlite")
        return QueryModifier(tied, found.joins)


class _Tied(Criterion):
    """The criterion on the column with the row's id; the column is one of the statement around it."""

    def __init__(self, column: Term, tied: Tied, paths: Paths, narrows: bool, on_sqlite: bool) -> None:
        super().__init__()
        self._column, self._tied, self._paths = column, tied, paths
        self._narrows, self._on_sqlite = narrows, on_sqlite

    def get_sql(self, ctx: SqlContext) -> str:
        column = self._column.get_sql(ctx.copy(with_namespace=True, with_alias=False))
        model, at = _tables(self._tied)
        first, last = self._tied.at.split("__")
        key = f"tie.{self._tied.key}"
        rows = f"{model} tie JOIN {at} tie_at ON tie_at.id=tie.{first}_id WHERE "
        there = Reached(PseudoColumn(f"tie_at.{last}_id"), self._paths, self._narrows, True, self._on_sqlite)
        if self._narrows:
            return f"EXISTS (SELECT 1 FROM {rows}{key}={column} AND {self._valid(ctx)} AND {there.get_sql(ctx)})"  # noqa: S608  names of ours
        listed = f"SELECT {key} FROM {rows}{there.get_sql(ctx)} AND {key} IS NOT NULL AND {self._valid(ctx)}"  # noqa: S608  names of ours
        return f"{column} IN ({listed})" if self._on_sqlite else f"{column}=ANY(ARRAY({listed}))"

    def _valid(self, ctx: SqlContext) -> str:
        return _VALID.replace("{now}", bound(clock.now(), ctx), 1).replace("{now}", bound(clock.now(), ctx), 1)


def _model(tied: Tied) -> type[Model]:
    assert Tortoise.apps is not None, "models are registered before anybody reads"
    found: type[Model] = Tortoise.apps["core"][tied.model]
    return found


def _tables(tied: Tied) -> tuple[str, str]:
    """The table that ties, and the one that stands at a place."""
    model = _model(tied)
    relation: Any = model._meta.fields_map[tied.at.partition("__")[0]]
    return str(model._meta.db_table), str(relation.related_model._meta.db_table)
