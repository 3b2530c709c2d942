"""Inserting many rows in the open unit of work as fast as the engine allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from .encrypted import Encrypted
from .unit_of_work import current_unit


async def insert(table: str, columns: Sequence[str], rows: list[Any]) -> None:
    """Insert rows of values as the engine keeps them; COPY on PostgreSQL, one prepared statement on SQLite."""
    unit = current_unit()
    if unit.store.dialect == "postgres":
        # asyncpg keeps what it learnt of a table by the statement that asks: without the schema, another district's
        schema = unit.client.district_schema  # type: ignore[attr-defined]  # as every client of PostgreSQL here
        unit.client.note(f"INSERT INTO {table}")  # type: ignore[attr-defined]
        async with unit.client.acquire_connection() as connection:
            await connection.copy_records_to_table(table, schema_name=schema, records=rows, columns=columns)
        return
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    await unit.client.execute_many(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  names of ours


async def insert_rows(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of Python values by column, all with the same columns; JSON is given as text."""
    if not rows:
        return
    columns = tuple(rows[0])
    plain = _sqlite if current_unit().store.dialect == "sqlite" else _postgres
    await insert(table, columns, [tuple(plain(row[name]) for name in columns) for row in rows])


def _sqlite(value: Any) -> Any:
    """Ids and dates as text; an instant is left to the driver, which writes it in fixed width."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Encrypted):
        return value.stored
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value.isoformat() if isinstance(value, date) else value


def _postgres(value: Any) -> Any:
    return value.stored if isinstance(value, Encrypted) else value


async def refresh_statistics(*tables: str) -> None:
    """Let PostgreSQL's planner know of many new rows at once; until it did, first pages took 60 ms instead of 1."""
    unit = current_unit()
    if unit.store.dialect == "postgres":
        async with unit.client.acquire_connection() as connection:
            await connection.execute(f"ANALYZE {', '.join(tables)}")
