"""The database engines that are measured: SQLite, and PostgreSQL where a server answers."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from linli.core.records.store import Dialect
from linli.schema.testing.engines import VARIABLE, postgres_url


@dataclass(frozen=True)
class Engine:
    """An engine and, for PostgreSQL, its server."""

    dialect: Dialect
    server: str | None = None

    @property
    def name(self) -> str:
        """As it is written."""
        return "SQLite" if self.dialect == "sqlite" else "PostgreSQL"


SQLITE = Engine("sqlite")


def postgres() -> Engine | None:
    """PostgreSQL, where a server answers."""
    server = postgres_url()
    return None if server is None else Engine("postgres", server)


def engines() -> list[Engine]:
    """All there are; says loudly when PostgreSQL is missing."""
    found = postgres()
    if found is None:
        say(f"NOT MEASURED ON POSTGRESQL: {VARIABLE} is unset and no server answers at 127.0.0.1:5432.")
        return [SQLITE]
    return [SQLITE, found]


def say(line: str) -> None:
    """Tell whoever waits how far it is; tables alone go to stdout."""
    print(line, file=sys.stderr, flush=True)
