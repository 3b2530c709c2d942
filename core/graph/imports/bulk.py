"""Inserting many rows in the open unit of work as fast as the engine allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...records.unit_of_work import current_unit


async def insert(table: str, columns: Sequence[str], rows: list[Any]) -> None:
    """Insert rows of values as the engine keeps them; COPY on PostgreSQL, one prepared statement on SQLite."""
    unit = current_unit()
    if unit.store.dialect == "postgres":
        # asyncpg keeps what it learnt of a table by the statement that asks: without the schema, another district's
        schema = unit.client.district_schema  # type: ignore[attr-defined]  # as every client of PostgreSQL here
        async with unit.client.acquire_connection() as connection:
            await connection.copy_records_to_table(table, schema_name=schema, records=rows, columns=columns)
        return
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    await unit.client.execute_many(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  names of ours


async def refresh_statistics(*tables: str) -> None:
    """Let PostgreSQL's planner know of many new rows at once; until it did, first pages took 60 ms instead of 1."""
    unit = current_unit()
    if unit.store.dialect == "postgres":
        async with unit.client.acquire_connection() as connection:
            await connection.execute(f"ANALYZE {', '.join(tables)}")
