"""A process that is killed between a booking and its notification. Run as a program, this file is that process."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from linli.core.clock import FrozenClock
from linli.core.deliveries.deliverer import Deliverer
from linli.core.districts import District, Platform
from linli.core.inbox.models import Notification
from linli.core.plugins.discovery import installed
from linli.core.records.delivery_models import Delivery
from linli.core.records.sealing import seal_now
from linli.core.records.verify import verify
from linli.schema.scalars import parse_global_id
from linli.schema.testing import Clients, Tree
from tests.core.deliveries.processes import program, start
from tests.plugins.venues.api import Api, set_up

pytestmark = pytest.mark.linli(plugins=["venues"])

ROUNDS = int(os.environ.get("LINLI_DELIVERY_KILLS", "3"))
TIMES = [(day, hour) for day in ("2026-03-14", "2026-03-15") for hour in range(9, 15)]
EACH = len(TIMES) // ROUNDS


async def approved(api: Api, times: list[tuple[str, int]]) -> list[str]:
    """Bookings that the owner approved, which nobody was told of yet."""
    ids = []
    for number, (day, hour) in enumerate(times):
        who = api.tree.resident if number % 2 else api.tree.neighbour
        booking = await api.book(who, day, f"{hour:02}:00", f"{hour + 1:02}:00")
        assert booking["__typename"] == "Booking", booking
        assert (await api.step(api.owner, "approveBooking", booking["id"]))["__typename"] == "Booking"
        ids.append(booking["id"])
    return ids


async def test_a_booker_is_told_exactly_once_although_processes_are_killed(
    client: Clients, tree: Tree, clock: FrozenClock, platform: Platform, district: District
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    owner, venue = await set_up(client, tree, requiresApproval=True)
    api = Api(client, tree, clock, owner, venue["id"])
    made: list[str] = []
    for round_ in range(ROUNDS):
        made += await approved(api, TIMES[round_ * EACH : (round_ + 1) * EACH])
        await seal_now(district.store)
        both = (asyncio.to_thread(start, __file__, platform.configuration.file) for _ in range(2))
        processes = await asyncio.gather(*both)
        await asyncio.sleep(chance.uniform(0.0, 0.05))
        for process in processes:
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.communicate)
            assert process.returncode == -signal.SIGKILL
    await Deliverer(district).drain()
    with district.scope():
        told = Counter(str(row.subject_id) for row in await Notification.filter(kind="venues.booking_approved"))
        waiting = await Delivery.filter(handler="venues.tell_booker").exclude(state="DONE").count()
        assert (await verify()).ok
    parsed = [parse_global_id(one) for one in made]
    assert told == Counter(str(one[1]) for one in parsed if one is not None)
    assert (len(made), waiting) == (EACH * ROUNDS, 0)


if __name__ == "__main__":
    asyncio.run(program(Path(sys.argv[1]), installed()))
