"""What other processes sealed, as PostgreSQL tells it: one connection for all districts of a database. 跨进程通知。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from ..records.sealing import CHANNEL
from ..records.store import settle

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
RETRY_SECONDS = 1.0
LOOK_SECONDS = 10.0
"""How often it is asked whether the connection still is one: nobody tells of a network that is gone."""


class Listener:
    """Wakes the districts, by their schemas, of which something was sealed; runs until it is cancelled.

    `url` leads to PostgreSQL itself: behind a pooler in transaction mode nothing arrives. Whenever the connection is
    new all are woken, for what was told meanwhile nobody heard.
    """

    def __init__(self, url: str, wakes: Mapping[str, Callable[[], None]]) -> None:
        self._url = url.replace("postgres://", "postgresql://", 1)
        self._wakes = wakes

    async def run(self) -> None:
        """Listen, again and again where the connection breaks."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # the feeds poll meanwhile; whatever it was may be over in a second
                log.warning("listening_failed", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        import asyncpg  # noqa: PLC0415  an extra

        lost = asyncio.Event()
        connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._told)
            for wake in self._wakes.values():
                wake()
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await lost.wait()
                if not lost.is_set():
                    await connection.execute("SELECT 1", timeout=CONNECT_SECONDS)
        finally:
            await settle(_close(connection))

    def _told(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        """`d_key 4711`: the schema, and the newest sequence, which is read from the database all the same."""
        wake = self._wakes.get(payload.partition(" ")[0])
        if wake is not None:
            wake()


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=1.0)
    except Exception:  # it broke: there is nothing left to say goodbye to
        connection.terminate()
