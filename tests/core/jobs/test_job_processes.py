"""Jobs of processes that are killed. Run as a program, this file is one that carries jobs out."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock
from linli.core.config import load
from linli.core.districts import District, Platform, open_platform
from linli.core.jobs import leases
from linli.core.jobs.runner import POLL_SECONDS, Runner
from linli.core.plugins.discovery import installed
from linli.core.records.sealing import seal_now
from linli.core.records.verify import verify
from tests.core.jobs.counting import asked, counting, job_of, left, slowly

LEASE_SECONDS = float(os.environ.get("LINLI_TEST_LEASE", "1.5"))
"""Shorter than a server's, so that tests do not wait; LINLI_TEST_LEASE=15 waits as long as others do."""
STEPS, KILLS = 40, 3


async def program(file: Path) -> None:
    """Carry out jobs until killed."""
    leases.LEASE_SECONDS, leases.RENEW_SECONDS = LEASE_SECONDS, LEASE_SECONDS / 4
    plugins = installed((), entry_points=())
    async with open_platform(load(file, plugins), plugins) as platform:
        (district,) = platform.districts.values()
        kind = counting(slowly)
        runner = Runner(district, {kind.name: kind})
        runner.start()
        print("open", flush=True)
        await asyncio.sleep(600)


class Processes:
    """Processes that carry out jobs of the test's district."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._started: list[subprocess.Popen[str]] = []

    async def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, __file__, str(self._file)], stdout=subprocess.PIPE, text=True)
        self._started.append(process)
        assert process.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 60)
        assert line.strip() == "open"
        return process

    async def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.communicate)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def processes(platform: Platform) -> Iterator[Processes]:
    """Starts them, and kills those that are left."""
    made = Processes(platform.configuration.file)
    yield made
    made.end()


@pytest.fixture(autouse=True)
def wall(clock: FrozenClock) -> Iterator[None]:
    """The clock on the wall in this process too: the others go by it."""
    clocks.use(Clock())
    yield
    clocks.use(clock)


async def test_whoever_is_killed_another_process_goes_on_and_every_step_is_done_once(
    district: District, processes: Processes
) -> None:
    job = await asked(district, counting(), STEPS)
    taken_over: list[float] = []
    at_work = await processes.start()
    for kill in range(1, KILLS + 1):
        waiting = await processes.start()
        async with asyncio.timeout(30):
            while (before := await job_of(district, job)).done < kill * 8:
                await asyncio.sleep(0.02)
        killed_at = clocks.monotonic()
        await processes.kill(at_work)
        async with asyncio.timeout(leases.LEASE_SECONDS + POLL_SECONDS + 5):
            while (await job_of(district, job)).runner == before.runner:
                await asyncio.sleep(0.02)
        taken_over.append(clocks.monotonic() - killed_at)
        at_work = waiting
    async with asyncio.timeout(30):
        while (await job_of(district, job)).state != "DONE":
            await asyncio.sleep(0.02)
    assert await left(district) == list(range(STEPS))
    assert max(taken_over) < LEASE_SECONDS + POLL_SECONDS + 5
    await seal_now(district.store)
    with district.scope():
        assert (await verify()).ok
    print(f"taken over after {', '.join(f'{seconds:.1f}' for seconds in taken_over)} s of a lease of {LEASE_SECONDS}")


if __name__ == "__main__":
    asyncio.run(program(Path(sys.argv[1])))
