"""Booking for others: guardians, proxies within their scope, confirmed kin, staff; whom it is for is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.core.access.acted_for_models import ActedFor
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.plugins.venues.models import Booking
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import Api, at, set_up

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY = "2026-03-14"
CLAIM = """mutation ($input: ClaimPersonRelationInput!) { claimPersonRelation(input: $input) {
    ... on PersonRelation { id } ... on Error { code } } }"""
CONFIRM = """mutation ($input: ConfirmPersonRelationInput!) { confirmPersonRelation(input: $input) {
    ... on PersonRelation { state } ... on Error { code } } }"""
JOIN = """mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { __typename
    ... on WaitlistEntry { id state channel } ... on Error { code path } } }"""
BOOKING = "query ($id: ID!) { booking(id: $id) { channel person { id } } }"
TOLD = """{ viewer { actedForUnseen actedFor { nodes { action capacity channel evidenceKind evidence by
    subject { id } } } } }"""
CALL = {"evidenceKind": "CALL", "evidence": "3月9日来电", "channel": "PHONE"}


def gid(person: Person) -> str:
    return global_id("Person", person.id)


def behalf(person: Person, **more: Any) -> dict[str, Any]:
    return {"onBehalfOf": {"personId": gid(person), **more}}


async def relate(clients: Clients, tree: Tree, role: str, **more: Any) -> None:
    """The neighbour is something to the resident."""
    one, other = [await clients("community-staff", at=tree.community) for _ in range(2)]
    two = {"personId": gid(tree.resident), "relativeId": gid(tree.neighbour)}
    claimed = await one.mutate(CLAIM, input={**two, "role": role, **more})
    confirmed = await other.mutate(CONFIRM, input={"id": claimed["id"], "evidence": "户口簿"})
    assert confirmed == {"state": "CONFIRMED"}


@pytest.fixture
async def guardian(api: Api, district: District, tree: Tree) -> Client:
    """The neighbour, whose ward the resident is: a child of ten."""

    async def grow(_unit: object) -> None:
        await Person.filter(id=tree.neighbour.id).update(birth_date=date(1985, 6, 1))
        await Person.filter(id=tree.resident.id).update(birth_date=date(2016, 3, 10))

    with district.scope():
        await transact(grow)
    await relate(api.clients, tree, "GUARDIAN")
    return await api.of(tree.neighbour)


async def news(api: Api) -> Any:
    return (await (await api.of(api.tree.resident)).data(TOLD))["viewer"]


async def book(api: Api, who: Client, **more: Any) -> Any:
    return await api.book(who, SATURDAY, "09:00", "10:00", **more)


async def test_a_guardian_books_for_the_ward_and_reads_the_booking(api: Api, guardian: Client, tree: Tree) -> None:
    made = await book(api, guardian, **behalf(tree.resident))
    assert (made["__typename"], made["state"], made["tier"]) == ("Booking", "CONFIRMED", "RESIDENT")
    shown = {"channel": "APP", "person": {"id": gid(tree.resident)}}
    assert await guardian.data(BOOKING, id=made["id"]) == {"booking": shown}
    told = await news(api)
    (one,) = told["actedFor"]["nodes"]
    assert (told["actedForUnseen"], one["action"], one["capacity"]) == (1, "bookVenue", "GUARDIAN")
    assert (one["by"], one["subject"]) == ("示例戊", {"id": made["id"]})
    waiting = {"venueId": api.venue, "start": at(SATURDAY, "09:00"), "end": at(SATURDAY, "10:00")}
    entry = await guardian.mutate(JOIN, input={**waiting, "personId": gid(tree.resident)})
    assert (entry["__typename"], entry["channel"]) == ("WaitlistEntry", "APP")


async def test_confirmed_kin_book_once_for_a_repeated_request(api: Api, tree: Tree, district: District) -> None:
    neighbour = await api.of(tree.neighbour)
    assert (await book(api, neighbour, **behalf(tree.resident)))["code"] == "FORBIDDEN"
    await relate(api.clients, tree, "NEXT_OF_KIN")
    given = {**behalf(tree.resident), "requestId": "kin-1"}
    made = await book(api, neighbour, **given)
    assert made["state"] == "CONFIRMED"
    assert (await book(api, neighbour, **given))["id"] == made["id"]
    assert await neighbour.data(BOOKING, id=made["id"]) == {"booking": None}
    assert (await news(api))["actedFor"]["nodes"][0]["capacity"] == "FAMILY"
    with district.scope():
        assert await Booking.all().count() == await ActedFor.all().count() == 1


async def test_a_proxy_books_where_the_scope_says_so(api: Api, tree: Tree) -> None:
    neighbour, period = await api.of(tree.neighbour), {"validTo": "2026-06-01T00:00:00+08:00"}
    await relate(api.clients, tree, "PROXY", scope=["core.consent"], **period)
    assert (await book(api, neighbour, **behalf(tree.resident)))["code"] == "FORBIDDEN"


async def test_a_proxy_for_bookings_reads_them_too(api: Api, tree: Tree) -> None:
    neighbour, period = await api.of(tree.neighbour), {"validTo": "2026-06-01T00:00:00+08:00"}
    before = await book(api, await api.of(tree.resident))
    assert await neighbour.data(BOOKING, id=before["id"]) == {"booking": None}
    await relate(api.clients, tree, "PROXY", scope=["venues.booking"], **period)
    assert await neighbour.data(BOOKING, id=before["id"]) == {
        "booking": {"channel": "APP", "person": {"id": gid(tree.resident)}}
    }
    made = await api.book(neighbour, SATURDAY, "10:00", "11:00", **behalf(tree.resident))
    assert made["state"] == "CONFIRMED"
    assert (await news(api))["actedFor"]["nodes"][0]["capacity"] == "PROXY"


async def test_staff_book_with_evidence_and_the_person_reads_it(api: Api, tree: Tree, district: District) -> None:
    staff = await api.clients("community-staff", at=tree.community)
    refused = await book(api, staff, **behalf(tree.resident))
    assert [one["code"] for one in refused["fields"]] == ["REQUIRED", "TEXT"]
    twice = await book(api, staff, personId=gid(tree.neighbour), **behalf(tree.resident, **CALL))
    assert [one["code"] for one in twice["fields"]] == ["DIFFERS"]
    with district.scope():
        assert not await Booking.exists()
    made = await book(api, staff, **behalf(tree.resident, **CALL))
    assert (await staff.data(BOOKING, id=made["id"]))["booking"]["channel"] == "PHONE"
    (one,) = (await news(api))["actedFor"]["nodes"]
    assert (one["capacity"], one["channel"], one["evidenceKind"], one["evidence"]) == (
        "STAFF",
        "PHONE",
        "CALL",
        "3月9日来电",
    )


async def test_staff_who_name_the_person_alone_book_at_the_counter_and_the_person_is_told(api: Api, tree: Tree) -> None:
    staff = await api.clients("community-staff", at=tree.community)
    made = await book(api, staff, personId=gid(tree.resident))
    assert (await staff.data(BOOKING, id=made["id"]))["booking"]["channel"] == "COUNTER"
    told = await news(api)
    assert (told["actedForUnseen"], told["actedFor"]["nodes"][0]["evidenceKind"]) == (1, None)


async def test_what_is_refused_tells_nobody_anything(
    api: Api, guardian: Client, tree: Tree, district: District
) -> None:
    workday = await api.book(guardian, "2026-03-11", "10:00", "11:00", **behalf(tree.resident))
    assert workday["code"] == "NOT_ELIGIBLE"
    stranger = await api.of(tree.staff)
    assert (await book(api, stranger, **behalf(tree.resident)))["code"] == "FORBIDDEN"
    assert (await book(api, stranger, onBehalfOf={"personId": "x"}))["code"] == "NOT_FOUND"
    with district.scope():
        assert not await ActedFor.exists()


async def test_a_guardian_takes_the_wards_steps_and_the_ward_is_told(api: Api, guardian: Client, tree: Tree) -> None:
    made = await book(api, await api.of(tree.resident))
    actions = "query ($id: ID!) { booking(id: $id) { availableActions { name allowed } } }"
    offered = (await guardian.data(actions, id=made["id"]))["booking"]["availableActions"]
    assert {"name": "cancelBooking", "allowed": True} in offered
    assert (await api.step(guardian, "cancelBooking", made["id"]))["state"] == "CANCELLED"
    (one,) = (await news(api))["actedFor"]["nodes"]
    assert (one["action"], one["capacity"], one["subject"]) == ("cancelBooking", "GUARDIAN", {"id": made["id"]})
    assert (await api.step(guardian, "cancelBooking", made["id"]))["code"] == "INVALID_TRANSITION"
    assert (await news(api))["actedForUnseen"] == 1  # what is refused is told to nobody


async def test_a_guardian_who_manages_the_venue_does_not_approve_the_wards_request(
    client: Clients, tree: Tree, guardian: Client, api: Api
) -> None:
    """Domain R9: the guardian counts as the ward."""
    owner, venue = await set_up(client, tree, name="示例会议室", requiresApproval=True)
    there = Api(client, tree, api.clock, owner, venue["id"])
    asked = await book(there, await api.of(tree.resident))
    assert asked["state"] == "REQUESTED"
    at_work = await client("unit-admin", at=tree.unit, person=tree.neighbour)
    assert (await there.step(at_work, "approveBooking", asked["id"]))["code"] == "SELF_VERIFICATION"
    assert (await there.step(owner, "approveBooking", asked["id"]))["state"] == "CONFIRMED"


async def test_a_series_is_booked_for_a_ward_too(api: Api, guardian: Client, tree: Tree) -> None:
    series = """mutation ($input: BookSeriesInput!) { bookSeries(input: $input) { __typename
        ... on BookingSeries { id } ... on Error { code } } }"""
    days = {
        "firstDay": "2026-03-14",
        "lastDay": "2026-03-22",
        "weekdays": ["SATURDAY"],
        "start": "09:00",
        "end": "10:00",
    }
    made = await guardian.mutate(series, input={"venueId": api.venue, **days, **behalf(tree.resident)})
    (one,) = (await news(api))["actedFor"]["nodes"]
    assert (one["action"], one["subject"]) == ("bookSeries", {"id": made["id"]})
