from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.models import OrgNode
from linli.core.graph.points import Point
from linli.core.graph.queries import (
    ancestors,
    ancestors_as_of,
    children,
    children_as_of,
    depth_as_of,
    descendants,
    descendants_as_of,
    node_as_of,
    org_by_code,
    org_by_code_as_of,
    org_by_reference,
)
from tests.core.graph.conftest import START, Graph, Time

LONG_AGO = datetime.fromisoformat("1900-01-01T00:00:00+08:00")


def day(number: float) -> datetime:
    return START + timedelta(days=number)


async def test_after_rename_and_move_the_past_shows_what_was(graph: Graph, root: OrgNode, time: Time) -> None:
    old_street = await graph.create("SUBDISTRICT", root, "站前街道", code="430602001000", valid_from=None)
    new_street = await graph.create("SUBDISTRICT", root, "金鹗山街道", code="430602002000", valid_from=None)
    community = await graph.create("COMMUNITY", old_street, "旧名社区", code="430602001001", valid_from=None)
    grid = await graph.create("GRID", community, "第一网格", valid_from=None)
    time.pass_by(days=1)
    await graph.update(community, name="新名社区", code="430602002009-x")
    await graph.update(old_street, name="站前路街道")
    time.pass_by(days=1)
    await graph.move(community, new_street)
    time.pass_by(days=1)

    before = await node_as_of(community.id, day(0.5))
    assert before is not None
    assert (before.id, before.name, before.code, before.parent_id) == (
        community.id,
        "旧名社区",
        "430602001001",
        old_street.id,
    )
    assert [org.name for org in await ancestors_as_of(community.id, day(0.5))] == ["岳阳楼区", "站前街道"]
    assert [org.name for org in await ancestors_as_of(grid.id, day(0.5))] == ["岳阳楼区", "站前街道", "旧名社区"]
    assert [org.id for org in await children_as_of(old_street.id, day(0.5))] == [community.id]
    assert await children_as_of(new_street.id, day(0.5)) == []

    assert [org.name for org in await ancestors_as_of(community.id, day(1.5))] == ["岳阳楼区", "站前路街道"]
    assert [org.name for org in await children_as_of(old_street.id, day(1.5))] == ["新名社区"]

    assert [org.name for org in await ancestors_as_of(grid.id, day(2.5))] == ["岳阳楼区", "金鹗山街道", "新名社区"]
    assert await children_as_of(old_street.id, day(2.5)) == []
    assert [org.name for org in await descendants_as_of(new_street.id, day(2.5))] == ["新名社区", "第一网格"]
    now = await OrgNode.get(id=grid.id)
    assert [node.name for node in await ancestors(now)] == ["岳阳楼区", "金鹗山街道", "新名社区"]


@pytest.mark.parametrize(
    ("at", "names"), [(day(-1), []), (day(0), ["甲"]), (day(1), ["乙"]), (day(2), []), (LONG_AGO, [])]
)
async def test_an_instant_at_a_border_belongs_to_what_begins_there(
    graph: Graph, root: OrgNode, time: Time, at: datetime, names: list[str]
) -> None:
    node = await graph.create("TEAM", root, "甲")
    time.pass_by(days=1)
    await graph.update(node, name="乙")
    time.pass_by(days=1)
    await graph.end(node)
    found = await node_as_of(node.id, at)
    assert ([found.name] if found else []) == names
    assert [org.name for org in await children_as_of(root.id, at)] == names


async def test_what_has_no_date_was_there_since_ever(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, valid_from=None)
    time.pass_by(days=1)
    await graph.update(node, name="乙")
    assert [org.id for org in await children_as_of(root.id, LONG_AGO)] == [node.id]
    assert await depth_as_of(node.id, LONG_AGO) == 1


async def test_every_value_of_the_past_is_answered(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("SITE", root, "甲", attributes={"phone": "12345"}, location=Point(113.5, 29.5))
    time.pass_by(days=1)
    await graph.update(node, attributes={}, location=None)
    found = await node_as_of(node.id, day(0))
    assert found is not None
    assert (found.kind, found.attributes, found.longitude, found.latitude) == (
        "SITE",
        {"phone": "12345"},
        1_135_000_000,
        295_000_000,
    )
    assert found.location_given == {"lon": 113.5, "lat": 29.5, "crs": "CGCS2000"}
    assert (found.valid_from, found.valid_to, found.version, found.created_at) == (day(0), None, 2, day(0))
    after = await node_as_of(node.id, day(1))
    assert after is not None
    assert (after.attributes, after.longitude, after.location_given) == ({}, None, None)


async def test_an_instant_may_be_given_in_any_zone(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root)
    for text, there in (("2026-11-01T15:59:59+08:00", False), ("2026-11-01T16:00:00+08:00", True)):
        assert (await node_as_of(node.id, datetime.fromisoformat(text)) is not None) == there


async def test_descendants_of_the_past_come_level_by_level_and_no_deeper_than_asked(
    graph: Graph, root: OrgNode
) -> None:
    for street in ("B", "A"):
        node = await graph.create("SUBDISTRICT", root, street, code=street)
        await graph.create("COMMUNITY", node, f"{street}1", code=f"{street}1")
    assert [org.name for org in await descendants_as_of(root.id, START)] == ["A", "B", "A1", "B1"]
    assert [org.name for org in await descendants_as_of(root.id, START, depth=1)] == ["A", "B"]


async def test_children_and_descendants_of_the_present_leave_out_what_has_ended(graph: Graph, root: OrgNode) -> None:
    b, a = await graph.create("SUBDISTRICT", root, "乙街道"), await graph.create("SUBDISTRICT", root, "甲街道")
    community = await graph.create("COMMUNITY", b)
    await graph.end(await graph.create("COMMUNITY", b))
    assert [node.name for node in await children(root)] == ["甲街道", "乙街道"]
    assert {node.id for node in await descendants(root)} == {a.id, b.id, community.id}
    assert [node.id for node in await descendants(b)] == [community.id]


async def test_of_several_kinds_with_one_code_the_highest_is_meant(graph: Graph, time: Time) -> None:
    graph.kinds = core_kinds(root_kind="CITY")
    city = await graph.root("东莞市", "441900000000")
    district = await graph.create("DISTRICT", city, "东莞市", code="441900000000", valid_from=None)
    every = list(graph.kinds.orgs)
    for found, expected in (
        (await org_by_code("441900000000", every), city),
        (await org_by_code("441900000000", ["DISTRICT"]), district),
        (await org_by_code("1", every), None),
        (await org_by_reference("441900000000", every), city),
        (await org_by_reference("DISTRICT:441900000000", every), district),
        (await org_by_reference("COUNTY:441900000000", every), None),
        (await org_by_code_as_of("441900000000", every, LONG_AGO), city),
        (await org_by_code_as_of("441900000000", ["DISTRICT"], LONG_AGO), district),
        (await org_by_code_as_of("1", every, LONG_AGO), None),
    ):
        assert (found.id if found else None) == (expected.id if expected else None)


async def test_a_code_of_the_past_finds_who_had_it(graph: Graph, root: OrgNode, time: Time) -> None:
    first = await graph.create("TEAM", root, code="T-1")
    time.pass_by(days=1)
    await graph.update(first, code="T-9")
    second = await graph.create("TEAM", root, code="T-1")
    for at, node in ((day(0), first), (day(1), second)):
        found = await org_by_code_as_of("T-1", ["TEAM"], at)
        assert found is not None
        assert found.id == node.id
