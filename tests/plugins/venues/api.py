"""Driving venues over GraphQL: the court that a unit sets up, and clients of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from linli.core.clock import FrozenClock
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

WORKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
REFUSED = """
  ... on Error { code message path }
  ... on NotEligibleError { window reason nextEligibleStart }
  ... on RejectedError { plugin details }
  ... on ValidationError { fields { path code message } }
"""
BOOK = (
    "mutation ($input: BookVenueInput!) { bookVenue(input: $input) { __typename"
    " ... on Booking { id state tier window dayKind unit fee tierEvidence version person { name } }" + REFUSED + "} }"
)
CREATE = (
    "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { __typename"
    " ... on Venue { id name mode units exclusive openFrom openTo granularityMinutes bufferBeforeMinutes minMinutes"
    " requiresApproval owner { name } community { code } }"
    " ... on Error { code message path } ... on ValidationError { fields { path code } } } }"
)
HOURS = """mutation ($input: SetUnitWorkHoursInput!) { setUnitWorkHours(input: $input) { __typename
  ... on UnitWorkHours { validFrom lunchCountsAsWork ranges { weekday start end } } ... on Error { code } } }"""


def step(name: str) -> str:
    pascal = name[0].upper() + name[1:]
    return (
        f"mutation ($input: {pascal}Input!) {{ {name}(input: $input) {{ __typename"
        " ... on Booking { id state version availableActions { name allowed reason } }"
        " ... on Error { code message path } } }"
    )


@dataclass
class Api:
    """A court that its unit set up through the API, and clients of everybody."""

    clients: Clients
    tree: Tree
    clock: FrozenClock
    owner: Client
    venue: str

    async def of(self, person: Person) -> Client:
        return await self.clients(person=person)

    async def book(self, who: Person | Client, day: str, start: str, end: str, **more: Any) -> Any:
        client = who if isinstance(who, Client) else await self.of(who)
        given = {"venueId": self.venue, "start": at(day, start), "end": at(day, end), **more}
        return await client.mutate(BOOK, input=given)

    async def step(self, who: Person | Client, name: str, booking: str, **more: Any) -> Any:
        client = who if isinstance(who, Client) else await self.of(who)
        return await client.mutate(step(name), input={"bookingId": booking, **more})


def at(day: str, time: str) -> str:
    return f"{day}T{time}:00+08:00"


def org(node: OrgNode) -> str:
    return global_id("OrgNode", node.id)


async def set_up(client: Clients, tree: Tree, **more: Any) -> tuple[Client, Any]:
    owner = await client("unit-admin", at=tree.unit)
    given = {"name": "示例篮球场", "kind": "COURT", "ownerId": org(tree.unit), "communityId": org(tree.community)}
    venue = await owner.mutate(CREATE, input={**given, "capacity": 20, "exclusive": True, **more})
    ranges = [
        {"weekday": day, "start": start, "end": end}
        for day in WORKDAYS
        for start, end in (("09:00", "12:00"), ("13:00", "18:00"))
    ]
    hours = await owner.mutate(HOURS, input={"unitId": org(tree.unit), "ranges": ranges})
    assert hours["__typename"] == "UnitWorkHours", hours
    return owner, venue
