"""Jobs of processes that are killed. Run as a program, this file is one that carries jobs out."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linli.core import clock as clocks
from linli.core.config import load
from linli.core.districts import District, Platform, open_platform
from linli.core.jobs import leases
from linli.core.jobs.models import Job
from linli.core.jobs.runner import POLL_SECONDS, Runner
from linli.core.plugins.discovery import installed
from linli.core.records.sealing import seal_now
from linli.core.records.verify import verify
from tests.core.jobs.counting import asked, counting, job_of, left, slowly

pytestmark = pytest.mark.usefixtures("wall_clock")

LEASE_SECONDS = float(os.environ.get("LINLI_TEST_LEASE", "1.5"))
"""Shorter than a server's, so that tests do not wait; LINLI_TEST_LEASE=15 waits as long as others do."""
STEPS, KILLS = 60, 2
SHOWN = ("state", "failure", "done", "attempts", "runner", "leased_until")


async def program(file: Path) -> None:
    """Carry out jobs until killed."""
    leases.LEASE_SECONDS, leases.RENEW_SECONDS = LEASE_SECONDS, LEASE_SECONDS / 4
    plugins = installed((), entry_points=())
    async with open_platform(load(file, plugins), plugins) as platform:
        (district,) = platform.districts.values()
        kind = counting(slowly)
        runner = Runner(district, {kind.name: kind})
        runner.start()
        print(runner.id, flush=True)
        await asyncio.sleep(600)


class Processes:
    """Processes that carry out jobs of the test's district, by the ids of their runners."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._alive: dict[str, subprocess.Popen[str]] = {}

    def _begun(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.core.jobs.test_job_processes", str(self._file)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    async def start(self) -> None:
        process = self._begun()
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 60)
        except BaseException:
            process.kill()
            raise
        self._alive[line.strip()] = process

    async def kill(self, runner: object) -> None:
        process = self._alive.pop(str(runner))
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.communicate)

    def end(self) -> None:
        for process in self._alive.values():
            process.kill()
            process.communicate()


@pytest.fixture
def processes(platform: Platform) -> Iterator[Processes]:
    """Starts them, and kills those that are left."""
    made = Processes(platform.configuration.file)
    yield made
    made.end()


async def until(district: District, job: Job, holds: Callable[[Job], bool]) -> Job:
    """The job once something holds of it."""
    patience = clocks.monotonic() + LEASE_SECONDS + 30
    while not holds(found := await job_of(district, job)):
        assert clocks.monotonic() < patience, {name: getattr(found, name) for name in SHOWN}
        await asyncio.sleep(0.02)
    return found


async def test_whoever_is_killed_another_process_goes_on_and_every_step_is_done_once(
    district: District, processes: Processes
) -> None:
    for _ in range(KILLS + 1):
        await processes.start()
    job, taken_over = await asked(district, counting(), STEPS), list[float]()
    for kill in range(1, KILLS + 1):
        before = await until(district, job, lambda it: it.done >= kill * 8 and it.runner is not None)  # noqa: B023
        killed_at = clocks.monotonic()
        await processes.kill(before.runner)
        await until(district, job, lambda it: it.runner not in (before.runner, None))  # noqa: B023
        taken_over.append(clocks.monotonic() - killed_at)
    await until(district, job, lambda it: it.state == "DONE")
    assert await left(district) == list(range(STEPS))
    assert max(taken_over) < LEASE_SECONDS + POLL_SECONDS + 10
    await seal_now(district.store)
    with district.scope():
        assert (await verify()).ok
    print(f"taken over after {', '.join(f'{seconds:.1f}' for seconds in taken_over)} s of a lease of {LEASE_SECONDS}")


if __name__ == "__main__":
    asyncio.run(program(Path(sys.argv[1])))
