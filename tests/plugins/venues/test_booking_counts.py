"""How many bookings venues have, and the venues of a place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.unit_of_work import transact
from linli.plugins.venues.models import Booking
from linli.schema.testing import Client
from tests.plugins.venues.api import Api, at, org

pytestmark = pytest.mark.linli(plugins=["venues"])

FIELDS = "{ total state { key value suppressed } tier { key value } window { key value } month { key value } }"
OF_PLACE = "query ($id: ID!, $filter: BookingFilter) { org(id: $id) { bookingCounts(filter: $filter) " + FIELDS + " } }"
OF_VENUE = "query ($id: ID!) { venue(id: $id) { bookingCounts " + FIELDS + " } }"


def some(lines: list[dict[str, Any]]) -> dict[str | None, int]:
    """The counts that are not zero."""
    return {line["key"]: line["value"] for line in lines if line["value"] != 0}


async def of_place(asking: Client, place: OrgNode, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await asking.data(OF_PLACE, id=org(place), filter=given or None))["org"]["bookingCounts"]
    return found


async def book_some(api: Api) -> str:
    """Two bookings by the partner's staff, of which one is called off, one by a resident; the last one's id."""
    for day in ("2026-03-11", "2026-03-12"):
        made = await api.book(api.tree.partner_staff, day, "19:00", "20:00", partySize=3)
        assert made["state"] == "CONFIRMED", made
    await api.step(api.tree.partner_staff, "cancelBooking", made["id"])
    last = await api.book(api.tree.resident, "2026-03-14", "09:00", "10:00", partySize=2)
    return str(last["id"])


async def test_a_street_counts_the_bookings_of_its_venues(api: Api) -> None:
    await book_some(api)
    official = await api.clients("street-official", at=api.tree.street)
    found = await of_place(official, api.tree.street)
    assert found["total"] == 3
    assert some(found["state"]) == {"CONFIRMED": 2, "CANCELLED": 1}
    assert not any(line["suppressed"] for line in found["state"])
    assert some(found["tier"]) == {"PARTNER_STAFF": 2, "RESIDENT": 1}
    assert some(found["window"]) == {"AFTER_HOURS": 2, "OFF": 1}
    assert some(found["month"]) == {"2026-03-01": 3}
    assert [line["key"] for line in found["month"]][::12] == ["2025-06-01", None]
    assert (await of_place(official, api.tree.other_street))["total"] == 0


async def move(booking: Booking, start: str) -> None:
    """To another time, for a second."""
    booking.start = datetime.fromisoformat(start)
    booking.end = booking.held_until = booking.start + timedelta(seconds=1)
    await booking.save()


async def test_a_month_begins_at_midnight_in_the_district(api: Api, district: District) -> None:
    await book_some(api)
    with district.scope():
        first, second, _ = await Booking.all().order_by("start")
        await transact(lambda _unit: move(first, "2026-04-01T00:00:00+08:00"))
        await transact(lambda _unit: move(second, "2026-03-31T23:59:59+08:00"))
    official = await api.clients("street-official", at=api.tree.street)
    assert some((await of_place(official, api.tree.street))["month"]) == {"2026-03-01": 2, "2026-04-01": 1}


async def test_a_filter_narrows_what_is_counted(api: Api) -> None:
    await book_some(api)
    official = await api.clients("street-official", at=api.tree.street)
    days_off = await of_place(official, api.tree.street, start={"gte": at("2026-03-14", "00:00")})
    assert (days_off["total"], some(days_off["tier"])) == (1, {"RESIDENT": 1})
    calls_off = await of_place(official, api.tree.street, state={"eq": "CANCELLED"})
    assert (calls_off["total"], some(calls_off["tier"])) == (1, {"PARTNER_STAFF": 1})


async def test_a_venue_counts_the_bookings_that_the_viewer_sees(api: Api) -> None:
    await book_some(api)
    asked = {
        "owner": api.owner,
        "nobody": await api.clients(),
        "resident": await api.of(api.tree.resident),
        "elsewhere": await api.clients("street-official", at=api.tree.other_street),
    }
    found = {name: (await one.data(OF_VENUE, id=api.venue))["venue"]["bookingCounts"] for name, one in asked.items()}
    assert {name: one["total"] for name, one in found.items()} == {
        "owner": 3,
        "nobody": 0,
        "resident": 1,
        "elsewhere": 0,
    }
    assert some(found["resident"]["tier"]) == {"RESIDENT": 1}
