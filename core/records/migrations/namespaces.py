"""Where a district's tables live: a file of SQLite, or a schema of PostgreSQL. 区县的数据库命名空间。"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .session import Session, Waiting


@dataclass(frozen=True)
class SqliteNamespace:
    """A district's own SQLite file; it and its folder are made by the first migration."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def reading(self) -> AbstractAsyncContextManager[Session | None]:
        """A connection that changes nothing; None when there is no file."""
        from . import sqlite  # noqa: PLC0415  only the engine in use is imported

        return sqlite.reading(self.path)

    def migrating(self, *, patience: float, waiting: Waiting | None) -> AbstractAsyncContextManager[Session]:
        """A connection that holds the file's migration lock; waits for it up to `patience` seconds."""
        from . import sqlite  # noqa: PLC0415

        return sqlite.migrating(self.path, patience=patience, waiting=waiting)


@dataclass(frozen=True)
class PostgresNamespace:
    """A district's own PostgreSQL schema; made by the first migration.

    `connection` is a DSN or the keyword arguments of `asyncpg.connect`, and leads to the server (with Citus: to
    the coordinator) directly: through a pooler in transaction mode, two clients both hold an advisory lock. With
    `pooled` it may lead through a pooler that lends its sessions for as long as a client stays.
    """

    connection: str | Mapping[str, Any] = field(repr=False)
    schema: str
    pooled: bool = False

    def __str__(self) -> str:
        return f"schema {self.schema}"

    def reading(self) -> AbstractAsyncContextManager[Session | None]:
        """A connection that changes nothing; None when there is no such schema."""
        from . import postgres  # noqa: PLC0415

        return postgres.reading(self.connection, self.schema, pooled=self.pooled)

    def migrating(self, *, patience: float, waiting: Waiting | None) -> AbstractAsyncContextManager[Session]:
        """A connection that holds the schema's migration lock; waits for it up to `patience` seconds."""
        from . import postgres  # noqa: PLC0415

        return postgres.migrating(self.connection, self.schema, patience=patience, waiting=waiting, pooled=self.pooled)


Namespace = SqliteNamespace | PostgresNamespace
