"""What other processes commit to a SQLite file: noticed by its version, in microseconds. 文件变更感知。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from sqlite3 import OperationalError

from ..records.store import Store, settle
from ..tasks import spawn

LOOK_SECONDS = 0.1


@asynccontextmanager
async def watching(store: Store, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Call `wake` when somebody commits to the district's file; of other engines nothing is watched here."""
    path: Path | None = getattr(store, "path", None)
    if path is None:
        yield
        return
    task = spawn(partial(_watch, path, wake), name=f"watch of {store.key}")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])


async def _watch(path: Path, wake: Callable[[], None]) -> None:
    from ..records.sqlite_connections import connect  # noqa: PLC0415  only the engine in use is imported

    connection, known = await connect(path, readonly=True), None
    try:
        while True:
            with suppress(OperationalError):  # BUSY, or a disk that is full: the feed polls all the same
                [row] = await connection.execute_fetchall("PRAGMA data_version")
                if row[0] != known:
                    known = row[0]
                    wake()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await settle(connection.close())
