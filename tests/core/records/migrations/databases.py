"""An empty namespace on either engine, and what stands in it afterwards."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from linli.core.records.migrations import Namespace, PostgresNamespace, SqliteNamespace

Row = Mapping[str, Any]

DESCRIPTIONS = {
    "columns": "SELECT t.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " c.collname::text, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum) AS comment"
    " FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " LEFT JOIN pg_collation c ON c.oid = a.attcollation"
    " WHERE t.relnamespace = to_regnamespace(?) AND t.relname = ANY(?::text[]) AND a.attnum > 0"
    " AND NOT a.attisdropped ORDER BY 1, 2",
    "constraints": "SELECT t.relname::text, k.contype::text, pg_get_constraintdef(k.oid)"
    " FROM pg_class t JOIN pg_constraint k ON k.conrelid = t.oid"
    " WHERE t.relnamespace = to_regnamespace(?) AND t.relname = ANY(?::text[]) ORDER BY 1, 2, 3",
    "indexes": "SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = ? AND tablename = ANY(?::text[])",
}
IntegrityErrors = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


class Database(ABC):
    """A namespace and a plain connection to it, with foreign keys on as a server has them."""

    engine: str
    namespace: Namespace

    @abstractmethod
    async def query(self, sql: str, *values: Any) -> list[Row]:
        """Run a statement with `?` for values in a transaction of its own."""

    @abstractmethod
    async def tables(self) -> set[str]:
        """Tables and views, without those of the engine."""

    @abstractmethod
    async def schema(self, *tables: str) -> dict[str, Any]:
        """Columns, indexes, keys and checks of tables, in a form that can be compared."""

    @abstractmethod
    def arguments(self) -> list[str]:
        """How a child process is told of this namespace."""

    @abstractmethod
    def tortoise_url(self) -> str:
        """The namespace as Tortoise's own configuration names it."""

    async def applied(self) -> list[str]:
        """What the record says, in order."""
        rows = await self.query("SELECT app, name FROM core_migration ORDER BY position")
        return [f"{row['app']}.{row['name']}" for row in rows]


class SqliteDatabase(Database):
    engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.namespace = SqliteNamespace(path)

    async def query(self, sql: str, *values: Any) -> list[Row]:
        with self._connected() as query:
            return query(sql, *values)

    @contextmanager
    def _connected(self) -> Iterator[Callable[..., list[Row]]]:
        """A connection for a moment, since one that stays keeps SQLite's side files."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            yield lambda sql, *values: [dict(row) for row in connection.execute(sql, [_plain(v) for v in values])]
        finally:
            connection.close()

    async def tables(self) -> set[str]:
        rows = await self.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return {row["name"] for row in rows if not row["name"].startswith("sqlite_")}

    async def schema(self, *tables: str) -> dict[str, Any]:
        with self._connected() as query:
            return {table: self._table(query, table) for table in tables}

    def _table(self, query: Callable[..., list[Row]], table: str) -> dict[str, Any]:
        [definition] = query("SELECT sql FROM sqlite_master WHERE name = ?", table)
        columns = query('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', table)
        keys = query('SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?)', table)
        indexes = []
        for index in query("SELECT * FROM pragma_index_list(?)", table):
            over = query("SELECT name FROM pragma_index_info(?)", index["name"])
            [made] = query("SELECT sql FROM sqlite_master WHERE name = ?", index["name"])
            where = (made["sql"] or "").partition(" WHERE ")[2]
            expression = made["sql"].partition(" ON ")[2] if any(c["name"] is None for c in over) else ""
            indexes.append((index["unique"], tuple(c["name"] for c in over), where, expression))
        return {
            "columns": sorted(tuple(row.values()) for row in columns),
            "keys": sorted(tuple(row.values()) for row in keys),
            "indexes": sorted(set(indexes), key=repr),
            "checks": definition["sql"].count("CHECK"),
        }

    def arguments(self) -> list[str]:
        return ["sqlite", str(self.path)]

    def tortoise_url(self) -> str:
        return f"sqlite://{self.path}"


class PostgresDatabase(Database):
    engine = "postgres"

    def __init__(self, url: str, schema: str) -> None:
        self.url = url
        self.name = schema
        # what is tested is never a crash of the server's machine
        settings = {"synchronous_commit": "off", "search_path": schema}
        self.connection = {"dsn": url, "server_settings": settings}
        self.namespace = PostgresNamespace(self.connection, schema)
        self._opened: Any = None

    async def query(self, sql: str, *values: Any) -> list[Row]:
        if self._opened is None:
            self._opened = await asyncpg.connect(**self.connection, statement_cache_size=0)
        for number in range(1, len(values) + 1):
            sql = sql.replace("?", f"${number}", 1)
        return [dict(row) for row in await self._opened.fetch(sql, *values)]

    async def tables(self) -> set[str]:
        rows = await self.query(
            "SELECT relname::text AS name FROM pg_class"
            " WHERE relkind IN ('r', 'v', 'm') AND relnamespace = to_regnamespace(?)",
            self.name,
        )
        return {row["name"] for row in rows}

    async def schema(self, *tables: str) -> dict[str, Any]:
        found: dict[str, Any] = {table: {} for table in tables}
        for what, sql in DESCRIPTIONS.items():
            for row in await self.query(sql, self.name, list(tables)):
                table, *values = row.values()
                found[table].setdefault(what, []).append(tuple(values))
        for rows in found.values():
            rows["indexes"] = sorted(_nameless(definition) for (definition,) in rows.get("indexes", ()))
        return found

    async def drop(self) -> None:
        """Remove the schema again."""
        await self.query(f'DROP SCHEMA IF EXISTS "{self.name}" CASCADE')
        await self._opened.close()

    def arguments(self) -> list[str]:
        return ["postgres", self.url, self.name]

    def tortoise_url(self) -> str:
        return f"{self.url}?schema={self.name}"


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bytes | None) else str(value)


def _nameless(definition: str) -> str:
    """An index's definition without its name, which tells its history."""
    made, _, rest = definition.partition(" INDEX ")
    return f"{made} {rest.partition(' ON ')[2].partition('.')[2]}"
