"""One officer for each micro-grid, one micro-grid for each home and thing, and the list of what is not so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people.models import Post
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office, org, who
from tests.schema.registry.conftest import Unchanged

FINDINGS = """query ($under: ID!) { microGridFindings(under: $under) { microGrids
    withoutOfficer { name } withoutOfficerCount
    officersOfSeveral { person { name } microGrids { name } } officersOfSeveralCount
    premisesWithoutMicroGrid thingsWithoutMicroGrid } }"""
GRID_OF = "query ($id: ID!) { premises(id: $id) { microGrid { name } provenance { field source } } }"
OFFICER = {"kind": "MICRO_GRID_OFFICER"}


@pytest.fixture
async def boss(client: Clients, tree: Tree) -> Office:
    return Office(await client("district-admin"), tree)


async def micro_grid(boss: Office, number: int, **more: Any) -> str:
    given = {"kind": "MICRO_GRID", "name": f"{number}号微网格", "code": f"M{number}", "parentId": org(boss.tree.grid)}
    return await boss.do("createOrg", **{**given, **more})


async def test_a_micro_grid_has_one_officer_at_a_time(boss: Office, tree: Tree, told: Unchanged) -> None:
    grid = await micro_grid(boss, 1)
    post = {"orgId": grid, **OFFICER}
    first = await boss.do("assignPost", **post, personId=who(tree.resident), validTo="2026-06-01T00:00:00Z")
    before = await told()
    second = {**post, "personId": who(tree.neighbour)}
    assert await boss.refused("assignPost", **second) == "MICRO_GRID_HAS_OFFICER"
    assert await told() == before
    await boss.do("assignPost", **second, validFrom="2026-06-01T00:00:00Z")
    await boss.do("assignPost", **{**second, "kind": "扫楼员"})
    await boss.do("assignPost", **{**second, "orgId": org(tree.grid)})
    await boss.do("assignPost", **{**second, "orgId": org(tree.grid), "personId": who(tree.resident)})
    await boss.do("endPost", postId=first)


async def test_two_clients_at_once_give_a_micro_grid_one_officer(boss: Office, tree: Tree, district: District) -> None:
    grids = [await micro_grid(boss, number) for number in range(3)]
    people = (tree.resident, tree.neighbour, tree.staff, tree.partner_staff)
    answers = await asyncio.gather(
        *(boss.send("assignPost", orgId=grid, personId=who(one), **OFFICER) for one in people for grid in grids)
    )
    assert sorted(one.get("code", "") for one in answers) == [""] * 3 + ["MICRO_GRID_HAS_OFFICER"] * 9
    with district.scope():
        assert await Post.all().count() == 3


async def test_what_is_not_so_is_listed(boss: Office, office: Office, client: Clients, tree: Tree) -> None:
    one, two, three = [await micro_grid(boss, number) for number in (1, 2, 3)]
    for grid in (one, three):
        await boss.do("assignPost", orgId=grid, personId=who(tree.resident), **OFFICER)
    await office.home("1")
    await office.home("2", microGridId=two)
    await office.do("createThing", orgId=org(tree.community), kind="CAMERA", name="监控")
    under = {"under": org(tree.community)}
    found = {
        "microGrids": 3,
        "withoutOfficer": [{"name": "2号微网格"}],
        "withoutOfficerCount": 1,
        "officersOfSeveral": [
            {"person": {"name": "示例丙"}, "microGrids": [{"name": "1号微网格"}, {"name": "3号微网格"}]}
        ],
        "officersOfSeveralCount": 1,
        "premisesWithoutMicroGrid": 1,
        "thingsWithoutMicroGrid": 1,
    }
    assert (await office.client.data(FINDINGS, **under))["microGridFindings"] == found
    assert (await boss.client.data(FINDINGS, under=org(tree.root)))["microGridFindings"] == found
    elsewhere = (await boss.client.data(FINDINGS, under=org(tree.other_street)))["microGridFindings"]
    assert (elsewhere["microGrids"], elsewhere["premisesWithoutMicroGrid"]) == (0, 0)
    auditor = await client("auditor", at=tree.root)
    masked = (await auditor.data(FINDINGS, **under))["microGridFindings"]["officersOfSeveral"][0]["person"]
    assert masked == {"name": "示**"}
    resident = await client("resident", at=tree.community, person=tree.resident)
    assert await resident.data(FINDINGS, **under) == {"microGridFindings": None}
    assert await office.client.data(FINDINGS, under=org(tree.other_community)) == {"microGridFindings": None}


async def test_the_micro_grid_that_covers_a_compound_answers_for_its_homes(
    boss: Office, office: Office, tree: Tree, clock: FrozenClock
) -> None:
    one, two = await micro_grid(boss, 1), await micro_grid(boss, 2)
    compound = await boss.do("createOrg", kind="COMPOUND", name="示例小区", parentId=org(tree.community))
    building = await boss.do("createOrg", kind="BUILDING", name="1栋", parentId=compound)
    await boss.do("createRelation", kind="COVERS", sourceId=one, targetId=compound)
    home = await office.home(orgId=building)
    shown = (await office.client.data(GRID_OF, id=home))["premises"]
    assert shown["microGrid"] == {"name": "1号微网格"}
    assert {"field": "microGrid", "source": "DERIVED"} in shown["provenance"]
    assert {"field": "number", "source": "ENTERED"} in shown["provenance"]
    await boss.do("createRelation", kind="COVERS", sourceId=two, targetId=compound)
    unclear = await office.home("503", orgId=building)
    assert (await office.client.data(GRID_OF, id=unclear))["premises"]["microGrid"] is None
    await office.do("updatePremises", id=unclear, microGridId=two)
    assert (await office.client.data(GRID_OF, id=unclear))["premises"]["microGrid"] == {"name": "2号微网格"}
    none = await office.home("1", orgId=compound, microGridId=None)
    told = (await office.client.data(GRID_OF, id=none))["premises"]
    assert told["microGrid"] is None
    assert {one["source"] for one in told["provenance"]} == {"ENTERED"}


async def test_only_a_micro_grid_of_the_community_answers_and_a_grid_where_there_is_none(
    boss: Office, office: Office, tree: Tree, told: Unchanged
) -> None:
    grid = org(tree.grid)
    await office.home("1", microGridId=grid)
    mine = await micro_grid(boss, 1)
    parent = await boss.do("createOrg", kind="GRID", name="别处网格", parentId=org(tree.other_community))
    other = await micro_grid(boss, 2, parentId=parent)
    gone = await micro_grid(boss, 3)
    await boss.do("endOrg", id=gone)
    home, before = await boss.home("2", microGridId=mine), await told()
    wrong = {
        grid: "NOT_A_MICRO_GRID",
        org(tree.unit): "NOT_A_MICRO_GRID",
        other: "MICRO_GRID_ELSEWHERE",
        gone: "MICRO_GRID_ENDED",
        "x": "NOT_FOUND",
    }
    thing = {"orgId": org(tree.community), "kind": "CAMERA", "name": "监控"}
    for named, code in wrong.items():
        assert await boss.refused("updatePremises", id=home, microGridId=named) == code
        assert await boss.refused("createThing", **thing, microGridId=named) == code
    assert await told() == before
