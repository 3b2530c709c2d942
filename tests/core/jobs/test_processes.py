"""Several processes on one district's timers, and some that are killed. Run as a program, this file is one of them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from linli.core import clock as clocks
from linli.core.config import load
from linli.core.districts import District, Platform, open_platform
from linli.core.jobs.models import Timer
from linli.core.jobs.sweeper import Sweeper
from linli.core.jobs.timers import TimerKind, schedule
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import UnitOfWork, transact

pytestmark = pytest.mark.usefixtures("wall_clock")

RINGS, COUNT = "test.rings", 60


async def ring(_district: District, timer: Timer) -> None:
    """Leaves a row, and a line for the test that waits."""
    await Person.create(name=str(timer.subject_id), name_key="")
    print(timer.subject_id, flush=True)


async def ring_and_hang(district: District, timer: Timer) -> None:
    """Leaves a row that is never committed."""
    await ring(district, timer)
    await asyncio.sleep(600)


def sweeper(district: District, *, hanging: bool = False) -> Sweeper:
    fire = ring_and_hang if hanging else ring
    return Sweeper(district, {RINGS: TimerKind(RINGS, fire, "Leaves a row")})


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[District]:
    """The only district of a configuration, as a server opens it."""
    plugins = installed((), entry_points=())
    async with open_platform(load(file, plugins), plugins) as platform:
        (district,) = platform.districts.values()
        yield district


async def program(file: Path, *, hanging: bool) -> None:
    async with opened(file) as district:
        working = sweeper(district, hanging=hanging)
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        working.start()
        await asyncio.to_thread(sys.stdin.readline)
        await working.stop()


class Process:
    """This file as a program; a line on its input starts the sweeping, a second one ends it."""

    def __init__(self, file: Path, *, hanging: bool = False) -> None:
        arguments = [sys.executable, __file__, str(file), "hang" if hanging else "work"]
        self.popen = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    async def line(self) -> str:
        assert self.popen.stdout is not None
        return (await asyncio.wait_for(asyncio.to_thread(self.popen.stdout.readline), 30)).strip()

    def go_on(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()

    async def ended(self) -> list[str]:
        """What it still wrote, once it has ended."""
        written, _ = await asyncio.to_thread(self.popen.communicate, None, 30)
        return written.split()


class Processes:
    """Starts processes on the test's district, and ends those that are left."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._started: list[Process] = []

    async def start(self, *, hanging: bool = False) -> Process:
        process = Process(self._file, hanging=hanging)
        self._started.append(process)
        assert await process.line() == "open"
        return process

    def end(self) -> None:
        for process in self._started:
            process.popen.kill()
            process.popen.communicate()


@pytest.fixture
def processes(platform: Platform) -> Iterator[Processes]:
    """Makes processes that serve the test's district."""
    made = Processes(platform.configuration.file)
    yield made
    made.end()


async def plan(district: District, count: int) -> list[str]:
    """Schedule timers that fell due a second after each other; their subjects in this order."""
    start, subjects = clocks.now() - timedelta(hours=1), [uuid4() for _ in range(count)]

    async def write(_unit: UnitOfWork) -> None:
        for place, subject in enumerate(subjects):
            await schedule(RINGS, subject, start + timedelta(seconds=place))

    with district.scope():
        await transact(write)
    return [str(subject) for subject in subjects]


async def effects(district: District) -> list[str]:
    with district.scope():
        return sorted(person.name for person in await Person.all())


async def test_two_processes_carry_out_each_timer_once_and_in_order(district: District, processes: Processes) -> None:
    subjects = await plan(district, COUNT)
    both = [await processes.start(), await processes.start()]
    for process in both:
        process.go_on()
    async with asyncio.timeout(30):
        while len(await effects(district)) < COUNT:
            await asyncio.sleep(0.02)
    for process in both:
        process.go_on()
    carried_out = [await process.ended() for process in both]
    assert sorted(carried_out[0] + carried_out[1]) == await effects(district) == sorted(subjects)
    for by_one in carried_out:
        assert by_one == [subject for subject in subjects if subject in by_one]


async def test_a_process_killed_between_effect_and_commit_leaves_the_timer_to_the_next(
    district: District, processes: Processes
) -> None:
    (subject,) = await plan(district, 1)
    process = await processes.start(hanging=True)
    process.go_on()
    assert await process.line() == subject
    process.popen.kill()
    await process.ended()
    assert process.popen.returncode == -signal.SIGKILL
    assert await effects(district) == []
    await sweeper(district).catch_up()
    assert await effects(district) == [subject]
    assert (await sweeper(district).sweep()).fired == 0


async def test_a_process_killed_while_it_sweeps_has_the_rest_caught_up_at_the_next_start(
    district: District, processes: Processes
) -> None:
    subjects = await plan(district, COUNT)
    process = await processes.start()
    process.go_on()
    for subject in subjects[:10]:
        assert await process.line() == subject
    process.popen.kill()
    await process.ended()
    before = await effects(district)
    assert 9 <= len(before) < COUNT
    await sweeper(district).catch_up()
    assert await effects(district) == sorted(subjects)


if __name__ == "__main__":
    asyncio.run(program(Path(sys.argv[1]), hanging=sys.argv[2] == "hang"))
