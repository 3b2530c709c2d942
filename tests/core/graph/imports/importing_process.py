"""A process of its own that imports a file and stops in the midst of it, for its parent to kill."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.imports import Stage, import_orgs, writing
from linli.core.records import orm
from linli.core.records.postgres import PostgresStore, open_pool
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Store, scope


async def open_store(place: str) -> Store:
    """A file, or a schema on the server that LINLI_TEST_POSTGRES names."""
    if place.endswith(".sqlite3"):
        await orm.register("sqlite", {"core": "linli.core.models"})
        return await SqliteStore(Path(place)).open()
    await orm.register("postgres", {"core": "linli.core.models"})
    return PostgresStore(await open_pool(os.environ["LINLI_TEST_POSTGRES"]), place)


def wait_to_be_killed() -> None:
    """Say that the step is reached, and go no further."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(60)


async def main(place: str, content: bytes, stage: str, step: int) -> None:
    """Import a file up to the given step of the given stage, or to its end."""
    steps = 0

    def stop(at: Stage, done: int, total: int) -> None:
        nonlocal steps
        steps += at == stage
        if at == stage and steps == step:
            wait_to_be_killed()

    with scope(await open_store(place)):
        await import_orgs(content, core_kinds(), ZoneInfo("Asia/Shanghai"), progress=stop)
    wait_to_be_killed()


if __name__ == "__main__":
    writing.BATCH = 500
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_bytes(), sys.argv[3], int(sys.argv[4])))
