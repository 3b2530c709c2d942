"""The 1+3 opening rule as bookings meet it: AC-01 to AC-04."""

from __future__ import annotations

import pytest

from linli.core.errors import RejectedError
from linli.plugins.venues import services
from linli.plugins.venues.errors import NotEligibleError
from linli.plugins.venues.rules import Tier, WindowKind
from linli.plugins.venues.terms import FeeTerms, Terms
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY, SWAP_DAY = "2026-03-11", "2026-03-14", "2026-10-06"


async def test_the_owners_staff_book_working_hours(scene: Scene) -> None:
    """AC-01."""
    booking = await scene.book(scene.tree.staff, WEDNESDAY, "10:00", "11:00")
    assert (booking.state, booking.window, booking.tier) == ("CONFIRMED", "WORK", "OWN_STAFF")
    assert (booking.unit, booking.fee, booking.day_kind) == (1, 0, "WORKDAY")


@pytest.mark.parametrize(
    ("who", "following"),
    [
        pytest.param("partner_staff", "2026-03-11 18:00", id="AC-01 partner"),
        pytest.param("resident", "2026-03-14 07:00", id="AC-01 resident"),
    ],
)
async def test_others_are_refused_working_hours_and_told_when_they_may_come(
    scene: Scene, who: str, following: str
) -> None:
    with pytest.raises(NotEligibleError) as refused:
        await scene.book(getattr(scene.tree, who), WEDNESDAY, "14:00", "15:00")
    assert (refused.value.code, refused.value.window) == ("NOT_ELIGIBLE", WindowKind.WORK)
    assert refused.value.next_eligible_start == scene.at(following)


async def test_after_hours_are_for_partner_units(scene: Scene) -> None:
    """AC-02."""
    booking = await scene.book(scene.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    assert (booking.state, booking.window, booking.tier) == ("CONFIRMED", "AFTER_HOURS", "PARTNER_STAFF")
    with pytest.raises(NotEligibleError) as refused:
        await scene.book(scene.tree.resident, WEDNESDAY, "20:00", "21:00")
    assert (refused.value.code, refused.value.window) == ("NOT_ELIGIBLE", WindowKind.AFTER_HOURS)
    with pytest.raises(NotEligibleError) as refused:
        await scene.book(scene.tree.stranger_staff, WEDNESDAY, "19:00", "20:00")
    assert refused.value.code == "NO_ACTIVE_AGREEMENT"


async def test_days_off_are_free_for_residents_whatever_the_owner_wants(scene: Scene) -> None:
    """AC-03."""
    booking = await scene.book(scene.tree.resident, SATURDAY, "09:00", "11:00")
    assert (booking.state, booking.window, booking.fee) == ("CONFIRMED", "OFF", 0)
    fee = Terms(fees=(FeeTerms(window=WindowKind.OFF, tier=Tier.RESIDENT, fen=1000),))
    with pytest.raises(RejectedError) as refused:
        await scene.do(services.set_policy, scene.owner, venue_id=scene.venue.id, terms=fee)
    assert refused.value.code == "FEE_NOT_ALLOWED"


async def test_a_swap_day_inside_a_holiday_is_a_day_off(scene: Scene) -> None:
    """AC-04."""
    booking = await scene.book(scene.tree.resident, SWAP_DAY, "10:00", "12:00")
    assert (booking.state, booking.window, booking.day_kind) == ("CONFIRMED", "OFF", "HOLIDAY_ADJUSTED")
    with pytest.raises(NotEligibleError) as refused:
        await scene.book(scene.tree.partner_staff, SWAP_DAY, "14:00", "15:00")
    assert refused.value.code == "OFF_DAY_PARTNERS_DISABLED"


@pytest.mark.linli(plugins=["venues"], settings={"venues": {"off_day_partners": True}})
async def test_a_setting_opens_days_off_to_partners(scene: Scene) -> None:
    """AC-04."""
    booking = await scene.book(scene.tree.partner_staff, SWAP_DAY, "10:00", "12:00")
    assert (booking.state, booking.tier) == ("CONFIRMED", "PARTNER_STAFF")


async def test_terms_of_one_venue_hold_there_and_are_named_in_its_decisions(scene: Scene) -> None:
    other = await scene.add_venue(name="示例阅览室")
    await scene.do(services.set_policy, scene.owner, venue_id=scene.venue.id, terms=Terms(off_day_partners=True))
    opened = await scene.book(scene.tree.partner_staff, SATURDAY, "10:00", "11:00")
    assert opened.policy_version.startswith("1-")
    with pytest.raises(NotEligibleError):
        await scene.book(scene.tree.partner_staff, SATURDAY, "10:00", "11:00", venue=other)
    usual = await scene.book(scene.tree.resident, SATURDAY, "10:00", "11:00", venue=other)
    assert usual.policy_version.startswith("0-")
    assert usual.policy_version[1:] == opened.policy_version[1:]
    assert usual.calendar_version == opened.calendar_version
