"""Who listens to what other processes seal: one connection for each database of PostgreSQL, past a pooler."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from linli.core.config import Configuration
from linli.core.districts.namespaces import dialect_of, schema_of
from linli.core.feed.listening import Listener

from .door import Door


def listeners(configuration: Configuration, doors: Iterable[Door]) -> list[Listener]:
    """The listeners that wake these districts; none of those on SQLite, where the feeds watch the files."""
    by_url: dict[str, dict[str, Callable[[], None]]] = {}
    for door in doors:
        if dialect_of(configuration, door.key) != "postgres":
            continue
        url = configuration.direct_database_of(door.key).url
        by_url.setdefault(url, {})[schema_of(door.key)] = door.wake
    return [Listener(url, wakes) for url, wakes in by_url.items()]
