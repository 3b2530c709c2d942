"""A person is erased: what lies ahead is called off, the log of use stays without the person."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.config import DistrictConfiguration
from linli.core.districts import District, Platform
from linli.core.people.models import Person
from linli.core.privacy.erasing import erase_everywhere
from linli.core.privacy.event_types import PERSON_ERASED, PersonErased
from linli.core.privacy.exporting import document
from linli.core.privacy.holdings import Erasure
from linli.core.records.events import append
from linli.core.records.models import EventPayload
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.core.records.verify import verify
from linli.plugins.venues.models import Appeal, Booking, NoShow, Usage, WaitlistEntry
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.plugins.venues.api import Api, at

pytestmark = pytest.mark.linli(plugins=["venues"])

REASON = "腰椎手术后复诊"
ASK = """mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { ... on PersonRequest { id state } } }"""
CONFIRM = """mutation ($input: ConfirmPersonRequestInput!) { confirmPersonRequest(input: $input) {
    ... on PersonRequest { state erased { what columns } kept { plugin what rows reason } }
    ... on Error { code message } } }"""
JOIN = """mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) {
    ... on WaitlistEntry { id state } ... on Error { code message } } }"""


async def erase(client: Clients, tree: Tree) -> Any:
    first, second = await client("district-official"), await client("district-official")
    asked = await first.mutate(ASK, input={"personId": global_id("Person", tree.resident.id), "reason": "moved"})
    return await second.mutate(CONFIRM, input={"id": asked["id"]})


async def test_what_lies_ahead_is_called_off_and_whoever_waits_gets_the_time(
    api: Api, client: Clients, tree: Tree, district: District
) -> None:
    booked = await api.book(tree.resident, "2026-03-14", "19:00", "20:00")
    taken = await api.book(tree.neighbour, "2026-03-15", "19:00", "20:00")
    assert taken["__typename"] == booked["__typename"] == "Booking"
    span = {"venueId": api.venue, "partySize": 1}
    mine = {**span, "start": at("2026-03-15", "19:00"), "end": at("2026-03-15", "20:00")}
    assert (await (await api.of(tree.resident)).mutate(JOIN, input=mine))["state"] == "WAITING"
    theirs = {**span, "start": at("2026-03-14", "19:00"), "end": at("2026-03-14", "20:00")}
    waiting = await (await api.of(tree.neighbour)).mutate(JOIN, input=theirs)
    assert waiting["state"] == "WAITING"
    done = await erase(client, tree)
    assert done["state"] == "DONE", done
    with district.scope():
        own = await Booking.get(person_id=tree.resident.id)
        assert own.state == "CANCELLED"
        assert not await NoShow.filter(person_id=tree.resident.id).exists()
        assert (await WaitlistEntry.get(person_id=tree.resident.id)).state == "LEFT"
        assert (await WaitlistEntry.get(person_id=tree.neighbour.id)).state == "OFFERED"


async def test_what_was_said_of_a_booking_goes_and_the_log_of_use_stays(
    api: Api, client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    booked = await api.book(tree.resident, "2026-03-14", "19:00", "20:00")
    await api.step(tree.resident, "cancelBooking", booked["id"], reason=REASON)
    used = await api.book(tree.resident, "2026-03-15", "19:00", "20:00")
    clock.advance(clock.now().replace(day=15, hour=11, minute=0))
    assert (await api.step(api.owner, "checkInBooking", used["id"]))["state"] == "IN_USE"
    assert (await api.step(api.owner, "checkOutBooking", used["id"]))["state"] == "COMPLETED"
    with district.scope():
        assert not [row for row in await EventPayload.all() if REASON in str(vars(row))]
        told = await document(district, tree.resident.id)
        assert REASON in str(told)
        assert {part["what"] for part in told["records"] if part["plugin"] == "venues"} == {
            "venues_booking",
            "venues_usage",
        }
    done = await erase(client, tree)
    kept = {part["what"]: part for part in done["kept"] if part["plugin"] == "venues"}
    assert (kept["venues_booking"]["rows"], kept["venues_usage"]["rows"]) == (2, 1)
    assert kept["venues_usage"]["reason"].startswith("使用台账")
    with district.scope():
        await seal_now(district.store)
        assert await Usage.all().count() == 1
        assert {booking.reason for booking in await Booking.all()} == {None}
        assert not await Appeal.exists()
        result = await verify()
        assert result.ok
        assert result.erased == 1
        assert REASON not in str(await document(district, tree.resident.id))


def without_plugins(district: District) -> District:
    """The same district in a configuration where nothing is on."""
    settings: DistrictConfiguration = district.configuration
    off = settings.model_copy(update={"plugins": []})
    return District(district.key, off, district.installed, district.store)


async def test_a_plugin_that_is_off_hands_out_and_erases_what_it_keeps(
    api: Api, tree: Tree, district: District, platform: Platform
) -> None:
    booked = await api.book(tree.resident, "2026-03-14", "19:00", "20:00")
    await api.step(tree.resident, "cancelBooking", booked["id"], reason=REASON)
    off = without_plugins(district)
    assert [plugin.name for plugin in off.plugins] == []

    async def erase(_unit: UnitOfWork) -> dict[str, Erasure]:
        done = dict(await erase_everywhere(off, tree.resident.id))
        told = PersonErased(plugins=tuple(done), erased_rows=1, kept_rows=0)
        await append(PERSON_ERASED, "Person", tree.resident.id, told)  # as a request's confirmation does
        return done

    with off.scope():
        await seal_now(off.store)
        told = await document(off, tree.resident.id)
        (bookings,) = (part["rows"] for part in told["records"] if part["what"] == "venues_booking")
        assert bookings[0]["reason"] == REASON
        assert "venues.cancelled" in {event["type"] for event in told["history"]}
        parts = await transact(erase)
        assert {one.what for one in parts["venues"].erased} == {"venues_booking"}
        assert (await Booking.get()).reason is None
        await seal_now(off.store)
        assert (await verify()).ok


@pytest.mark.linli(plugins=[])
async def test_a_plugin_without_tables_is_not_asked(tree: Tree, district: District) -> None:
    with district.scope():
        assert "venues" not in (await district.stewards()).enabled
        parts = await transact(lambda _unit: erase_everywhere(district, tree.resident.id))
    assert [plugin for plugin, _ in parts] == ["core"]


async def test_where_one_plugin_fails_nobody_is_erased_and_nothing_is_handed_out(
    api: Api, client: Clients, tree: Tree, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise LookupError("the cupboard is locked")

    monkeypatch.setattr("linli.plugins.venues.services.persons.erase", fail)
    monkeypatch.setattr("linli.core.privacy.holdings.export_rows", fail)
    first, second = await client("district-official"), await client("district-official")
    given = {"personId": global_id("Person", tree.resident.id)}
    asked = await first.mutate(ASK, input={**given, "reason": "moved"})
    answer = await second.query(CONFIRM, input={"id": asked["id"]})
    assert answer.errors[0]["extensions"]["code"] == "INTERNAL"
    assert "cupboard" not in str(answer.errors)
    with district.scope():
        person = await Person.get(id=tree.resident.id)
        assert (person.name, person.erased_at) == ("示例丙", None)
        with pytest.raises(LookupError, match="cupboard"):
            await document(district, tree.resident.id)
