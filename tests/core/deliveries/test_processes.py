"""Processes that handle events and are killed while they do. Run as a program, this file is one of them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from linli.core.deliveries.handlers import EventHandler, Handler
from linli.core.districts import District, Platform
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.verify import verify
from tests.core.deliveries.processes import program, start

pytestmark = pytest.mark.usefixtures("wall_clock")

if TYPE_CHECKING:
    from .conftest import Bench

ROUNDS = int(os.environ.get("LINLI_DELIVERY_KILLS", "4"))
EACH = 25
COPIES = "test.copies"
ON = {"core.person_created": 1}


async def copy(_district: District, event: Event, _payload: object) -> None:
    """Leaves a row, and a line for the test that waits."""
    await Person.create(name=f"copy of {event.sequence}", name_key="")
    print(event.sequence, flush=True)


def handlers() -> dict[str, Handler]:
    return {COPIES: Handler("graphql", EventHandler(COPIES, ON, copy, "Leaves a row"))}


async def test_processes_that_are_killed_at_random_moments_leave_each_effect_once(
    bench: Bench, platform: Platform
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        for _ in range(EACH):
            await bench.person()
        await seal_now(bench.district.store)
        first = await asyncio.to_thread(start, __file__, platform.configuration.file)
        second = await asyncio.to_thread(start, __file__, platform.configuration.file)
        await asyncio.sleep(chance.uniform(0.0, 0.1))
        for process in (first, second):
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.communicate)
            assert process.returncode == -signal.SIGKILL
    copies = await bench.copies()
    assert len(copies) == len(set(copies))
    await bench.deliverer(COPIES).drain()
    copies = await bench.copies()
    numbers = [one.sequence for one in await bench.deliveries(COPIES)]
    assert sorted(copies) == sorted(f"copy of {number}" for number in numbers)
    assert len(numbers) == ROUNDS * EACH
    with bench.district.scope():
        assert (await verify()).ok


if __name__ == "__main__":
    asyncio.run(program(Path(sys.argv[1]), installed((), entry_points=()), handlers()))
