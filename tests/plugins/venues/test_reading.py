"""What anybody may ask of a venue: windows, free times, whether somebody may come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from linli.core.errors import ForbiddenError, ValidationError
from linli.plugins.venues import services
from linli.plugins.venues.models import Venue
from linli.plugins.venues.rules import Refusal, Tier, VenueMode
from linli.plugins.venues.services.reading import FreeSlot
from linli.plugins.venues.services.records import VENUE_ENDS
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY = date(2026, 3, 11), date(2026, 3, 14)


async def loaded(scene: Scene, venue: Venue | None = None) -> Venue:
    return await Venue.filter(id=(venue or scene.venue).id).select_related(*VENUE_ENDS).get()


async def free(scene: Scene, day: date, venue: Venue | None = None) -> list[FreeSlot]:
    with scene.district.scope():
        return await services.availability(scene.district, await loaded(scene, venue), day, day)


def starts(slots: list[FreeSlot], scene: Scene) -> list[str]:
    return [one.start.astimezone(scene.district.zone).strftime("%H:%M") for one in slots]


async def test_what_is_booked_or_closed_is_not_free(scene: Scene) -> None:
    await scene.book(scene.tree.resident, SATURDAY.isoformat(), "10:00", "11:00")
    closed = {"start": scene.at("2026-03-14 13:00"), "end": scene.at("2026-03-14 21:00")}
    await scene.do(services.close_venue, scene.owner, venue_id=scene.venue.id, **closed)
    found = starts(await free(scene, SATURDAY), scene)
    assert found == [
        *("07:00", "07:30", "08:00", "08:30", "09:00", "09:30"),
        *("11:00", "11:30", "12:00", "12:30", "21:00", "21:30"),
    ]


async def test_what_has_begun_is_not_free(scene: Scene) -> None:
    scene.clock.advance(scene.at("2026-03-14 20:45"))
    assert starts(await free(scene, SATURDAY), scene) == ["21:00", "21:30"]


async def test_shared_rooms_tell_how_many_more_may_come_in_each_unit(scene: Scene) -> None:
    hall = await scene.add_venue(name="示例文化室", exclusive=False, capacity=10, units=2)
    for size in (3, 4):
        await scene.book(scene.tree.staff, WEDNESDAY.isoformat(), "10:00", "10:30", venue=hall, party_size=size)
    await scene.book(scene.tree.staff, WEDNESDAY.isoformat(), "10:00", "10:30", venue=hall, party_size=10)
    ten = [one for one in await free(scene, WEDNESDAY, hall) if one.start == scene.at("2026-03-11 10:00")]
    assert [(one.unit, one.remaining, one.tiers) for one in ten] == [(1, 3, (Tier.OWN_STAFF,))]


async def test_buffers_are_not_free(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", buffer_before_minutes=30, buffer_after_minutes=30)
    await scene.book(scene.tree.staff, WEDNESDAY.isoformat(), "10:00", "11:00", venue=room)
    found = starts(await free(scene, WEDNESDAY, room), scene)
    assert not {"09:30", "10:00", "10:30", "11:00"} & set(found)
    assert {"09:00", "11:30"} <= set(found)


async def test_a_venue_for_walking_in_has_windows_and_nothing_to_book(scene: Scene) -> None:
    room = await scene.add_venue(name="示例阅览室", mode=VenueMode.WALK_IN)
    assert await free(scene, SATURDAY, room) == []
    with scene.district.scope():
        found = await services.windows(scene.district, await loaded(scene, room), SATURDAY, SATURDAY)
    assert [(one.window, one.provisional) for one in found] == [("OFF", False)]


async def ask(scene: Scene, who: Any, start: datetime, end: datetime, **named: Any) -> Any:
    with scene.district.scope():
        venue = await loaded(scene)
        _, answer = await services.may_come(scene.district, who, venue, start=start, end=end, **named)
    return answer


@pytest.mark.parametrize("end", ["2026-03-14 10:00", "2026-03-14 09:00", "2026-04-15 10:00"])
async def test_only_times_that_are_some_may_be_asked_for(scene: Scene, end: str) -> None:
    with pytest.raises(ValidationError):
        await ask(scene, scene.viewer(scene.tree.resident), scene.at("2026-03-14 10:00"), scene.at(end))


async def test_whether_somebody_else_may_come_is_for_those_who_book_for_others(scene: Scene) -> None:
    span = (scene.at("2026-03-14 10:00"), scene.at("2026-03-14 11:00"))
    resident = scene.tree.resident.id
    with pytest.raises(ForbiddenError):
        await ask(scene, scene.viewer(scene.tree.neighbour), *span, person_id=resident)
    community = scene.viewer(role="community-staff", at=scene.tree.community)
    assert (await ask(scene, community, *span, person_id=resident)).tier is Tier.RESIDENT
    assert (await ask(scene, community, *span)).reason is Refusal.NOT_ELIGIBLE
