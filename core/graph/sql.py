"""Statements written by hand, in PostgreSQL's spelling for both engines: `$1`, `string_agg`, casts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from ..records.spelling import bound, spelling
from ..records.store import current_store
from ..records.unit_of_work import current_client

__all__ = ["bound", "execute", "execute_many", "fetch", "json_text", "spelling"]


def json_text(value: Any) -> str | None:
    """A JSON value as it is stored; None stays NULL."""
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


async def fetch(statement: str, *values: Any) -> Sequence[Mapping[str, Any]]:
    """The rows of a query."""
    dialect = current_store().dialect
    rows: Sequence[Mapping[str, Any]]
    _, rows = await current_client().execute_query(spelling(statement, dialect), bound(values, dialect))
    return rows


async def execute(statement: str, *values: Any) -> int:
    """Carry out a change; how many rows it touched."""
    dialect = current_store().dialect
    count, _ = await current_client().execute_query(spelling(statement, dialect), bound(values, dialect))
    return int(count)


async def execute_many(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Carry out a change once per row of values."""
    dialect = current_store().dialect
    values = [bound(row, dialect) for row in rows]
    if values:
        await current_client().execute_many(spelling(statement, dialect), values)
