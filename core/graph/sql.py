"""Statements written by hand, in PostgreSQL's spelling for both engines: `$1`, `string_agg`, casts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from ..records.store import Dialect, current_store
from ..records.unit_of_work import current_client

_CAST = re.compile(r"::\w+(\[\])?")


@lru_cache(maxsize=256)
def _for_sqlite(statement: str) -> str:
    return _CAST.sub("", statement).replace("$", "?").replace("string_agg(", "group_concat(")


def spelling(statement: str, dialect: Dialect) -> str:
    """The statement as an engine wants it; `$1::uuid` is `?1` on SQLite."""
    return _for_sqlite(statement) if dialect == "sqlite" else statement


def bound(values: Iterable[Any], dialect: Dialect) -> list[Any]:
    """Values as an engine takes them: SQLite keeps ids as text and compares instants as text, all of them in UTC."""
    return list(values) if dialect == "postgres" else [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


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
