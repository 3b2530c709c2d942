"""Functions that SQLite lacks and statements of ours call: what PostgreSQL says in SQL of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite
import orjson

_zone = cache(ZoneInfo)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _instant(text: str, zone: str) -> str:
    """An instant as it is stored, in RFC 3339 in a zone."""
    return datetime.fromisoformat(text).astimezone(_zone(zone)).isoformat()


_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "instant": lambda text: datetime.fromisoformat(text).astimezone(UTC).isoformat(),
    "boolean": bool,
    "plain": lambda value: value,
}


def _key(name: str, kinds: str, *values: Any) -> str:
    """A name and values as JSON in base64 for URLs; `kinds` says what each value is, parted by commas."""
    told = [
        None if value is None else _PLAIN[kind](value) for kind, value in zip(kinds.split(","), values, strict=True)
    ]
    return base64.urlsafe_b64encode(orjson.dumps([name, told])).decode()


async def add_functions(connection: aiosqlite.Connection) -> None:
    """Make them known on a connection."""
    await connection.create_function("linli_base64", 1, _base64, deterministic=True)
    await connection.create_function("linli_instant", 2, _instant, deterministic=True)
    await connection.create_function("linli_key", -1, _key, deterministic=True)
