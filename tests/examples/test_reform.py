"""岳阳楼区 had 25 units at township level in 2023 and has 20 in 2026: the real change, with made-up assignments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linli.core import clock as clocks
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.imports import import_orgs
from linli.core.graph.models import OrgNode
from linli.core.records.sealing import seal_now
from linli.core.records.verify import verify
from linli.core.succession.applying import apply_reform
from linli.core.succession.reforms import reform
from linli.schema.testing import Client, Clients
from tests.plugins.venues.api import BOOK, CREATE, at

FOLDER = Path(__file__).parents[2] / "examples" / "districts" / "yueyanglou"
DIVISIONS, REFORM = FOLDER / "divisions.csv", FOLDER / "reform-2026.csv"
GONE = {"龙山街道", "月山街道", "经济技术开发区通海路管理处", "金凤桥管理处", "木里港管理处"}
STREETS = """query ($at: DateTime) { orgs(asOf: $at, first: 200) { nodes { id kind code name } } }"""
COUNTED = """query ($id: ID!, $at: DateTime, $booked: BookingFilter) { org(id: $id, asOf: $at) { name
  peopleCounts { total } bookingCounts(filter: $booked) { total } } }"""
LAST_YEAR = "2025-12-31T00:00:00+08:00"
IN_2025 = {"start": {"lt": "2026-01-01T00:00:00+08:00"}}
IN_2026 = {"start": {"gte": "2026-01-01T00:00:00+08:00"}}
PERSON = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
  ... on Person { id } ... on Error { code } } }"""
ONE = "query ($code: String!) { org(code: $code) { id } }"


@pytest.fixture
def last_year() -> Iterator[FrozenClock]:
    """The clock of December 2025, which can be moved on."""
    frozen = FrozenClock(datetime(2025, 12, 1, tzinfo=UTC))
    before = clocks.use(frozen)
    yield frozen
    clocks.use(before)


async def streets(asking: Client, instant: str | None = None) -> list[dict[str, Any]]:
    if instant is not None:
        nodes = (await asking.data(STREETS, at=instant))["orgs"]["nodes"]
    else:
        asked = "{ orgs(filter: {kind: {eq: SUBDISTRICT}}, first: 200) { nodes { id kind code name } } }"
        nodes = (await asking.data(asked))["orgs"]["nodes"]
    return [node for node in nodes if node["kind"] == "SUBDISTRICT"]


async def counts(asking: Client, booked: Any, instant: str | None = None) -> dict[str, tuple[int, int]]:
    """People and bookings of each street, those of none left out."""
    found = {}
    for street in await streets(asking, instant):
        told = (await asking.data(COUNTED, id=street["id"], at=instant, booked=booked))["org"]
        pair = told["peopleCounts"]["total"], told["bookingCounts"]["total"]
        if any(pair):
            found[told["name"]] = pair
    return found


async def book(boss: Client, venue: str, person: str, day: str) -> None:
    span = {"start": at(day, "10:00"), "end": at(day, "11:00")}
    made = await boss.mutate(BOOK, input={"venueId": venue, **span, "partySize": 2, "personId": person})
    assert made["__typename"] == "Booking", made


@pytest.mark.linli(plugins=["venues"])
async def test_last_years_figures_add_up_to_last_years_units_and_this_years_to_this_years(
    client: Clients, district: District, last_year: FrozenClock
) -> None:
    with district.scope():
        report = await import_orgs(DIVISIONS.read_bytes(), district.kinds, district.zone)
    assert report.written
    boss = await client("district-admin")
    assert len(await streets(boss)) == 25
    ids = {code: (await boss.data(ONE, code=code))["org"]["id"] for code in PLACES}
    venues = {}
    for owner, community in (("430602019000", "430602019001"), ("430602018201", "430602018201")):
        given = {"name": "示例活动室", "kind": "OTHER", "capacity": 20}
        ends = {"ownerId": ids[owner], "communityId": ids[community]}
        venues[community] = (await boss.mutate(CREATE, input={**given, **ends}))["id"]
    people = {}
    for home in ("430602019000", "430602019001", "430602018201"):
        made = await boss.mutate(PERSON, input={"name": "示例甲", "habitualResidenceId": ids[home]})
        people[home] = made["id"]
    await book(boss, venues["430602019001"], people["430602019001"], "2025-12-06")
    await book(boss, venues["430602018201"], people["430602018201"], "2025-12-06")
    await book(boss, venues["430602018201"], people["430602018201"], "2025-12-07")
    before = await counts(boss, IN_2025)
    assert before == {"月山街道": (2, 1), "龙山街道": (1, 2)}

    last_year.advance(datetime(2026, 3, 9, tzinfo=UTC))
    port = await client("street-official", at=await node(district, "430602008000"))
    lake = await client("street-official", at=await node(district, "430602013000"))
    assert await seen(port) == (0, 0)
    with district.scope():
        await apply_reform(district, reform(REFORM.read_bytes()))
    await book(boss, venues["430602019001"], people["430602019001"], "2026-03-14")
    await book(boss, venues["430602018201"], people["430602018201"], "2026-03-15")

    now = {street["name"] for street in await streets(boss)}
    assert (len(now), now & GONE, "站前路街道" in now) == (20, set(), True)
    then = {street["name"] for street in await streets(boss, LAST_YEAR)}
    assert (len(then), then & GONE, "站前街道" in then) == (25, GONE, True)
    assert await counts(boss, IN_2025, LAST_YEAR) == before
    assert await counts(boss, IN_2026) == {"城陵矶街道": (2, 1), "南湖街道": (1, 1)}
    assert sum(bookings for _, bookings in (await counts(boss, None)).values()) == 5

    assert await seen(port) == (2, 2)  # also who lives at the street that is gone, and its own venue's bookings
    assert await seen(lake) == (1, 3)
    await seal_now(district.store)
    told = await boss.data("query ($id: ID!) { org(id: $id) { history { nodes { type } } } }", id=ids["430602018000"])
    assert "core.org_split" in [event["type"] for event in told["org"]["history"]["nodes"]]
    with district.scope():
        assert (await verify()).ok


PLACES = ("430602019000", "430602019001", "430602018000", "430602018201")


async def node(district: District, code: str) -> Any:
    with district.scope():
        return await OrgNode.get(code=code, valid_to=None)


async def seen(official: Client) -> tuple[int, int]:
    """How many people and bookings a viewer sees."""
    told = await official.data("{ people { totalCount } bookings { totalCount } }")
    return told["people"]["totalCount"], told["bookings"]["totalCount"]
