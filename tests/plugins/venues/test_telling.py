"""Bookers are told what others made of their bookings; not what they did themselves."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.deliveries.deliverer import Deliverer
from linli.core.districts import District
from linli.core.inbox.models import Notification
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import Api, at, set_up

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY = "2026-03-14"
INBOX = """{ viewer { unreadCount notifications { nodes { kind title text needsAck
    subject { id } } } } }"""
CLOSE = """mutation ($input: CloseVenueInput!) { closeVenue(input: $input) { __typename
    ... on Error { code message } } }"""
JOIN = """mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) {
    ... on WaitlistEntry { id } ... on Error { code } } }"""
TOLD = "2026-03-14 09:00–10:00"


@pytest.fixture
async def asked(client: Clients, tree: Tree, clock: FrozenClock) -> Api:
    """A court whose bookings the owner approves."""
    owner, venue = await set_up(client, tree, requiresApproval=True)
    return Api(client, tree, clock, owner, venue["id"])


async def told(district: District, who: Client, language: str = "en") -> list[dict[str, Any]]:
    """What somebody was told, once all handlers were."""
    await Deliverer(district).drain()
    answer = await who.query(INBOX, headers={"accept-language": language})
    found: list[dict[str, Any]] = answer.data["viewer"]["notifications"]["nodes"]
    return found


async def test_a_booker_is_told_of_the_approval_once_and_not_of_the_own_request(
    asked: Api, district: District, tree: Tree
) -> None:
    resident = await asked.of(tree.resident)
    booking = await asked.book(resident, SATURDAY, "09:00", "10:00")
    assert booking["state"] == "REQUESTED"
    assert await told(district, resident) == []
    await asked.step(asked.owner, "approveBooking", booking["id"])
    (one,) = await told(district, resident)
    assert (one["kind"], one["title"]) == ("venues.booking_approved", "Your booking is confirmed")
    assert one["text"] == f"示例篮球场, {TOLD}: your booking is confirmed."
    assert one["subject"] == {"id": booking["id"]}
    (chinese,) = await told(district, resident, "zh-CN")
    assert (chinese["title"], chinese["text"]) == ("预约已确认", f"示例篮球场，{TOLD}：您的预约已确认。")
    assert await told(district, await asked.of(tree.neighbour)) == []


async def test_a_booker_is_told_of_a_rejection(asked: Api, district: District, tree: Tree) -> None:
    resident = await asked.of(tree.resident)
    booking = await asked.book(resident, SATURDAY, "09:00", "10:00")
    await asked.step(asked.owner, "rejectBooking", booking["id"], reason="设备检修")
    assert [one["kind"] for one in await told(district, resident)] == ["venues.booking_rejected"]


async def test_cancelling_is_told_where_the_owner_did_it_and_not_where_the_booker_did(
    api: Api, district: District, tree: Tree
) -> None:
    resident = await api.of(tree.resident)
    one, other = [
        await api.book(resident, SATURDAY, start, end) for start, end in (("09:00", "10:00"), ("11:00", "12:00"))
    ]
    await api.step(resident, "cancelBooking", one["id"])
    assert await told(district, resident) == []
    await api.step(api.owner, "cancelBooking", other["id"], reason="设备检修")
    (found,) = await told(district, resident)
    assert (found["kind"], found["subject"]["id"]) == ("venues.booking_cancelled", other["id"])


async def test_a_displaced_booking_has_to_be_acknowledged(api: Api, district: District, tree: Tree) -> None:
    resident = await api.of(tree.resident)
    booking = await api.book(resident, SATURDAY, "09:00", "10:00")
    closed = await api.owner.mutate(
        CLOSE,
        input={
            "venueId": api.venue,
            "start": at(SATURDAY, "08:00"),
            "end": at(SATURDAY, "12:00"),
            "kind": "MAINTENANCE",
            "reason": "检修",
        },
    )
    assert "code" not in closed, closed
    (found,) = await told(district, resident)
    assert (found["kind"], found["needsAck"]) == ("venues.booking_displaced", True)
    assert found["subject"] == {"id": booking["id"]}


async def test_whoever_waits_is_told_of_an_offer_and_until_when(
    api: Api, district: District, tree: Tree, clock: FrozenClock
) -> None:
    first, second = await api.of(tree.resident), await api.of(tree.neighbour)
    booking = await api.book(first, SATURDAY, "09:00", "10:00")
    given = {"venueId": api.venue, "start": at(SATURDAY, "09:00"), "end": at(SATURDAY, "10:00")}
    entry = await second.mutate(JOIN, input=given)
    assert await told(district, second) == []
    await api.step(first, "cancelBooking", booking["id"])
    (found,) = await told(district, second)
    assert (found["kind"], found["subject"]["id"]) == ("venues.waitlist_offered", entry["id"])
    assert TOLD in found["text"]
    assert "accept it until 2026-03-" in found["text"]


async def test_a_booking_made_by_staff_is_told_as_an_act_for_the_person(
    api: Api, district: District, tree: Tree
) -> None:
    staff = await api.clients("community-staff", at=tree.community)
    call = {"personId": f"{await person_id(api)}", "evidenceKind": "CALL", "evidence": "3月9日来电", "channel": "PHONE"}
    made = await api.book(staff, SATURDAY, "09:00", "10:00", onBehalfOf=call)
    assert made["__typename"] == "Booking", made
    (found,) = await told(district, await api.of(tree.resident))
    assert (found["kind"], found["title"]) == ("core.acted_for", "Somebody acted for you")


async def person_id(api: Api) -> str:
    found = await (await api.of(api.tree.resident)).data("{ viewer { person { id } } }")
    return str(found["viewer"]["person"]["id"])


async def test_a_refused_step_tells_nobody(asked: Api, district: District, tree: Tree) -> None:
    resident = await asked.of(tree.resident)
    booking = await asked.book(resident, SATURDAY, "09:00", "10:00")
    refused = await asked.step(tree.neighbour, "approveBooking", booking["id"])
    assert "code" in refused
    await Deliverer(district).drain()
    with district.scope():
        assert await Notification.all().count() == 0
