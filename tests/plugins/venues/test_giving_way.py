"""Bookings that give way: to closures (AC-09), to the official calendar, to an agreement that ended."""

from __future__ import annotations

from datetime import datetime

import pytest

from linli.core.calendar import parse_holiday_cn
from linli.core.calendar.schedules import keep_schedule
from linli.core.errors import ForbiddenError, NotFoundError, RejectedError, ValidationError
from linli.core.graph.models import OrgRelation
from linli.core.records.models import Event, EventPayload
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Closure, NoShow
from linli.plugins.venues.rules import ClosureKind
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY = "2026-03-14"


async def close(scene: Scene, start: str, end: str, **more: object) -> Closure:
    viewer = more.pop("viewer", scene.owner)
    span = {"start": scene.at(start), "end": scene.at(end), "reason": "更换地板"}
    return await scene.do(services.close_venue, viewer, venue_id=scene.venue.id, **span, **more)


async def test_a_closure_displaces_what_it_overlaps_and_offers_other_times(scene: Scene) -> None:
    """AC-09."""
    early = await scene.book(scene.tree.resident, SATURDAY, "08:00", "09:00")
    late = await scene.book(scene.tree.neighbour, SATURDAY, "17:00", "19:00")
    after = await scene.book(scene.tree.staff, SATURDAY, "19:00", "20:00")
    closure = await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00")
    states = [(await scene.again(one)).state for one in (early, late, after)]
    assert states == ["DISPLACED", "DISPLACED", "CONFIRMED"]
    moved = await scene.again(early)
    assert moved.closure_id == closure.id
    told = moved.alternatives
    assert datetime.fromisoformat(told[0]["start"]) == scene.at(f"{SATURDAY} 18:00")
    assert len(told) == 3
    with scene.district.scope():
        assert not await NoShow.exists()
        event = await Event.get(type="venues.displaced", subject_id=early.id)
        payload = await EventPayload.get(id=event.id)
    assert payload.payload is not None
    assert str(closure.id) in payload.payload


async def test_a_closed_time_is_booked_by_nobody(scene: Scene) -> None:
    await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00", kind=ClosureKind.EVENT)
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.resident, SATURDAY, "17:00", "19:00")
    assert refused.value.code == "VENUE_CLOSED"
    assert (await scene.book(scene.tree.resident, SATURDAY, "18:00", "19:00")).state == "CONFIRMED"


async def test_a_closure_turns_requests_down(scene: Scene) -> None:
    scene.venue = await scene.add_venue(name="示例会议室", requires_approval=True)
    asked = await scene.book(scene.tree.resident, SATURDAY, "10:00", "11:00")
    await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00")
    assert (await scene.again(asked)).state == "REJECTED"


@pytest.mark.parametrize(
    ("start", "end"),
    [(f"{SATURDAY} 18:00", f"{SATURDAY} 08:00"), ("2026-03-01 08:00", "2026-03-02 08:00")],
)
async def test_a_closure_that_closes_nothing_is_refused(scene: Scene, start: str, end: str) -> None:
    with pytest.raises(ValidationError):
        await close(scene, start, end)


async def test_communities_close_their_own_venues_not_those_of_units(scene: Scene) -> None:
    viewer = scene.viewer(role="community-staff", at=scene.tree.community)
    with pytest.raises(ForbiddenError):
        await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00", viewer=viewer)
    scene.venue = await scene.add_venue(scene.tree.community, viewer, name="示例居民活动室")
    closure = await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00", viewer=viewer)
    assert closure.kind == "MAINTENANCE"


NEW_YEAR = {
    "year": 2029,
    "papers": ["国办发明电〔2028〕示例号"],
    "days": [
        {"name": "元旦", "date": "2029-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2029-01-02", "isOffDay": True},
        {"name": "元旦", "date": "2029-01-06", "isOffDay": False},
    ],
}


async def test_bookings_of_an_unpublished_year_are_provisional_until_its_schedule_is_there(scene: Scene) -> None:
    kept = await scene.book(scene.tree.resident, "2029-01-13", "10:00", "11:00")
    moved = await scene.book(scene.tree.resident, "2029-01-06", "10:00", "11:00")
    working = await scene.book(scene.tree.staff, "2029-01-02", "10:00", "11:00")
    assert {kept.state, moved.state, working.state} == {"PROVISIONAL"}
    assert (kept.day_kind, kept.window) == ("UNKNOWN", "OFF")
    assert await scene.do(services.reevaluate, 2029) == 3
    await scene.elapse("2026-03-09 08:00")
    assert (await scene.again(kept)).state == "PROVISIONAL"
    with scene.district.scope():
        await transact(lambda _unit: keep_schedule(parse_holiday_cn(NEW_YEAR)))
    assert await scene.do(services.reevaluate, 2029) == 3
    await scene.elapse("2026-03-09 08:00")
    kept, moved, working = [await scene.again(one) for one in (kept, moved, working)]
    assert (kept.state, kept.day_kind) == ("CONFIRMED", "WEEKEND")
    assert moved.state == "DISPLACED"
    assert (working.state, working.window, working.day_kind) == ("CONFIRMED", "OFF", "HOLIDAY_ADJUSTED")
    assert len({kept.calendar_version, moved.calendar_version}) == 2


async def test_when_an_agreement_ends_the_partners_bookings_give_way(scene: Scene) -> None:
    booking = await scene.book(scene.tree.partner_staff, "2026-03-11", "19:00", "20:00")
    own = await scene.book(scene.tree.staff, "2026-03-11", "20:00", "21:00")

    async def end(_unit: object) -> None:
        await OrgRelation.filter(kind="CO_BUILDS").update(valid_to=scene.clock.now())

    with scene.district.scope():
        await transact(end)
        assert await transact(lambda _unit: services.recheck_partners(scene.tree.community.id)) == 1
    await scene.elapse("2026-03-09 08:00")
    assert (await scene.again(booking)).state == "DISPLACED"
    assert (await scene.again(own)).state == "CONFIRMED"


async def test_a_venue_that_is_not_seen_is_not_closed(scene: Scene) -> None:
    scene.venue.id = scene.tree.unit.id
    with pytest.raises(NotFoundError):
        await close(scene, f"{SATURDAY} 08:00", f"{SATURDAY} 18:00")


async def test_a_corrected_schedule_displaces_what_was_confirmed(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "11:00")
    corrected = {
        "year": 2026,
        "papers": ["国办发明电〔2026〕示例号"],
        "days": [{"name": "调休", "date": SATURDAY, "isOffDay": False}],
    }
    with scene.district.scope():
        await transact(lambda _unit: keep_schedule(parse_holiday_cn(corrected)))
    assert await scene.do(services.reevaluate, 2026) == 1
    await scene.elapse("2026-03-09 08:00")
    booking = await scene.again(booking)
    assert (booking.state, len(booking.alternatives)) == ("DISPLACED", 3)


async def test_a_health_check_tells_of_bookings_whose_year_is_not_published_in_time(scene: Scene) -> None:
    await scene.elapse("2028-12-20 08:00")
    for day in ("2029-01-13", "2029-01-20", "2029-02-24"):
        await scene.book(scene.tree.resident, day, "10:00", "11:00")
    with scene.district.scope():
        found = await scene.district.hooks.collect("linli_check", district=scene.district)
    told = [problem.message for plugin, problems in found if plugin == "venues" for problem in problems]
    assert told == ["Bookings of 2029 wait for the official holiday schedule: 1"]
