"""Ledgers of homes, posts, units, things and members: as they are, and as they were a year ago."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tortoise.expressions import Q

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph import services as graph
from linli.core.graph.models import OrgNode
from linli.core.people import services as people
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree
from tests.plugins.venues.api import org
from tests.schema.ledgers.office import answered, asked, exported
from tests.schema.registry.api import Office, who

LAST_YEAR = "2025-06-01T00:00:00+08:00"


@pytest.fixture
async def office(client: Clients, tree: Tree) -> Office:
    return Office(await client("community-staff", at=tree.community), tree)


async def _node(district: District, kind: str, name: str, parent: OrgNode, code: str | None = None) -> OrgNode:
    async def work(_unit: object) -> OrgNode:
        given: dict[str, Any] = {"kind": kind, "name": name, "parent_id": parent.id, "code": code}
        return await graph.create_org(district.kinds, **given, valid_from=None)

    with district.scope():
        return await transact(work)


async def test_owners_of_last_year_are_those_who_held_it_then(office: Office, tree: Tree, clock: FrozenClock) -> None:
    home = await office.home("502", unit="1", area="88.50", address="观音阁路12号1栋1单元502室")
    sold = await office.owner(home, tree.resident, 1, 1, validFrom="2024-01-01T00:00:00+08:00")
    await office.do("endTenure", id=sold, at="2026-01-01T00:00:00+08:00")
    await office.owner(home, tree.neighbour, 1, 2, validFrom="2026-01-01T00:00:00+08:00")
    tenant = {"kind": "TENANT", "validFrom": "2026-02-01T00:00:00+08:00"}
    await office.do("createTenure", premisesId=home, personId=who(tree.resident), **tenant)
    now = await exported(office.client, "core.owners", tree.community)
    assert now.column("姓名") == ["示例戊"]
    assert now.column("份额") == ["1/2"]
    assert now.column("专有面积（平方米）") == [88.5]
    assert now.column("用途") == ["住宅"]
    assert now.column("起始日期") == [date(2026, 1, 1)]
    assert now.column("地址") == ["观音阁路**号*栋*单元***室"]
    then = await exported(office.client, "core.owners", tree.community, asOf=LAST_YEAR)
    assert then.column("姓名") == ["示例丙"]
    assert (await asked(office.client, "core.tenants", tree.community))["count"] == 1
    assert (await asked(office.client, "core.tenants", tree.community, asOf=LAST_YEAR))["count"] == 0


async def test_households_stand_home_by_home(office: Office, tree: Tree, district: District) -> None:
    building = await _node(district, "BUILDING", "1栋", tree.community)
    for number, person in (("302", tree.resident), ("201", tree.neighbour)):
        home = await office.home(number, orgId=org(building))
        given = {"premisesId": home, "kind": "FAMILY", "members": [{"personId": who(person), "relation": "HEAD"}]}
        await office.do("createHousehold", **given)
    book = await exported(office.client, "core.households", tree.community)
    assert book.groups == ["1栋 (2)", "其他 (0)"]
    assert (book.column("房号"), book.column("姓名")) == (["201", "302"], ["示例戊", "示例丙"])
    assert set(book.column("与户主关系")) == {"户主"}
    assert set(book.column("户类型")) == {"家庭户"}


async def test_posts_of_last_year_are_those_that_were_held_then(office: Office, tree: Tree, client: Clients) -> None:
    boss = Office(await client("district-admin"), tree)
    given = {"personId": who(tree.resident), "orgId": org(tree.grid), "kind": "GRID_OFFICER"}
    first = await boss.do("assignPost", **given, validFrom="2024-01-01T00:00:00+08:00")
    await boss.do("endPost", postId=first, at="2026-01-01T00:00:00+08:00")
    now = {**given, "personId": who(tree.neighbour), "validFrom": "2026-01-01T00:00:00+08:00"}
    await boss.do("assignPost", **now)
    assert (await exported(office.client, "core.posts", tree.community)).column("姓名") == ["示例戊"]
    then = await exported(office.client, "core.posts", tree.community, asOf=LAST_YEAR)
    assert (then.column("姓名"), then.column("组织")) == (["示例丙"], ["第一网格"])


async def test_things_stand_by_kind_and_can_be_narrowed(office: Office, tree: Tree) -> None:
    for kind, name in (("STREET_LIGHT", "路灯一"), ("ELEVATOR", "电梯一"), ("STREET_LIGHT", "路灯二")):
        await office.do("createThing", orgId=org(tree.grid), kind=kind, name=name)
    book = await exported(office.client, "core.things", tree.community)
    assert book.groups == ["电梯 (1)", "路灯 (2)"]
    assert book.column("名称") == ["电梯一", "路灯一", "路灯二"]
    narrowed = await exported(
        office.client, "core.things", tree.community, filters=[{"key": "kind", "values": ["ELEVATOR"]}]
    )
    assert narrowed.column("名称") == ["电梯一"]
    odd = {"filters": [{"key": "kind", "values": ["ELEVATER"]}]}
    (problem,) = (await answered(office.client, "core.things", tree.community, **odd))["fields"]
    assert (problem["path"], "ELEVATOR" in problem["message"]) == ("filters.kind", True)


async def test_units_that_stand_or_are_stationed_in_a_place_are_listed(office: Office, tree: Tree) -> None:
    book = await exported(office.client, "core.units", tree.community)
    assert book.column("单位名称") == ["示例单位1", "示例单位2", "示例单位3"]
    assert (await asked(office.client, "core.units", tree.grid))["count"] == 0


async def test_members_are_listed_by_unit_with_both_communities_for_who_may_see_it(
    client: Clients, tree: Tree, district: District
) -> None:
    with district.scope():
        ids = [tree.staff.id, tree.partner_staff.id]
        await transact(lambda _unit: Person.filter(Q(id__in=ids)).update(party_status="中共党员"))
    official = await client("district-admin")
    assert (await asked(official, "core.in_service", tree.community))["count"] == 0
    secretary = await client("street-official")
    book = await exported(secretary, "core.in_service", tree.community)
    assert book.groups == ["示例单位1 (1)", "示例单位2 (1)", "示例单位3 (0)", "其他 (0)"]
    assert book.column("单位所在社区") == ["观音阁社区", "观音阁社区"]
    assert book.column("居住社区") == ["东茅岭社区", "东茅岭社区"]
    assert (await asked(secretary, "core.in_service", tree.partner))["count"] == 1


async def test_a_compound_that_a_grid_covers_belongs_to_the_grid(
    client: Clients, tree: Tree, district: District
) -> None:
    compound = await _node(district, "COMPOUND", "示例小区", tree.community)

    async def work(_unit: object) -> None:
        given: dict[str, Any] = {"kind": "COVERS", "source_id": tree.grid.id, "target_id": compound.id}
        await graph.create_relation(district.kinds, **given, valid_from=None)
        await people.create_person(name="示例己", habitual_residence_id=compound.id)

    with district.scope():
        await transact(work)
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.community)
    assert book.groups == ["第一网格 (1)", "其他 (2)"]
