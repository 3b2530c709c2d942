"""Bookings follow the calendar and the agreements, through the doors by which those change."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.jobs.sweeper import Sweeper
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

BOOK = """mutation ($input: BookVenueInput!) { bookVenue(input: $input) {
    ... on Booking { id state } ... on Error { message errorCode: code } } }"""
STATE = "query ($id: ID!) { booking(id: $id) { state history { nodes { type } } } }"
CREATE = "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { ... on Venue { id } } }"
IMPORT = """mutation ($schedule: JSON!) { importCalendar(input: {year: 2027, schedule: $schedule}) {
    __typename ... on Error { message } } }"""


@pytest.fixture
async def court(client: Clients, tree: Tree) -> str:
    """An exclusive court of the tree's unit."""
    owner = await client("district-admin")
    made = await owner.mutate(
        CREATE,
        input={
            "name": "示例篮球场",
            "kind": "COURT",
            "ownerId": global_id("OrgNode", tree.unit.id),
            "communityId": global_id("OrgNode", tree.community.id),
            "capacity": 20,
            "exclusive": True,
        },
    )
    return str(made["id"])


async def booked(asking: Client, court: str, day: str, start: str, end: str) -> Any:
    zone = "+08:00"
    return await asking.mutate(
        BOOK, input={"venueId": court, "start": f"{day}T{start}:00{zone}", "end": f"{day}T{end}:00{zone}"}
    )


@pytest.mark.linli(plugins=["venues"])
async def test_a_provisional_booking_is_confirmed_when_the_schedule_is_imported(
    client: Clients, tree: Tree, district: District, court: str
) -> None:
    staff = await client(person=tree.staff)
    booking = await booked(staff, court, "2027-03-10", "10:00", "11:00")
    assert booking["state"] == "PROVISIONAL"
    boss = await client("district-admin")
    schedule = {"year": 2027, "papers": ["http://gov.example/2027"], "days": []}
    assert (await boss.mutate(IMPORT, schedule=schedule))["__typename"] == "CalendarSchedule"
    await Sweeper(district).sweep()
    assert (await staff.data(STATE, id=booking["id"]))["booking"]["state"] == "CONFIRMED"


@pytest.mark.linli(plugins=["venues"])
async def test_partners_lose_their_bookings_when_the_agreement_ends(
    client: Clients, tree: Tree, district: District, court: str, clock: FrozenClock
) -> None:
    partner = await client(person=tree.partner_staff)
    booking = await booked(partner, court, "2026-03-11", "19:00", "20:00")
    assert booking["state"] == "CONFIRMED"
    boss = await client("district-admin")
    found = await boss.data(
        "query ($id: ID!) { org(id: $id) { relations(kind: CO_BUILDS) { nodes { id } } } }",
        id=global_id("OrgNode", tree.partner.id),
    )
    (agreement,) = found["org"]["relations"]["nodes"]
    await boss.mutate("mutation ($id: ID!) { endRelation(input: {id: $id}) { __typename } }", id=agreement["id"])
    await Sweeper(district).sweep()
    told = (await partner.data(STATE, id=booking["id"]))["booking"]
    assert told["state"] == "DISPLACED"
