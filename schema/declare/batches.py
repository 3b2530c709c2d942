"""Batches: what the lists of one operation read, sent together however many parents the lists hang on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Parameterizer
from tortoise.models import Model
from tortoise.queryset import QuerySet, ValuesQuery

from linli.core.records.unit_of_work import current_client

from . import ordering
from .loaders import Shielded

if TYPE_CHECKING:
    from strawberry.dataloader import DataLoader

    from .node import Node

MAX_BRANCHES = 100
MAX_VALUES = 10_000
"""With what the last branch adds still below the 32,766 that either engine takes."""

Query: TypeAlias = QuerySet[Model]
Branch: TypeAlias = Callable[[int, str], str]
Group: TypeAlias = tuple[str | None, str | None, int]
"""The path of a place, a value's number, and how many rows are there and have it; None where nobody asked by it."""


@dataclass(frozen=True)
class Table:
    """Rows to count: `query` selects what they are counted `by`, of `place` and `value`."""

    query: ValuesQuery[Any]
    by: tuple[str, ...] = ()


class Batches:
    """The lists of one request.

    Whatever lists are asked for at the same moment (the children of twenty nodes) become branches of one statement,
    `(..) UNION ALL (..)`. Each is the very query that it would be alone, so it answers the same, is read from the
    same index and ends at its own limit. Pages of one type in one order go together, and all counts do.
    """

    def __init__(self, large: set[type[Model]]) -> None:
        """`large` are the tables that were found to be so before, which hardly any ceases to be."""
        self._large = large
        self._counts: DataLoader[Query, int] = Shielded(load_fn=_counts, cache=False)
        self._tables: DataLoader[Table, list[Group]] = Shielded(load_fn=_tables, cache=False)
        self._rows: dict[tuple[str, tuple[str, ...]], DataLoader[Query, list[Model]]] = {}

    async def count(self, query: Query) -> int:
        """How many rows a query finds."""
        return await self._counts.load(query)

    async def small(self, model: type[Model], size: int) -> bool:
        """Whether a table has fewer than `size` rows."""
        if model not in self._large and await self.count(model.all().limit(size)) == size:
            self._large.add(model)
        return model not in self._large

    async def table(self, table: Table) -> list[Group]:
        """How many rows of a query by place and value."""
        return await self._tables.load(table)

    async def rows(self, query: Query, node: Node, order: Sequence[ordering.Key], *, backwards: bool) -> list[Model]:
        """The rows of a page, in order."""
        by = tuple(ordering.order_by(order, backwards=backwards))
        key = node.name, by
        if key not in self._rows:
            self._rows[key] = Shielded(load_fn=partial(_rows, node.model, by), cache=False)
        return await self._rows[key].load(query.order_by(*by))


async def _counts(queries: Sequence[Query]) -> list[int]:
    if len(queries) == 1 and queries[0]._limit is None:
        return [await queries[0].count()]
    found = [0] * len(queries)
    for statement, values in _statements([query.only("id") for query in queries], _counted):
        for row in await _fetch(statement, values):
            found[row["branch"]] = row["found"]
    return found


def _counted(branch: int, sql: str) -> str:
    return f'SELECT {branch} AS "branch", COUNT(*) AS "found" FROM ({sql}) AS "b{branch}"'  # noqa: S608  SQL of ours


async def _tables(asked: Sequence[Table]) -> list[list[Group]]:
    found: list[list[Group]] = [[] for _ in asked]

    def spelled(branch: int, sql: str) -> str:
        return _grouped(branch, sql, asked[branch].by)

    for statement, values in _statements([table.query for table in asked], spelled):
        for row in await _fetch(statement, values):
            found[row["branch"]].append((row["place"], row["value"], row["found"]))
    return found


def _grouped(branch: int, sql: str, by: Sequence[str]) -> str:
    columns = ", ".join(f'"{name}"' if name in by else f'NULL AS "{name}"' for name in ("place", "value"))
    groups = " GROUP BY " + ", ".join(f'"{name}"' for name in by) if by else ""
    return f'SELECT {branch} AS "branch", {columns}, COUNT(*) AS "found" FROM ({sql}) AS "b{branch}"{groups}'  # noqa: S608  SQL of ours


async def _rows(model: type[Model], by: Sequence[str], queries: Sequence[Query]) -> list[list[Model]]:
    if len(queries) == 1:
        return [list(await queries[0])]
    found: list[list[Model]] = [[] for _ in queries]
    for union, values in _statements(queries, _taken):
        for row in await _fetch(f'{union} ORDER BY "branch", {_columns(by)}', values):
            found[row["branch"]].append(model._init_from_db(**row))
    return found


def _taken(branch: int, sql: str) -> str:
    return f'SELECT *, {branch} AS "branch" FROM ({sql}) AS "b{branch}"'  # noqa: S608  SQL of ours


def _columns(by: Sequence[str]) -> str:
    return ", ".join(f'"{name.lstrip("-")}" {"DESC" if name.startswith("-") else "ASC"}' for name in by)


def _statements(queries: Sequence[Query | ValuesQuery[Any]], spelled: Branch) -> Iterator[tuple[str, list[Any]]]:
    """The queries as branches of as few statements as the engines' limits allow, with their values."""
    context, branches = _context(queries[0]), list[str]()
    for number, query in enumerate(queries):
        branches.append(spelled(number, written(query, context)))
        values = context.parameterizer.values if context.parameterizer else []
        if number == len(queries) - 1 or len(branches) == MAX_BRANCHES or len(values) > MAX_VALUES:
            yield " UNION ALL ".join(branches), values
            context, branches = _context(queries[0]), []


def _context(query: Query | ValuesQuery[Any]) -> SqlContext:
    plain: SqlContext = query.model._meta.db.query_class.SQL_CONTEXT
    return plain.copy(parameterizer=Parameterizer())


def written(query: Query | ValuesQuery[Any], context: SqlContext) -> str:
    """The SQL of a query, its values as parameters of the context's."""
    query._choose_db_if_not_chosen()
    query._make_query()
    return query.query.get_sql(context)


async def _fetch(statement: str, values: list[Any]) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]]
    _, rows = await current_client().execute_query(statement, values)
    return rows
