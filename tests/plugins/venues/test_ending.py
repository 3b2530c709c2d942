"""Venues whose owner ends, venues where their owner is not, and what anybody may know of an owner. Over GraphQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.graph.imports import Outcome, import_orgs
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.models import Event
from tests.plugins.venues.api import CREATE, Api, at, org
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY = "2026-03-11", "2026-03-14"
END = "mutation ($input: EndOrgInput!) { endOrg(input: $input) { __typename ... on Error { code message } } }"
RELATE = """mutation ($input: CreateRelationInput!) { createRelation(input: $input) { __typename
  ... on Error { code message } } }"""
STATES = "{ bookings { nodes { state alternatives { start } } } noShows { totalCount } }"
UPDATE = "mutation ($input: UpdateOrgInput!) { updateOrg(input: $input) { __typename ... on Error { message } } }"
CREDIT_CODE = "91110000600037341L"
OWNER = """query ($id: ID!) { org(id: $id) { kind code name attributes location { lon } validTo
  parent { name } relations { totalCount } history { totalCount } } }"""


async def end(api: Api, node: Any) -> None:
    boss = await api.clients("district-admin")
    ended = await boss.mutate(END, input={"id": org(node)})
    assert ended["__typename"] == "OrgNode", ended


async def test_when_the_owner_ends_bookings_give_way_and_nobody_books_any_more(api: Api, scene: Scene) -> None:
    ends = {"ownerId": org(api.tree.unit), "communityId": org(api.tree.community)}
    given = {"name": "示例会议室", "kind": "MEETING_ROOM", "capacity": 12, "requiresApproval": True, **ends}
    room = await api.owner.mutate(CREATE, input=given)
    asked = await api.book(api.tree.neighbour, SATURDAY, "10:00", "11:00", venueId=room["id"])
    booked = await api.book(api.tree.resident, SATURDAY, "10:00", "11:00")
    assert (asked["state"], booked["state"]) == ("REQUESTED", "CONFIRMED")
    await end(api, api.tree.unit)
    await Sweepers([scene.district]).advance(scene.clock.now())
    resident, neighbour = await api.of(api.tree.resident), await api.of(api.tree.neighbour)
    assert await resident.data(STATES) == {
        "bookings": {"nodes": [{"state": "DISPLACED", "alternatives": []}]},
        "noShows": {"totalCount": 0},
    }
    assert (await neighbour.data(STATES))["bookings"]["nodes"] == [{"state": "REJECTED", "alternatives": []}]
    refused = await api.book(neighbour, SATURDAY, "12:00", "13:00")
    assert (refused["__typename"], refused["code"], refused["path"]) == ("RejectedError", "VENUE_ENDED", ["venueId"])
    shown = await neighbour.data(
        """query ($id: ID!, $start: DateTime!, $end: DateTime!) { venue(id: $id) { name
          windows(from: "2026-03-14", to: "2026-03-15") { start }
          availability(from: "2026-03-14", to: "2026-03-15") { start }
          eligibility(start: $start, end: $end) { eligible reason nextEligibleStart } } }""",
        id=api.venue,
        start=at(SATURDAY, "12:00"),
        end=at(SATURDAY, "13:00"),
    )
    assert shown["venue"] == {
        "name": "示例篮球场",
        "windows": [],
        "availability": [],
        "eligibility": {"eligible": False, "reason": "OUTSIDE_OPENING_HOURS", "nextEligibleStart": None},
    }


async def test_when_a_partner_unit_ends_its_staffs_bookings_give_way(api: Api, scene: Scene) -> None:
    partner = await api.of(api.tree.partner_staff)
    assert (await api.book(partner, WEDNESDAY, "19:00", "20:00"))["state"] == "CONFIRMED"
    own = await api.book(api.tree.staff, WEDNESDAY, "20:00", "21:00")
    await end(api, api.tree.partner)
    await Sweepers([scene.district]).advance(scene.clock.now())
    assert [one["state"] for one in (await partner.data(STATES))["bookings"]["nodes"]] == ["DISPLACED"]
    left = await api.owner.data("query ($id: ID!) { booking(id: $id) { state } }", id=own["id"])
    assert left["booking"]["state"] == "CONFIRMED"


@pytest.mark.parametrize(
    ("left", "states"),
    [
        (("U2", "U3"), {"partner": "DISPLACED", "own": "DISPLACED", "resident": "DISPLACED"}),
        (("U1", "U3"), {"partner": "DISPLACED", "own": "CONFIRMED", "resident": "CONFIRMED"}),
        (("U1", "U2"), {"partner": "CONFIRMED", "own": "CONFIRMED", "resident": "CONFIRMED"}),
    ],
)
async def test_an_import_that_ends_a_unit_is_followed_by_the_bookings(
    api: Api, scene: Scene, left: tuple[str, ...], states: dict[str, str]
) -> None:
    """Without U1, the owner, all bookings give way; without U2, which builds jointly, those of its staff."""
    clients = {
        "partner": await api.of(api.tree.partner_staff),
        "own": await api.of(api.tree.staff),
        "resident": await api.of(api.tree.resident),
    }
    booked = {
        "partner": await api.book(clients["partner"], WEDNESDAY, "19:00", "20:00"),
        "own": await api.book(clients["own"], WEDNESDAY, "20:00", "21:00"),
        "resident": await api.book(clients["resident"], SATURDAY, "10:00", "11:00"),
    }
    assert {one["state"] for one in booked.values()} == {"CONFIRMED"}
    code = api.tree.community.code
    lines = [f"{unit},RESIDENT_UNIT,示例单位{unit[1]},COMMUNITY:{code}" for unit in left]
    file = "\n".join(["code,kind,name,parent_code", *lines]).encode()
    district = scene.district
    with district.scope():
        report = await import_orgs(file, district.kinds, district.zone, scope=code, apply=[Outcome.GONE])
    assert (report.written, report.problems) == (True, [])
    await Sweepers([district]).advance(scene.clock.now())
    found = {who: (await client.data(STATES))["bookings"]["nodes"] for who, client in clients.items()}
    assert {who: one["state"] for who, (one,) in found.items()} == states


async def test_no_unit_plants_a_venue_in_a_community_where_it_is_not(api: Api) -> None:
    given = {"name": "示例活动室", "kind": "OTHER", "capacity": 5, "ownerId": org(api.tree.unit)}
    there = {**given, "communityId": org(api.tree.other_community)}
    refused = await api.owner.mutate(CREATE, input={**there, "capacity": 0})
    assert (refused["__typename"], refused["code"], refused["path"]) == ("RejectedError", "FORBIDDEN", ["communityId"])
    boss = await api.clients("district-admin")
    ends = {"sourceId": org(api.tree.unit), "targetId": org(api.tree.other_community)}
    assert (await boss.mutate(RELATE, input={"kind": "STATIONED_IN", **ends}))["__typename"] == "OrgRelation"
    assert (await api.owner.mutate(CREATE, input=there))["__typename"] == "Venue"
    street = {**given, "communityId": org(api.tree.community), "ownerId": org(api.tree.other_street)}
    assert (await boss.mutate(CREATE, input=street))["__typename"] == "Venue"


async def test_anybody_knows_who_owns_a_venue_and_no_more_of_it(
    api: Api, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    boss = await api.clients("district-admin")
    values = {"attributes": {"creditCode": CREDIT_CODE}, "location": {"lon": 113.1, "lat": 29.3, "crs": "WGS84"}}
    made = await boss.mutate(UPDATE, input={"id": org(api.tree.unit), **values})
    assert made["__typename"] == "OrgNode", made
    assert await events()
    nobody, resident = await api.clients(), await api.of(api.tree.resident)
    community = await api.clients("community-staff", at=api.tree.community)
    known = {"kind": "RESIDENT_UNIT", "code": "U1", "name": "示例单位1", "parent": {"name": "观音阁社区"}}
    for outsider in (nobody, resident):
        assert (await outsider.data(OWNER, id=org(api.tree.unit)))["org"] == {
            **known,
            "attributes": {},
            "location": None,
            "validTo": None,
            "relations": {"totalCount": 0},
            "history": {"totalCount": 0},
        }
        past = 'query ($id: ID!) { org(id: $id, asOf: "2030-01-01T00:00:00Z") { name attributes location { lon } } }'
        told = await outsider.data(past, id=org(api.tree.unit))
        assert told["org"] == {"name": "示例单位1", "attributes": {}, "location": None}
    inside = (await community.data(OWNER, id=org(api.tree.unit)))["org"]
    assert (inside["attributes"], inside["location"]["lon"]) != ({}, None)
    assert inside["attributes"] == values["attributes"]
    assert inside["history"]["totalCount"] > 0
    street = (await nobody.data(OWNER, id=org(api.tree.street)))["org"]
    assert street["name"] == "吕仙亭街道"
