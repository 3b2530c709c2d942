"""One direct connection into a district's namespace, the same for both engines. 迁移用的直连会话。"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient

from ...clock import monotonic
from ...errors import text
from .definitions import Definitions
from .errors import MigrationLockedError

ALIAS = "default"
BUSY_SECONDS = 30.0
ROWS_AT_ONCE = 500
_PAUSE_SECONDS = 0.05

Waiting = Callable[[str], None]


class Session(ABC):
    """A connection that only the migrator uses; `client` is the same connection as Tortoise's models see it."""

    client: TransactionalDBClient
    driver_errors: tuple[type[Exception], ...]
    instant_type: str

    @abstractmethod
    def editor(self) -> Definitions:
        """A schema editor that writes through this connection."""

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[None]:
        """A transaction that is committed on leaving, and rolled back on any exception, cancellation included."""

    @abstractmethod
    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """A transaction that only reads, and sees one moment whatever others write meanwhile."""

    @abstractmethod
    async def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Run one statement with `?` for values and return its rows."""

    @abstractmethod
    def instant(self, instant: datetime) -> object:
        """An instant as a column of `instant_type` takes it."""

    @abstractmethod
    async def tables(self) -> list[str]:
        """The names of all tables and views in the namespace."""

    @abstractmethod
    async def referring(self, tables: list[str]) -> list[str]:
        """The names of other tables whose foreign keys point at these."""

    @abstractmethod
    async def stored(self, tables: list[str]) -> list[str]:
        """Those of these that keep rows of their own: no views, and nothing that an index keeps for itself."""

    @abstractmethod
    async def lock(self, tables: list[str]) -> None:
        """Let nobody else write to these until the transaction ends."""

    @abstractmethod
    def rows(self, table: str, order: str | None) -> AsyncIterator[dict[str, Any]]:
        """All rows of a table, a few at a time, ordered by a column where one is named; in a transaction."""

    @abstractmethod
    async def load(self, table: str, columns: Sequence[str], rows: AsyncIterator[tuple[Any, ...]]) -> None:
        """Write rows as they come, a few at a time, with the values that the driver takes; in a transaction."""

    @abstractmethod
    def unkeyed(self) -> AbstractAsyncContextManager[None]:
        """Let rows be written in any order inside: foreign keys are checked in the end. In a transaction."""

    @abstractmethod
    async def drop(self, tables: list[str]) -> None:
        """Drop these tables and views together."""


async def wait_for(
    attempt: Callable[[], Awaitable[bool]], what: str, *, patience: float, waiting: Waiting | None
) -> None:
    """Repeat an attempt at a lock until it succeeds; say so once; MigrationLockedError after `patience` seconds."""
    deadline = monotonic() + patience
    told = False
    while not await attempt():
        if monotonic() > deadline:
            raise MigrationLockedError(
                text("Another migrator is at work on {namespace}; gave up waiting", namespace=what)
            )
        if not told:
            (waiting or _log)(f"another migrator is at work on {what}; waiting up to {patience:.0f} s")
            told = True
        await asyncio.sleep(_PAUSE_SECONDS)


def _log(message: str) -> None:
    logging.getLogger(__name__).warning("%s", message)
