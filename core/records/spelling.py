"""Statements written by hand are in PostgreSQL's spelling: `$1`, `string_agg`, casts. 语句方言。"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from .store import Dialect

_CAST = re.compile(r"::\w+(\[\])?")


@lru_cache(maxsize=256)
def _for_sqlite(statement: str) -> str:
    return _CAST.sub("", statement).replace("$", "?").replace("string_agg(", "group_concat(")


def spelling(statement: str, dialect: Dialect) -> str:
    """The statement as an engine wants it; `$1::uuid` is `?1` on SQLite."""
    return _for_sqlite(statement) if dialect == "sqlite" else statement


def bound(values: Iterable[Any], dialect: Dialect) -> list[Any]:
    """Values as an engine takes them: SQLite keeps ids as text and compares instants as text, all of them in UTC."""
    return list(values) if dialect == "postgres" else [plain(value) for value in values]


def plain(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, UUID):
        return str(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value
