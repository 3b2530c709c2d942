"""Nobody is given a unit that somebody else has: AC-07, buffers, units, shared rooms."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import combinations

import pytest
from tortoise.exceptions import IntegrityError

from linli.core.errors import OverlappingError, RejectedError
from linli.core.people.models import Person
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Booking
from linli.plugins.venues.rules import OCCUPYING
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY = "2026-03-11", "2026-03-14"


async def outcome(scene: Scene, who: Person, day: str, start: str, end: str, **more: object) -> str:
    try:
        booking = await scene.book(who, day, start, end, **more)
    except RejectedError as refused:
        return refused.code
    return booking.state


async def test_a_time_is_given_once(scene: Scene) -> None:
    """AC-07."""
    await scene.book(scene.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    with pytest.raises(OverlappingError) as refused:
        await scene.book(scene.tree.staff, WEDNESDAY, "19:30", "20:30")
    assert (refused.value.code, refused.value.path) == ("OVERLAPPING", ("start",))
    assert (await scene.book(scene.tree.staff, WEDNESDAY, "20:00", "20:30")).state == "CONFIRMED"


async def test_of_twenty_who_ask_at_the_same_moment_one_is_served(scene: Scene) -> None:
    """AC-07."""
    await scene.book(scene.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    asked = [outcome(scene, scene.tree.staff, WEDNESDAY, "20:00", "21:00") for _ in range(20)]
    assert Counter(await asyncio.gather(*asked)) == {"CONFIRMED": 1, "OVERLAPPING": 19}
    with scene.district.scope():
        kept = await Booking.filter(state__in=[state.value for state in OCCUPYING])
    pairs = combinations(kept, 2)
    assert not [(a, b) for a, b in pairs if a.unit == b.unit and a.start < b.end and b.start < a.end]


async def test_of_many_who_share_a_room_as_many_are_served_as_there_is_room_for(scene: Scene) -> None:
    hall = await scene.add_venue(name="示例文化室", exclusive=False, capacity=10)
    asked = [outcome(scene, scene.tree.staff, SATURDAY, "10:00", "11:00", venue=hall, party_size=3) for _ in range(8)]
    assert Counter(await asyncio.gather(*asked)) == {"CONFIRMED": 3, "CAPACITY_EXCEEDED": 5}


async def test_the_store_itself_refuses_two_bookings_of_one_exclusive_unit(scene: Scene) -> None:
    if scene.district.store.dialect == "sqlite":
        pytest.skip("SQLite has one writer, which reads before it writes: there is no constraint to test")
    booking = await scene.book(scene.tree.staff, WEDNESDAY, "19:00", "20:00")

    async def copy(_unit: object) -> None:
        row = await Booking.get(id=booking.id)
        await row.clone(pk=new_id()).save(force_create=True)

    with scene.district.scope(), pytest.raises(IntegrityError, match="venues_booking_no_overlap"):
        await transact(copy)


async def test_the_lowest_free_unit_is_given_unless_another_is_asked_for(scene: Scene) -> None:
    courts = await scene.add_venue(name="示例羽毛球馆", units=3)

    async def unit(**more: object) -> int:
        booking = await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00", venue=courts, **more)
        return booking.unit

    assert [await unit(), await unit(unit=3), await unit()] == [1, 3, 2]
    assert await outcome(scene, scene.tree.staff, WEDNESDAY, "10:00", "11:00", venue=courts) == "OVERLAPPING"


async def test_buffers_keep_two_bookings_apart_but_may_overlap_each_other(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", buffer_before_minutes=30, buffer_after_minutes=30)

    async def at(start: str, end: str) -> str:
        return await outcome(scene, scene.tree.staff, WEDNESDAY, start, end, venue=room)

    assert await at("10:00", "11:00") == "CONFIRMED"
    assert await at("11:00", "12:00") == "OVERLAPPING"
    assert await at("11:30", "12:30") == "CONFIRMED"
    assert await at("09:00", "10:00") == "OVERLAPPING"
    assert await at("08:30", "09:30") == "CONFIRMED"


async def test_fewer_buffers_later_free_what_they_kept(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", buffer_before_minutes=30, buffer_after_minutes=30)
    await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00", venue=room)
    changes = {"buffer_before_minutes": 0, "buffer_after_minutes": 0}
    changed = await scene.do(services.update_venue, scene.owner, room.id, changes, expected_version=1)
    assert changed.version == 2
    assert await outcome(scene, scene.tree.staff, WEDNESDAY, "11:00", "12:00", venue=room) == "CONFIRMED"
    assert await outcome(scene, scene.tree.staff, WEDNESDAY, "10:30", "11:00", venue=room) == "OVERLAPPING"


async def test_a_room_that_becomes_exclusive_keeps_those_who_share_it(scene: Scene) -> None:
    hall = await scene.add_venue(name="示例文化室", exclusive=False, capacity=10)
    for _ in range(2):
        await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00", venue=hall)
    await scene.do(services.update_venue, scene.owner, hall.id, {"exclusive": True})
    assert await outcome(scene, scene.tree.staff, SATURDAY, "10:00", "11:00", venue=hall) == "OVERLAPPING"
    assert await outcome(scene, scene.tree.staff, SATURDAY, "11:00", "12:00", venue=hall) == "CONFIRMED"
    await scene.do(services.update_venue, scene.owner, hall.id, {"exclusive": False})
    assert await outcome(scene, scene.tree.staff, SATURDAY, "11:00", "12:00", venue=hall) == "CONFIRMED"
