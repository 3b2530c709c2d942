"""The life of a booking: answered, cancelled, attended, missed; and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.core.errors import ConflictError, ForbiddenError, InvalidTransitionError, NotFoundError, RejectedError
from linli.core.errors import ValidationError as Invalid
from linli.core.jobs.timers import schedule
from linli.core.people.models import Person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Booking, NoShow, Usage
from linli.plugins.venues.timers import BOOKING_DUE
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY, SUNDAY = "2026-03-14", "2026-03-15"


async def no_shows(scene: Scene) -> list[tuple[str, int, bool]]:
    with scene.district.scope():
        return [(one.day.isoformat(), one.halves, one.struck_at is None) for one in await NoShow.all()]


async def test_a_booking_is_attended_and_logged(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00", party_size=4)
    scene.clock.advance(scene.at(f"{SATURDAY} 10:05"))
    booking = await scene.act(services.check_in, scene.tree.resident, booking, expected_version=1)
    assert (booking.state, booking.checked_in_at) == ("IN_USE", scene.clock.now())
    scene.clock.advance(scene.at(f"{SATURDAY} 11:35"))
    booking = await scene.act(services.check_out, scene.tree.resident, booking)
    assert (booking.state, booking.due_at, booking.version) == ("COMPLETED", None, 3)
    with scene.district.scope():
        usage = await Usage.get(booking_id=booking.id)
        events = await Event.filter(subject_id=booking.id).order_by("sequence")
    assert (usage.heads, usage.minutes, usage.tier, usage.window) == (4, 90, "RESIDENT", "OFF")
    assert [event.type for event in events] == ["venues.confirmed", "venues.checked_in", "venues.completed"]


async def test_without_check_out_a_booking_completes_at_its_end(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00"))
    await scene.act(services.check_in, scene.tree.resident, booking)
    await scene.elapse(f"{SATURDAY} 13:00")
    booking = await scene.again(booking)
    assert (booking.state, booking.ended_at) == ("COMPLETED", scene.at(f"{SATURDAY} 12:00"))


@pytest.mark.parametrize(("minute", "allowed"), [("09:44", False), ("09:45", True), ("10:14", True)])
async def test_one_checks_in_from_fifteen_minutes_before_to_fifteen_after(
    scene: Scene, minute: str, *, allowed: bool
) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} {minute}"))
    if allowed:
        assert (await scene.act(services.check_in, scene.tree.resident, booking)).state == "IN_USE"
    else:
        with pytest.raises(InvalidTransitionError):
            await scene.act(services.check_in, scene.tree.resident, booking)


async def test_nobody_who_came_in_time_is_a_no_show_although_the_record_came_late(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    await scene.elapse(f"{SATURDAY} 11:00")
    assert (await scene.again(booking)).state == "NO_SHOW"
    assert await no_shows(scene) == [(SATURDAY, 2, True)]
    with pytest.raises(InvalidTransitionError):
        await scene.act(services.check_in, scene.owner, booking)
    booking = await scene.act(services.check_in, scene.owner, booking, occurred_at=scene.at(f"{SATURDAY} 10:10"))
    assert booking.state == "IN_USE"
    assert await no_shows(scene) == [(SATURDAY, 2, False)]
    await scene.elapse(f"{SATURDAY} 12:00")
    assert (await scene.again(booking)).state == "COMPLETED"


async def test_a_late_record_after_the_time_was_handed_on_completes_the_booking(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    await scene.elapse(f"{SATURDAY} 10:15")
    other = await scene.book(scene.tree.neighbour, SATURDAY, "10:30", "12:00")
    booking = await scene.act(services.check_in, scene.owner, booking, occurred_at=scene.at(f"{SATURDAY} 10:10"))
    assert (booking.state, other.state) == ("COMPLETED", "CONFIRMED")


@pytest.mark.parametrize(("occurred_at", "code"), [(f"{SATURDAY} 10:11", "FUTURE"), ("2026-03-13 10:09", "TOO_LATE")])
async def test_what_happened_lies_in_the_last_day(scene: Scene, occurred_at: str, code: str) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:10"))
    with pytest.raises(Invalid) as refused:
        await scene.act(services.check_in, scene.tree.resident, booking, occurred_at=scene.at(occurred_at))
    assert [one.code for one in refused.value.problems] == [code]


async def test_who_moved_away_meanwhile_is_refused_at_the_door(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")

    async def move(_unit: object) -> None:
        elsewhere = scene.tree.other_community.id
        await Person.filter(id=scene.tree.resident.id).update(habitual_residence_id=elsewhere)

    with scene.district.scope():
        await transact(move)
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00"))
    with pytest.raises(RejectedError) as refused:
        await scene.act(services.check_in, scene.tree.resident, booking)
    assert refused.value.code == "NOT_ELIGIBLE"


@pytest.mark.parametrize(
    ("minutes_before", "halves"),
    [
        pytest.param(121, None, id="in time"),
        pytest.param(120, None, id="just in time"),
        pytest.param(119, 1, id="late"),
    ],
)
async def test_cancelling_late_counts_as_half_a_no_show(scene: Scene, minutes_before: int, halves: int | None) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00") - timedelta(minutes=minutes_before))
    assert (await scene.act(services.cancel, scene.tree.resident, booking)).state == "CANCELLED"
    assert await no_shows(scene) == ([] if halves is None else [(SATURDAY, halves, True)])


async def test_the_owners_cancelling_is_held_against_nobody(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 09:00"))
    booking = await scene.act(services.cancel, scene.owner, booking, reason=" 临时活动 ")
    assert (booking.state, booking.reason) == ("CANCELLED", "临时活动")
    assert await no_shows(scene) == []


async def test_what_has_begun_is_not_cancelled(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00"))
    with pytest.raises(RejectedError) as refused:
        await scene.act(services.cancel, scene.tree.resident, booking)
    assert refused.value.code == "CANCELLATION_TIME_PAST"


async def test_an_owner_who_decides_is_asked_first_and_gives_room_only_then(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", requires_approval=True)
    first = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00", venue=room)
    second = await scene.book(scene.tree.neighbour, SATURDAY, "11:00", "12:00", venue=room)
    assert (first.state, second.state, first.confirmed_at) == ("REQUESTED", "REQUESTED", None)
    first = await scene.act(services.approve, scene.owner, first)
    assert first.state == "CONFIRMED"
    with pytest.raises(RejectedError) as refused:
        await scene.act(services.approve, scene.owner, second)
    assert refused.value.code == "OVERLAPPING"
    second = await scene.act(services.reject, scene.owner, second, reason="时段已被占用")
    assert (second.state, second.reason) == ("REJECTED", "时段已被占用")


async def test_a_request_that_nobody_answers_lapses_after_a_day(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", requires_approval=True)
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00", venue=room)
    await scene.elapse("2026-03-10 07:59")
    assert (await scene.again(booking)).state == "REQUESTED"
    await scene.elapse("2026-03-10 08:00")
    assert (await scene.again(booking)).state == "EXPIRED"


async def test_nobody_approves_their_own_request(scene: Scene) -> None:
    room = await scene.add_venue(name="示例会议室", requires_approval=True)
    both = scene.viewer(scene.tree.staff, role="unit-admin", at=scene.tree.unit)
    booking = await scene.book(both, SATURDAY, "10:00", "12:00", venue=room)
    with pytest.raises(RejectedError) as refused:
        await scene.act(services.approve, both, booking)
    assert refused.value.code == "SELF_VERIFICATION"


@pytest.mark.parametrize(
    ("role", "at", "expected"),
    [
        pytest.param("community-staff", "community", ForbiddenError, id="sees it and does not own it"),
        pytest.param("district-admin", "root", ForbiddenError, id="sets up, judges nothing"),
        pytest.param("community-staff", "other_community", NotFoundError, id="sees nothing of it"),
        pytest.param("unit-admin", "partner", NotFoundError, id="another unit"),
    ],
)
async def test_only_the_owner_decides(scene: Scene, role: str, at: str, expected: type[RejectedError]) -> None:
    room = await scene.add_venue(name="示例会议室", requires_approval=True)
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00", venue=room)
    viewer = scene.viewer(role=role, at=getattr(scene.tree, at))
    with pytest.raises(expected) as refused:
        await scene.act(services.approve, viewer, booking, expected_version=99)
    assert type(refused.value) is expected
    assert (await scene.again(booking)).state == "REQUESTED"


async def test_other_residents_learn_nothing_of_a_booking(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    with pytest.raises(NotFoundError):
        await scene.act(services.cancel, scene.tree.neighbour, booking)


async def test_a_stale_version_is_refused_and_told(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    with pytest.raises(ConflictError) as refused:
        await scene.act(services.cancel, scene.tree.resident, booking, expected_version=2)
    assert getattr(refused.value.current, "id", None) == booking.id


async def test_a_no_show_is_struck_out_by_the_owner_and_by_nobody_else(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    await scene.elapse(f"{SATURDAY} 10:15")
    waive = {"booking_id": booking.id, "reason": "当日住院"}
    with pytest.raises(ForbiddenError):
        await scene.do(services.waive_no_show, scene.viewer(scene.tree.resident), **waive)
    await scene.do(services.waive_no_show, scene.owner, **waive)
    assert await no_shows(scene) == [(SATURDAY, 2, False)]
    with pytest.raises(InvalidTransitionError):
        await scene.do(services.waive_no_show, scene.owner, **waive)


async def test_what_is_due_is_out_of_the_way_before_it_is_swept(scene: Scene) -> None:
    missed = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:20"))
    given = await scene.book(scene.tree.neighbour, SATURDAY, "10:30", "12:00")
    assert (given.state, (await scene.again(missed)).state) == ("CONFIRMED", "NO_SHOW")
    assert await no_shows(scene) == [(SATURDAY, 2, True)]


async def test_a_timer_that_rings_too_early_waits_for_its_time(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    early, late = scene.at("2026-03-10 00:00"), scene.at(f"{SATURDAY} 10:15")

    async def ring_early(_unit: object) -> None:
        await Booking.filter(id=booking.id).update(due_at=early)
        await schedule(BOOKING_DUE, booking.id, early)

    with scene.district.scope():
        await transact(ring_early)
    await scene.elapse("2026-03-10 00:00")
    booking = await scene.again(booking)
    assert (booking.state, booking.due_at) == ("CONFIRMED", late)
    await scene.elapse(f"{SATURDAY} 10:15")
    assert (await scene.again(booking)).state == "NO_SHOW"


async def test_the_owners_staff_check_people_in_and_out(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00"))
    await scene.act(services.check_in, scene.owner, booking)
    assert (await scene.act(services.check_out, scene.owner, booking)).state == "COMPLETED"
    with pytest.raises(InvalidTransitionError):
        await scene.act(services.check_out, scene.owner, booking)


async def test_a_reason_is_a_few_words(scene: Scene) -> None:
    booking = await scene.book(scene.tree.resident, SATURDAY, "10:00", "12:00")
    with pytest.raises(Invalid) as refused:
        await scene.act(services.cancel, scene.tree.resident, booking, reason="长" * 501)
    assert [one.path for one in refused.value.problems] == ["reason"]


async def test_units_cancel_for_their_staff(scene: Scene) -> None:
    booking = await scene.book(scene.tree.partner_staff, "2026-03-11", "19:00", "20:00")
    viewer = scene.viewer(role="unit-admin", at=scene.tree.partner)
    assert (await scene.act(services.cancel, viewer, booking)).state == "CANCELLED"


async def test_nobody_strikes_out_their_own_no_show(scene: Scene) -> None:
    booking = await scene.book(scene.tree.staff, SATURDAY, "10:00", "12:00")
    await scene.elapse(f"{SATURDAY} 10:15")
    viewer = scene.viewer(scene.tree.staff, role="unit-admin", at=scene.tree.unit)
    with pytest.raises(RejectedError) as refused:
        await scene.do(services.waive_no_show, viewer, booking_id=booking.id)
    assert refused.value.code == "SELF_VERIFICATION"
