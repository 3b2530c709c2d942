"""The shared court and its neighbours, created over GraphQL as a frontend would. 共享场所。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .client import Client
from .ids import global_id, numbered

COURT = numbered(101)
READING_ROOM = numbered(102)

_HOURS = [("09:00", "12:00"), ("13:00", "18:00")]
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")

_CREATE = """mutation ($input: CreateVenueInput!) {
  createVenue(input: $input) { __typename ... on Error { code message } }
}"""
_SET_HOURS = """mutation ($input: SetUnitWorkHoursInput!) {
  setUnitWorkHours(input: $input) { __typename ... on Error { code message } }
}"""


def create(client: Client) -> None:
    """Create what is missing; `client` speaks for the district's administrator."""
    found = client.ask(
        """query ($ids: [ID!]!) {
          nodes(ids: $ids) { id }
          unit: org(code: "U1", kind: RESIDENT_UNIT) { id }
          community: org(code: "430602003006", kind: COMMUNITY) { id }
        }""",
        ids=[global_id("Venue", number) for number in (COURT, READING_ROOM)],
    )
    if None not in found["nodes"]:
        return
    unit, community = found["unit"]["id"], found["community"]["id"]
    client.change(_SET_HOURS, unitId=unit, validFrom="2026-01-01", ranges=list(_ranges()), lunchCountsAsWork=True)
    for venue in _venues(unit, community):
        client.change(_CREATE, **venue)


def _ranges() -> Iterator[dict[str, str]]:
    for weekday in _WEEKDAYS:
        for start, end in _HOURS:
            yield {"weekday": weekday, "start": start, "end": end}


def _venues(unit: str, community: str) -> Iterator[dict[str, Any]]:
    yield {
        "id": str(COURT),
        "name": "示例单位一篮球场",
        "kind": "COURT",
        "ownerId": unit,
        "communityId": community,
        "capacity": 20,
        "exclusive": True,
    }
    yield {
        "id": str(READING_ROOM),
        "name": "示例单位一图书室",
        "kind": "READING_ROOM",
        "ownerId": unit,
        "communityId": community,
        "capacity": 40,
        "openTo": "21:00",
    }
