"""The database without Linli: connections with its pragmas, that insert rows into its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from linli.core.records.sqlite import connect

PRAGMAS = (
    *("journal_mode", "synchronous", "foreign_keys", "busy_timeout"),
    *("cache_size", "mmap_size", "temp_store", "wal_autocheckpoint"),
)

Rows = Sequence[Sequence[Any]]


async def sqlite_connection(file: Path) -> sqlite3.Connection:
    """The standard library's connection, with every pragma that a connection of Linli's has."""
    theirs = await connect(file)
    try:
        values = [(await _one(theirs.execute_fetchall(f"PRAGMA {name}")))[0] for name in PRAGMAS]
    finally:
        await theirs.close()
    plain = sqlite3.connect(file, isolation_level=None)
    for name, value in zip(PRAGMAS, values, strict=True):
        plain.execute(f"PRAGMA {name}={value}")
    return plain


async def postgres_connection(server: str, schema: str) -> asyncpg.Connection:
    """A connection that looks at a district's schema."""
    connection = await asyncpg.connect(server.replace("postgres://", "postgresql://", 1))
    await connection.execute(f'SET search_path TO "{schema}", public')
    return connection


def insert_sqlite(table: str, columns: Iterable[str]) -> str:
    """The statement that inserts a row."""
    names = list(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def insert_postgres(table: str, columns: Iterable[str]) -> str:
    """The same for PostgreSQL."""
    names = list(columns)
    places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"


async def _one(rows: Any) -> Any:
    [row] = await rows
    return row
