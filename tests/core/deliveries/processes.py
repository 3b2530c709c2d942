"""A deliverer in a process of its own, for tests that kill it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from linli.core.config import load
from linli.core.deliveries.deliverer import Deliverer
from linli.core.deliveries.handlers import Handlers
from linli.core.districts import District, open_platform
from linli.core.plugins.inventory import Installed
from linli.core.records.sealing import seal_now


@asynccontextmanager
async def opened(file: Path, plugins: Installed) -> AsyncIterator[District]:
    """The only district of a configuration, as a server opens it."""
    async with open_platform(load(file, plugins), plugins) as platform:
        (district,) = platform.districts.values()
        yield district


async def program(file: Path, plugins: Installed, handlers: Handlers | None = None) -> None:
    """Deliver until a line comes; the district's own handlers, or others."""
    async with opened(file, plugins) as district:
        working = Deliverer(district, handlers)
        await seal_now(district.store)
        working.start()
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await working.stop()


def start(script: str, file: Path) -> subprocess.Popen[str]:
    """A script that is such a program, once it has begun."""
    command = [sys.executable, script, str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "open"
    return process
