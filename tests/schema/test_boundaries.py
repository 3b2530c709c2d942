"""Outlines: drawn, read in any datum, of the past too, and asked for by a point."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.event_types import OrgBoundaryPayload
from linli.core.graph.points import Crs, shown
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.schema.core import boundaries
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

Statements = Callable[[], AbstractContextManager[list[str]]]

SET = """mutation ($input: SetBoundaryInput!) { setBoundary(input: $input) {
    __typename
    ... on OrgNode { id version boundary }
    ... on Error { code path }
    ... on ValidationError { fields { path code message } }
} }"""
ASK = "query ($id: ID!, $crs: Crs, $at: DateTime) { org(id: $id, asOf: $at) { name boundary(crs: $crs) } }"
AT = """query ($point: PointInput!, $kind: OrgKind, $at: DateTime) {
    orgAt(point: $point, kind: $kind, asOf: $at) { name kind } }"""


def square(west: float, south: float, side: float = 0.01) -> list[list[float]]:
    east, north = round(west + side, 7), round(south + side, 7)
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def at(lon: float, lat: float, crs: str = "WGS84") -> dict[str, Any]:
    return {"lon": lon, "lat": lat, "crs": crs}


def org(node: Any) -> str:
    return global_id("OrgNode", node.id)


async def test_an_outline_is_drawn_and_read_as_geojson_in_any_datum(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    hole = [[113.103, 29.303], [113.103, 29.306], [113.106, 29.306], [113.106, 29.303], [113.103, 29.303]]
    drawn = polygon(square(113.1, 29.3), hole)
    made = await boss.mutate(SET, input={"id": org(tree.community), "boundary": drawn})
    assert (made["version"], made["boundary"]) == (2, drawn)
    shifted = (await boss.data(ASK, id=org(tree.community), crs="BD09"))["org"]["boundary"]
    lon, lat = shifted["coordinates"][0][0]
    assert 0.005 < lon - 113.1 < 0.02
    assert 0 < lat - 29.3 < 0.02
    await boss.mutate(SET, input={"id": org(tree.other_community), "boundary": shifted, "crs": "BD09"})
    back = (await boss.data(ASK, id=org(tree.other_community)))["org"]["boundary"]
    pairs = zip(back["coordinates"][0], drawn["coordinates"][0], strict=True)
    assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)) < 1e-6


async def test_rings_are_turned_as_the_standard_says(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    backwards = polygon(square(113.1, 29.3)[::-1])
    made = await boss.mutate(SET, input={"id": org(tree.community), "boundary": backwards})
    assert made["boundary"]["coordinates"][0][1] == [113.11, 29.3]


async def test_what_was_before_is_answered_as_of_then(client: Clients, tree: Tree, clock: FrozenClock) -> None:
    boss = await client("district-admin")
    first, second = polygon(square(113.1, 29.3)), polygon(square(113.2, 29.3))
    given = {"id": org(tree.community), "boundary": first, "validFrom": None}
    await boss.mutate(SET, input=given)
    then = clock.now()
    clock.advance(then + timedelta(days=1))
    await boss.mutate(SET, input={"id": org(tree.community), "boundary": second})
    earlier = {"at": then.isoformat()}
    assert (await boss.data(ASK, id=org(tree.community), **earlier))["org"]["boundary"] == first
    assert (await boss.data(ASK, id=org(tree.community)))["org"]["boundary"] == second
    assert await boss.data(AT, point=at(113.105, 29.305)) == {"orgAt": None}
    found = await boss.data(AT, point=at(113.105, 29.305), **earlier)
    assert found == {"orgAt": {"name": "观音阁社区", "kind": "COMMUNITY"}}
    clock.advance(then + timedelta(days=2))
    gone = await boss.mutate(SET, input={"id": org(tree.community), "boundary": None})
    assert gone["boundary"] is None
    assert await boss.data(AT, point=at(113.205, 29.305)) == {"orgAt": None}


async def test_the_deepest_outline_around_a_point_answers_or_that_of_a_kind(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    for node, side in ((tree.root, 0.5), (tree.street, 0.1), (tree.community, 0.05), (tree.grid, 0.001)):
        await boss.mutate(SET, input={"id": org(node), "boundary": polygon(square(113.1, 29.3, side))})
    asked = [(0.0005, None), (0.02, None), (0.07, None), (0.3, None), (0.0005, "SUBDISTRICT"), (0.6, None)]
    found = [await boss.data(AT, point=at(113.1 + far, 29.3 + far), kind=kind) for far, kind in asked]
    kinds = [one["orgAt"] and one["orgAt"]["kind"] for one in found]
    assert kinds == ["GRID", "COMMUNITY", "SUBDISTRICT", "DISTRICT", "SUBDISTRICT", None]
    nobody = await client()
    seen = await nobody.data(AT, point=at(113.1005, 29.3005))
    assert seen["orgAt"]["kind"] == "COMMUNITY"  # a grid is not public
    assert (await nobody.data(AT, point=at(113.1005, 29.3005), kind="GRID"))["orgAt"] is None


async def test_a_point_is_given_in_any_datum_and_refused_where_there_is_none(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    await boss.mutate(SET, input={"id": org(tree.community), "boundary": polygon(square(113.1, 29.3, 0.001))})
    shifted = shown(1_131_005_000, 293_005_000, Crs.GCJ02)
    there = at(shifted.lon, shifted.lat, "GCJ02")
    assert (await boss.data(AT, point={**there, "crs": "WGS84"}))["orgAt"] is None
    assert (await boss.data(AT, point=there))["orgAt"]["kind"] == "COMMUNITY"
    for point, told in (
        (at(2.35, 48.85, "GCJ02"), "GCJ02 仅适用于中国境内的坐标；请使用 WGS84"),
        (at(181, 0), "181.0 不是有效的 lon：须在 -180 与 180 之间"),
    ):
        refused = await boss.query(AT, point=point)
        assert (refused.codes, refused.errors[0]["message"]) == (["VALIDATION"], told)


BOW = [[113.1, 29.3], [113.2, 29.4], [113.2, 29.3], [113.1, 29.4], [113.1, 29.3]]
REFUSED = [
    ("x", "GEOMETRY", "boundary"),
    ({}, "GEOMETRY", "boundary"),
    ({"type": "Point", "coordinates": [113.1, 29.3]}, "GEOMETRY", "boundary"),
    ({"type": "Polygon", "coordinates": [[[[113.1]]]]}, "RING_TOO_SHORT", "boundary.coordinates.0"),
    (polygon(), "GEOMETRY", "boundary"),
    (polygon([]), "RING_TOO_SHORT", "boundary.coordinates.0"),
    (polygon([[113.1, 29.3]] * 3), "RING_TOO_SHORT", "boundary.coordinates.0"),
    (polygon([[113.1, 29.3], [113.1], [1, 2], [3, 4]]), "POSITION", "boundary.coordinates.0.1"),
    (polygon([[113.1, True], [113.1, 2], [1, 2], [3, 4]]), "POSITION", "boundary.coordinates.0.0"),
    (polygon([*square(113.1, 29.3)[:-1], [113.1, 29.31]]), "RING_OPEN", "boundary.coordinates.0"),
    (polygon(square(29.3, 113.1)), "OUTSIDE_CHINA", "boundary.coordinates.0.0"),
    (polygon([[113.1, 29.3], [113.2, 29.3], [113.3, 29.3], [113.1, 29.3]]), "RING_FLAT", "boundary.coordinates.0"),
    (polygon(BOW), "SELF_INTERSECTION", "boundary"),
    (polygon(square(113.1, 29.3), square(113.12, 29.3)), "HOLE_OUTSIDE", "boundary"),
    (polygon(square(113.1, 29.3), square(113.105, 29.305)), "RINGS_CROSS", "boundary"),
    (
        {"type": "MultiPolygon", "coordinates": [[square(113.1, 29.3)], [square(113.104, 29.304, 0.001)]]},
        "POLYGONS_OVERLAP",
        "boundary",
    ),
    (polygon([[113.1, 29.3]] * 5), "RING_FLAT", "boundary.coordinates.0"),
    (polygon([[113.1, 29.3]] * 10_001), "TOO_MANY_POSITIONS", "boundary"),
    (polygon(*[[[113.1, 29.3]] * 4] * 501), "TOO_MANY_POSITIONS", "boundary"),
]


@pytest.mark.parametrize(("drawn", "code", "path"), REFUSED)
async def test_what_is_no_area_is_refused_with_its_code_and_changes_nothing(
    client: Clients, tree: Tree, drawn: Any, code: str, path: str
) -> None:
    boss = await client("district-admin")
    refused = await boss.mutate(SET, input={"id": org(tree.community), "boundary": drawn})
    assert refused["code"] == "VALIDATION"
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [(path, code)]
    assert (await boss.data(ASK, id=org(tree.community)))["org"]["boundary"] is None


async def test_dates_of_outlines_neither_overlap_nor_lie_ahead(client: Clients, tree: Tree, clock: FrozenClock) -> None:
    boss, now = await client("district-admin"), clock.now()
    drawn = {"id": org(tree.community), "boundary": polygon(square(113.1, 29.3))}
    later = {"id": org(tree.community), "boundary": polygon(square(113.2, 29.3))}
    ahead = await boss.mutate(SET, input={**drawn, "validFrom": (now + timedelta(days=1)).isoformat()})
    assert [one["code"] for one in ahead["fields"]] == ["FUTURE"]
    await boss.mutate(SET, input={**drawn, "validFrom": (now - timedelta(days=9)).isoformat()})
    same = await boss.mutate(SET, input={**drawn, "expectedVersion": 2})
    assert same["version"] == 2  # nothing differs
    for since in (None, (now - timedelta(days=10)).isoformat()):
        refused = await boss.mutate(SET, input={**later, "validFrom": since})
        assert [one["code"] for one in refused["fields"]] == ["BEFORE_LAST_CHANGE"]
    corrected = await boss.mutate(SET, input={**later, "validFrom": (now - timedelta(days=9)).isoformat()})
    assert corrected["version"] == 3
    assert await boss.data(AT, point=at(113.105, 29.305), at=(now - timedelta(days=1)).isoformat()) == {"orgAt": None}
    stale = await boss.mutate(SET, input={**drawn, "expectedVersion": 2})
    assert stale["code"] == "CONFLICT"


async def test_only_who_may_change_an_organisation_draws_it(client: Clients, tree: Tree) -> None:
    given = {"id": org(tree.grid), "boundary": "no geometry at all"}
    staff, stranger = await client("community-staff", at=tree.community), await client()
    assert (await staff.mutate(SET, input=given))["code"] == "FORBIDDEN"
    resident = await client("resident", at=tree.community)
    assert (await resident.mutate(SET, input=given))["code"] == "NOT_FOUND"
    answer = await stranger.query(SET, input=given)
    assert answer.codes == ["UNAUTHENTICATED"]
    boss = await client("district-admin")
    missing = await boss.mutate(SET, input={"id": org(tree.grid)})
    assert [one["code"] for one in missing["fields"]] == ["REQUIRED"]


@pytest.mark.linli(plugins=["venues"])
async def test_the_outlines_of_a_unit_that_owns_a_venue_stay_with_who_may_read_it(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    for node in (tree.unit, tree.community):
        await boss.mutate(SET, input={"id": org(node), "boundary": polygon(square(113.1, 29.3))})
    room = """mutation ($input: CreateVenueInput!) { createVenue(input: $input) { __typename } }"""
    owner = {"ownerId": org(tree.unit), "communityId": org(tree.community)}
    venue = {"name": "某室", "kind": "OTHER", "capacity": 5, **owner}
    assert await boss.mutate(room, input=venue) == {"__typename": "Venue"}
    nobody = await client()
    assert (await nobody.data(ASK, id=org(tree.unit)))["org"] == {"name": "示例单位1", "boundary": None}
    found = await nobody.data(AT, point=at(113.105, 29.305))
    assert found["orgAt"]["kind"] == "COMMUNITY"
    assert (await boss.data(AT, point=at(113.105, 29.305)))["orgAt"]["kind"] == "RESIDENT_UNIT"


async def test_the_outlines_of_many_are_read_at_once(client: Clients, tree: Tree, statements: Statements) -> None:
    boss = await client("district-admin")
    places = [tree.street, tree.community, tree.other_street, tree.other_community, tree.grid]
    for node in places[:4]:
        await boss.mutate(SET, input={"id": org(node), "boundary": polygon(square(113.1, 29.3))})
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on OrgNode { boundary } } }"
    with statements() as told:
        found = await boss.data(asked, ids=[org(node) for node in places])
    assert [one["boundary"] is not None for one in found["nodes"]] == [True] * 4 + [False]
    assert sum("core_org_boundary" in statement for statement in told) == 1


async def test_one_answer_has_a_bound_of_corners(client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = await client("district-admin")
    for node in (tree.street, tree.community):
        await boss.mutate(SET, input={"id": org(node), "boundary": polygon(square(113.1, 29.3))})
    monkeypatch.setattr(boundaries, "MOST_POSITIONS", 7)
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on OrgNode { boundary } } }"
    one = await boss.query(asked, ids=[org(tree.street)])
    two = await boss.query(asked, ids=[org(tree.street), org(tree.community)])
    assert (one.codes, two.codes) == ([], ["VALIDATION"])
    assert sum(each["boundary"] is None for each in two.data["nodes"]) == 1


async def test_what_has_ended_lies_nowhere_any_more(client: Clients, tree: Tree, clock: FrozenClock) -> None:
    boss = await client("district-admin")
    await boss.mutate(SET, input={"id": org(tree.grid), "boundary": polygon(square(113.1, 29.3)), "validFrom": None})
    then = clock.now()
    clock.advance(then + timedelta(days=1))
    end = "mutation ($input: EndOrgInput!) { endOrg(input: $input) { __typename } }"
    assert await boss.mutate(end, input={"id": org(tree.grid)}) == {"__typename": "OrgNode"}
    assert await boss.data(AT, point=at(113.105, 29.305)) == {"orgAt": None}
    before = await boss.data(AT, point=at(113.105, 29.305), at=then.isoformat())
    assert before["orgAt"] == {"name": "第一网格", "kind": "GRID"}
    refused = await boss.mutate(SET, input={"id": org(tree.grid), "boundary": None})
    assert refused["code"] == "INVALID_TRANSITION"


async def test_drawing_tells_of_itself_once_however_often_it_is_sent(
    client: Clients, tree: Tree, district: District, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    boss = await client("district-admin")
    given = {"id": org(tree.grid), "boundary": polygon(square(113.1, 29.3)), "requestId": "drawn"}
    first, again = [await boss.mutate(SET, input=given) for _ in range(2)]
    assert first == again
    other = {**given, "boundary": polygon(square(113.2, 29.3))}
    assert (await boss.mutate(SET, input=other))["code"] == "IDEMPOTENCY_KEY_REUSED"
    told = [event for event in await events() if event.type == "core.org_boundary_set"]
    with district.scope():
        (payload,) = (await payloads(told, district.event_types)).values()
    assert isinstance(payload, OrgBoundaryPayload)
    assert (payload.kind, payload.positions) == ("GRID", 4)
    assert payload.box == [1_131_000_000, 293_000_000, 1_131_100_000, 293_100_000]
    assert payload.area is not None
    assert abs(payload.area - 971 * 1108) < 3000  # a hundredth of a degree at 29.3 degrees north, in metres
