"""Those who wait: who is next, what is offered, what is given at once. AC-08."""

from __future__ import annotations

import pytest

from linli.core.errors import InvalidTransitionError, RejectedError
from linli.core.people.models import Person
from linli.plugins.venues import services
from linli.plugins.venues.models import Booking, WaitlistEntry
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY, SUNDAY = "2026-03-14", "2026-03-15"


async def join(scene: Scene, who: Person, day: str, start: str, end: str) -> WaitlistEntry:
    span = {"start": scene.at(f"{day} {start}"), "end": scene.at(f"{day} {end}")}
    return await scene.do(services.join_waitlist, scene.viewer(who), venue_id=scene.venue.id, **span)


async def state(scene: Scene, entry: WaitlistEntry) -> str:
    with scene.district.scope():
        return (await WaitlistEntry.get(id=entry.id)).state


async def booking_of(scene: Scene, entry: WaitlistEntry) -> Booking:
    with scene.district.scope():
        found = await WaitlistEntry.get(id=entry.id).select_related("booking")
    assert found.booking is not None
    return found.booking


async def test_a_no_show_frees_the_time_for_the_first_who_waits(scene: Scene) -> None:
    """AC-08."""
    missed = await scene.book(scene.tree.resident, SUNDAY, "09:00", "10:00")
    entry = await join(scene, scene.tree.neighbour, SUNDAY, "09:00", "10:00")
    assert entry.state == "WAITING"
    await scene.elapse(f"{SUNDAY} 09:14")
    assert (await scene.again(missed)).state == "CONFIRMED"
    await scene.elapse(f"{SUNDAY} 09:15")
    missed, given = await scene.again(missed), await booking_of(scene, entry)
    assert (missed.state, missed.ended_at) == ("NO_SHOW", scene.at(f"{SUNDAY} 09:15"))
    assert (given.state, given.person_id) == ("CONFIRMED", scene.tree.neighbour.id)
    assert await state(scene, entry) == "FULFILLED"
    scene.clock.advance(scene.at(f"{SUNDAY} 09:29"))
    assert (await scene.act(services.check_in, scene.tree.neighbour, given)).state == "IN_USE"


async def test_the_third_no_show_within_ninety_days_bars_for_thirty(scene: Scene) -> None:
    """AC-08."""
    for day in (SUNDAY, "2026-04-05", "2026-05-01"):
        await scene.elapse(f"{day} 08:00")
        await scene.book(scene.tree.resident, day, "09:00", "10:00")
        await scene.elapse(f"{day} 12:00")
    for today in ("2026-05-01 13:00", "2026-05-31 12:00"):
        await scene.elapse(today)
        with pytest.raises(RejectedError) as refused:
            await scene.book(scene.tree.resident, "2026-06-06", "09:00", "10:00")
        assert (refused.value.code, refused.value.details) == ("BARRED", {"until": "2026-05-31"})
    await scene.elapse("2026-06-01 00:00")
    assert (await scene.book(scene.tree.resident, "2026-06-06", "09:00", "10:00")).state == "CONFIRMED"


async def test_well_before_the_start_the_time_is_offered_and_kept_for_half_an_hour(scene: Scene) -> None:
    given_up = await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00")
    entry = await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    await scene.act(services.cancel, scene.tree.staff, given_up)
    assert await state(scene, entry) == "OFFERED"
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.neighbour, SATURDAY, "10:00", "11:00")
    assert refused.value.code == "OVERLAPPING"
    booking = await scene.do(services.take_offer, scene.viewer(scene.tree.resident), entry_id=entry.id)
    assert (booking.state, booking.person_id) == ("CONFIRMED", scene.tree.resident.id)
    assert await state(scene, entry) == "FULFILLED"


async def test_an_offer_that_is_not_taken_goes_to_the_next(scene: Scene) -> None:
    given_up = await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00")
    first = await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    second = await join(scene, scene.tree.neighbour, SATURDAY, "10:00", "11:00")
    await scene.act(services.cancel, scene.tree.staff, given_up)
    await scene.elapse("2026-03-09 08:29")
    assert (await state(scene, first), await state(scene, second)) == ("OFFERED", "WAITING")
    await scene.elapse("2026-03-09 08:30")
    assert (await state(scene, first), await state(scene, second)) == ("LAPSED", "OFFERED")
    with pytest.raises(InvalidTransitionError):
        await scene.do(services.take_offer, scene.viewer(scene.tree.resident), entry_id=first.id)


async def test_on_days_off_residents_come_before_the_owners_staff(scene: Scene) -> None:
    given_up = await scene.book(scene.tree.resident, SATURDAY, "10:00", "11:00")
    staff = await join(scene, scene.tree.staff, SATURDAY, "10:00", "11:00")
    neighbour = await join(scene, scene.tree.neighbour, SATURDAY, "10:00", "11:00")
    await scene.act(services.cancel, scene.tree.resident, given_up)
    assert (await state(scene, staff), await state(scene, neighbour)) == ("WAITING", "OFFERED")


async def test_whoever_leaves_hands_the_offer_on(scene: Scene) -> None:
    given_up = await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00")
    first = await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    second = await join(scene, scene.tree.neighbour, SATURDAY, "10:00", "11:00")
    await scene.act(services.cancel, scene.tree.staff, given_up)
    await scene.do(services.leave_waitlist, scene.viewer(scene.tree.resident), entry_id=first.id)
    assert (await state(scene, first), await state(scene, second)) == ("LEFT", "OFFERED")


async def test_nobody_waits_for_what_is_free(scene: Scene) -> None:
    with pytest.raises(RejectedError) as refused:
        await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    assert refused.value.code == "TIME_IS_FREE"
    with scene.district.scope():
        assert not await WaitlistEntry.exists()


async def test_nobody_waits_twice_for_one_time_or_for_what_is_not_open_to_them(scene: Scene) -> None:
    await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00")
    await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    with pytest.raises(RejectedError) as refused:
        await join(scene, scene.tree.resident, SATURDAY, "10:30", "11:30")
    assert refused.value.code == "OVERLAPPING"
    with pytest.raises(RejectedError) as refused:
        await join(scene, scene.tree.resident, "2026-03-11", "10:00", "11:00")
    assert refused.value.code == "NOT_ELIGIBLE"


async def test_waiting_ends_with_the_time_itself(scene: Scene) -> None:
    taken = await scene.book(scene.tree.staff, SATURDAY, "10:00", "11:00")
    entry = await join(scene, scene.tree.resident, SATURDAY, "10:00", "11:00")
    scene.clock.advance(scene.at(f"{SATURDAY} 10:00"))
    await scene.act(services.check_in, scene.tree.staff, taken)
    await scene.elapse(f"{SATURDAY} 11:00")
    assert await state(scene, entry) == "EXPIRED"
