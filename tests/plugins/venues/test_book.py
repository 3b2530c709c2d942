"""Asking for a booking: what is refused, for whom one may ask, and in which order things are judged."""

from __future__ import annotations

import uuid

import pytest

from linli.core.errors import ConflictError, ForbiddenError, NotFoundError, RejectedError, ValidationError
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Booking, NoShow
from linli.plugins.venues.rules import VenueMode
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY = "2026-03-11", "2026-03-14"


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        pytest.param("2026-03-11 09:00", "2026-03-12 10:00", "NOT_ONE_DAY", id="25 hours"),
        pytest.param("2026-03-11 11:00", "2026-03-11 10:00", "END_NOT_AFTER_START", id="end before start"),
        pytest.param("2026-03-11 10:00", "2026-03-11 10:00", "END_NOT_AFTER_START", id="no time at all"),
    ],
)
async def test_a_time_that_is_none_is_refused(scene: Scene, start: str, end: str, problem: str) -> None:
    viewer = scene.viewer(scene.tree.staff)
    span = {"start": scene.at(start), "end": scene.at(end)}
    with pytest.raises(ValidationError) as refused:
        await scene.do(services.book, viewer, venue_id=scene.venue.id, **span)
    assert [(one.path, one.code) for one in refused.value.problems] == [("end", problem)]


@pytest.mark.parametrize(
    ("day", "start", "end", "code"),
    [
        pytest.param(WEDNESDAY, "10:10", "11:00", "NOT_ON_GRANULARITY", id="off the grid"),
        pytest.param(WEDNESDAY, "06:00", "07:30", "OUTSIDE_OPENING_HOURS", id="before opening"),
        pytest.param(WEDNESDAY, "21:30", "22:30", "OUTSIDE_OPENING_HOURS", id="after closing"),
        pytest.param("2026-03-08", "10:00", "11:00", "IN_THE_PAST", id="yesterday"),
    ],
)
async def test_a_time_that_nobody_could_book_is_refused(
    scene: Scene, day: str, start: str, end: str, code: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.staff, day, start, end)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"party_size": 21}, "CAPACITY_EXCEEDED"),
        ({"party_size": 0}, "VALIDATION"),
        ({"unit": 2}, "VALIDATION"),
    ],
)
async def test_more_than_the_venue_has_is_refused(scene: Scene, more: dict[str, int], code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00", **more)
    assert refused.value.code == code


async def test_a_year_that_no_calendar_knows_is_refused(scene: Scene) -> None:
    with pytest.raises(ValidationError):
        await scene.book(scene.tree.staff, "9999-12-31", "10:00", "11:00")


async def test_venues_for_walking_in_take_no_bookings(scene: Scene) -> None:
    open_room = await scene.add_venue(name="示例阅览室", mode=VenueMode.WALK_IN)
    with pytest.raises(ValidationError):
        await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00", venue=open_room)


async def test_a_client_may_choose_the_id_once(scene: Scene) -> None:
    made = new_id()
    booking = await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00", booking_id=made)
    assert booking.id == made
    with pytest.raises(ConflictError):
        await scene.book(scene.tree.staff, WEDNESDAY, "12:00", "13:00", booking_id=made)
    with pytest.raises(ValidationError):
        await scene.book(scene.tree.staff, WEDNESDAY, "12:00", "13:00", booking_id=uuid.uuid4())


async def test_whoever_missed_three_bookings_is_barred_for_thirty_days(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "11:00")
    await scene.act(services.cancel, scene.tree.resident, booking)
    days = [scene.at(f"2026-0{month}-01 00:00").date() for month in (1, 2, 3)]

    async def miss(_unit: object) -> None:
        for day in days:
            await NoShow.create(booking_id=booking.id, person_id=scene.tree.resident.id, day=day, halves=2)

    with scene.district.scope():
        await transact(miss)
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.resident, SATURDAY, "12:00", "13:00")
    assert (refused.value.code, refused.value.details) == ("BARRED", {"until": "2026-03-31"})
    scene.clock.advance(scene.at("2026-04-01 00:00"))
    assert (await scene.book(scene.tree.resident, "2026-04-04", "12:00", "13:00")).state == "CONFIRMED"


async def test_an_account_without_a_person_books_for_nobody(scene: Scene) -> None:
    with pytest.raises(ValidationError) as refused:
        await scene.book(scene.viewer(role="community-staff", at=scene.tree.community), WEDNESDAY, "10:00", "11:00")
    assert [one.code for one in refused.value.problems] == ["PERSON_REQUIRED"]


@pytest.mark.parametrize(
    ("role", "at", "person"),
    [
        pytest.param("community-staff", "community", "resident", id="community for residents"),
        pytest.param("district-admin", "root", "resident", id="district for anybody"),
    ],
)
async def test_some_roles_book_for_others(scene: Scene, role: str, at: str, person: str) -> None:
    wanted = getattr(scene.tree, person)
    viewer = scene.viewer(role=role, at=getattr(scene.tree, at))
    booking = await scene.book(viewer, SATURDAY, "10:00", "11:00", person_id=wanted.id)
    assert (booking.person_id, booking.tier) == (wanted.id, "RESIDENT")
    assert booking.requested_by == viewer.account_id


async def test_a_unit_books_other_units_venues_for_its_own_staff(scene: Scene) -> None:
    viewer = scene.viewer(role="unit-admin", at=scene.tree.partner)
    staff = scene.tree.partner_staff
    booking = await scene.book(viewer, WEDNESDAY, "19:00", "20:00", person_id=staff.id)
    assert (booking.person_id, booking.tier) == (staff.id, "PARTNER_STAFF")
    with pytest.raises(NotFoundError):
        await scene.book(viewer, SATURDAY, "10:00", "11:00", person_id=scene.tree.resident.id)


@pytest.mark.parametrize("named", ["neighbour", None])
async def test_nobody_books_for_others_without_the_right_and_learns_nothing(scene: Scene, named: str | None) -> None:
    person = getattr(scene.tree, named).id if named else new_id()
    with pytest.raises(ForbiddenError):
        await scene.book(scene.viewer(scene.tree.resident), SATURDAY, "10:00", "11:00", person_id=person)


async def test_permission_is_judged_before_the_time(scene: Scene) -> None:
    with pytest.raises(ForbiddenError):
        await scene.book(
            scene.viewer(scene.tree.resident), SATURDAY, "11:00", "10:10", person_id=scene.tree.neighbour.id
        )


async def test_a_venue_that_is_not_there_is_not_found(scene: Scene) -> None:
    scene.venue.id = new_id()
    with pytest.raises(NotFoundError) as refused:
        await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00")
    assert refused.value.path == ("venueId",)


async def test_what_is_refused_leaves_nothing(scene: Scene) -> None:
    with pytest.raises(RejectedError):
        await scene.book(scene.tree.resident, WEDNESDAY, "10:00", "11:00")
    with scene.district.scope():
        assert not await Booking.exists()
