"""Who booked, waited and did not come is forgotten in time; open appeals wait, the log of use stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.core.config import DistrictConfiguration
from linli.core.districts import District
from linli.core.jobs.retention import rules_of
from linli.core.jobs.sweepers import Sweepers
from linli.core.privacy.retaining import carry_out_batch, due
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.plugins.venues.models import Appeal, Booking, NoShow, Usage, WaitlistEntry
from tests.plugins.venues.api import Api, at
from tests.plugins.venues.conftest import Scene
from tests.plugins.venues.test_appeals import APPEAL, DECIDE, miss

pytestmark = pytest.mark.linli(plugins=["venues"])

SUNDAY = "2026-03-15"
JOIN = """mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) {
    ... on WaitlistEntry { id state } ... on Error { code message } } }"""


def without_plugins(district: District) -> District:
    """The same district in a configuration where nothing is on."""
    settings: DistrictConfiguration = district.configuration
    off = settings.model_copy(update={"plugins": []})
    return District(district.key, off, district.installed, district.store)


async def carry_out(district: District) -> dict[str, int]:
    """Carry out everything; how many rows each rule of venues dealt with."""
    done: dict[str, int] = {}
    with district.scope():
        for rule in await rules_of(district):

            async def batch(_unit: UnitOfWork, what: object = rule) -> int:
                return await carry_out_batch(due(what, district.settings, district.zone))  # type: ignore[arg-type]

            while rows := await transact(batch):
                done[rule.name] = done.get(rule.name, 0) + rows
    return {name: rows for name, rows in done.items() if name.startswith("venues.")}


async def test_what_was_said_goes_first_and_the_rows_later_while_the_log_of_use_stays(api: Api, scene: Scene) -> None:
    used = await api.book(api.tree.neighbour, "2026-03-14", "19:00", "20:00")
    cancelled = await api.book(api.tree.neighbour, "2026-03-14", "10:00", "11:00")
    await api.step(api.tree.neighbour, "cancelBooking", cancelled["id"], reason="腰椎手术后复诊")
    scene.clock.advance(scene.at("2026-03-14 19:00"))
    assert (await api.step(api.owner, "checkInBooking", used["id"]))["state"] == "IN_USE"
    assert (await api.step(api.owner, "checkOutBooking", used["id"]))["state"] == "COMPLETED"
    (missed,) = await miss(api, scene, SUNDAY)
    filed = await (await api.of(api.tree.resident)).mutate(APPEAL, input={"bookingId": missed, "reason": "住院"})
    decided = {"appealId": filed["id"], "uphold": True, "reason": "有住院证明"}
    assert (await api.owner.mutate(DECIDE, input=decided))["state"] == "UPHELD"
    scene.clock.advance(scene.clock.now() + timedelta(days=190))
    assert await carry_out(scene.district) == {"venues.booking_reasons": 1, "venues.no_show_reasons": 1}
    scene.clock.advance(scene.clock.now() + timedelta(days=190))
    assert await carry_out(scene.district) == {"venues.appeals": 1}
    with scene.district.scope():
        appeal = await Appeal.get()
        assert (appeal.state, appeal.reason, appeal.decision) == ("UPHELD", "", None)
        assert (await Booking.all().count(), await NoShow.all().count()) == (3, 1)
    scene.clock.advance(scene.clock.now() + timedelta(days=730))
    off = without_plugins(scene.district)
    assert await carry_out(off) == {"venues.no_shows": 1, "venues.bookings": 3}
    assert await carry_out(off) == {}
    with scene.district.scope():
        assert not await Appeal.exists()
        (log,) = await Usage.all()
        assert (log.heads, log.booking_id) == (1, None)


async def test_who_waited_in_vain_is_forgotten_and_who_waits_is_not(api: Api, scene: Scene) -> None:
    await api.book(api.tree.neighbour, "2026-03-14", "19:00", "20:00")
    resident = await api.of(api.tree.resident)
    span = {"venueId": api.venue, "partySize": 1, "start": at("2026-03-14", "19:00"), "end": at("2026-03-14", "20:00")}
    assert (await resident.mutate(JOIN, input=span))["state"] == "WAITING"
    scene.clock.advance(scene.clock.now() + timedelta(days=200))
    assert "venues.waitlist" not in await carry_out(scene.district)
    await Sweepers([scene.district]).advance(scene.clock.now() + timedelta(minutes=1))
    assert (await carry_out(scene.district))["venues.waitlist"] == 1
    with scene.district.scope():
        assert not await WaitlistEntry.exists()


async def test_what_concerns_an_appeal_stays_until_it_is_decided(api: Api, scene: Scene) -> None:
    (missed,) = await miss(api, scene, SUNDAY)
    filed = await (await api.of(api.tree.resident)).mutate(APPEAL, input={"bookingId": missed, "reason": "住院"})
    scene.clock.advance(scene.clock.now() + timedelta(days=4 * 366))
    assert await carry_out(scene.district) == {}
    with scene.district.scope():
        assert (await Appeal.get()).reason == "住院"
    await api.owner.mutate(DECIDE, input={"appealId": filed["id"], "uphold": False, "reason": "理由不足"})
    assert await carry_out(scene.district) == {"venues.no_shows": 1, "venues.bookings": 1}
