"""In-service party members: derived from employer, party status and residence, for who may see the status."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from linli.core.access.event_types import Searched
from linli.core.districts import District
from linli.core.graph import services as graph
from linli.core.people.models import Person
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.kin.conftest import gid

Statements = Callable[[], AbstractContextManager[list[str]]]

MEMBER = "inServiceMember { unit { name } residenceCommunity { name } workplaceCommunity { name } }"
ONE = f"query ($id: ID!) {{ person(id: $id) {{ {MEMBER} }} }}"
LIST = f"""query ($under: ID, $by: InServiceBy) {{ inServiceMembers(under: $under, by: $by) {{
    totalCount nodes {{ id {MEMBER} }} }} }}"""
OF_STAFF = {
    "unit": {"name": "示例单位1"},
    "residenceCommunity": {"name": "东茅岭社区"},
    "workplaceCommunity": {"name": "观音阁社区"},
}


@pytest.fixture
async def members(district: District, tree: Tree) -> None:
    """Staff of two units are members, one living in a grid; the third's is none, and the resident has no unit."""

    async def make(_unit: object) -> None:
        await Person.filter(id=tree.staff.id).update(party_status="中共党员")
        home = {"party_status": "中共预备党员", "habitual_residence_id": tree.grid.id}
        await Person.filter(id=tree.partner_staff.id).update(**home)
        await Person.filter(id=tree.stranger_staff.id).update(party_status="群众")
        await Person.filter(id=tree.resident.id).update(party_status="中共党员")

    with district.scope():
        await transact(make)


async def listed(who: Client, under: Any = None, by: str | None = None) -> set[str]:
    found = (await who.data(LIST, under=under and global_id("OrgNode", under.id), by=by))["inServiceMembers"]
    assert found["totalCount"] == len(found["nodes"])
    return {one["id"] for one in found["nodes"]}


@pytest.mark.usefixtures("members")
async def test_unit_and_both_communities_follow_from_employer_and_residence(client: Clients, tree: Tree) -> None:
    street = await client("street-official", at=tree.root)
    assert (await street.data(ONE, id=gid(tree.staff)))["person"]["inServiceMember"] == OF_STAFF
    in_grid = (await street.data(ONE, id=gid(tree.partner_staff)))["person"]["inServiceMember"]
    assert in_grid["residenceCommunity"] == in_grid["workplaceCommunity"] == {"name": "观音阁社区"}
    for other in (tree.stranger_staff, tree.resident):
        assert await street.data(ONE, id=gid(other)) == {"person": {"inServiceMember": None}}


@pytest.mark.usefixtures("members")
async def test_the_workplace_is_where_the_unit_is_stationed(client: Clients, tree: Tree, district: District) -> None:
    with district.scope():

        async def move(_unit: object) -> None:
            unit = await graph.create_org(
                district.kinds, kind="RESIDENT_UNIT", name="示例单位九", parent_id=tree.street.id, code="U9"
            )
            joined: dict[str, Any] = {
                "kind": "STATIONED_IN",
                "source_id": unit.id,
                "target_id": tree.other_community.id,
            }
            await graph.create_relation(district.kinds, **joined, valid_from=None)
            await Person.filter(id=tree.staff.id).update(employer_id=unit.id)

        await transact(move)
    street = await client("street-official", at=tree.root)
    found = (await street.data(ONE, id=gid(tree.staff)))["person"]["inServiceMember"]
    assert (found["unit"], found["workplaceCommunity"]) == ({"name": "示例单位九"}, {"name": "东茅岭社区"})
    assert await listed(street, tree.other_community, "WORKPLACE") == {gid(tree.staff)}
    assert await listed(street, tree.street, "WORKPLACE") == {gid(tree.partner_staff)}


@pytest.mark.usefixtures("members")
async def test_they_are_listed_by_unit_by_residence_and_by_workplace(client: Clients, tree: Tree) -> None:
    street = await client("street-official", at=tree.root)
    staff, partner = gid(tree.staff), gid(tree.partner_staff)
    assert await listed(street) == {staff, partner}
    assert await listed(street, tree.unit, "UNIT") == {staff}
    assert await listed(street, tree.community, "UNIT") == {staff, partner}
    assert await listed(street, tree.community, "RESIDENCE") == {partner}
    assert await listed(street, tree.other_community, "RESIDENCE") == {staff}
    assert await listed(street, tree.community, "WORKPLACE") == {staff, partner}
    assert await listed(street, tree.other_community, "WORKPLACE") == set()
    assert await listed(street, tree.stranger, "UNIT") == set()


@pytest.mark.usefixtures("members")
async def test_who_may_not_see_party_status_in_full_there_sees_none_of_it(client: Clients, tree: Tree) -> None:
    secretary = await client("community-secretary", at=tree.community)
    assert await listed(secretary) == {gid(tree.partner_staff)}
    for role, place in (("district-admin", tree.root), ("grid-officer", tree.community), ("unit-admin", tree.unit)):
        who = await client(role, at=place)
        assert await listed(who) == set(), role
        shown = (await who.data(ONE, id=gid(tree.staff)))["person"]
        assert shown in (None, {"inServiceMember": None}), role
    assert await listed(await client()) == set()
    own = await client(person=tree.staff)
    assert (await own.data(ONE, id=gid(tree.staff)))["person"]["inServiceMember"]["residenceCommunity"]


@pytest.mark.usefixtures("members")
async def test_each_look_is_recorded_before_it_is_answered_once_for_a_whole_list(
    client: Clients, tree: Tree, district: District
) -> None:
    street, own = await client("street-official", at=tree.root), await client(person=tree.staff)
    await own.data(ONE, id=gid(tree.staff))
    with district.scope():
        assert not await Event.filter(type="core.searched").exists()
    assert len(await listed(street, tree.community, "WORKPLACE")) == 2
    with district.scope():
        found = await Event.filter(type="core.searched")
        told = list((await payloads(found, district.event_types)).values())
    assert len(found) == 2  # for the list, and for where each of them works and lives
    assert all(isinstance(one, Searched) and (one.type, one.field) == ("Person", "partyStatus") for one in told)


@pytest.mark.usefixtures("members")
async def test_a_longer_list_takes_no_more_statements(
    client: Clients, tree: Tree, district: District, statements: Statements
) -> None:
    street = await client("street-official", at=tree.root)

    async def more(_unit: object) -> None:
        for number in range(15):
            name, home = f"示例党员{number}", tree.community if number % 2 else tree.grid
            works: dict[str, Any] = {
                "party_status": "中共党员",
                "employer_id": tree.unit.id,
                "habitual_residence_id": home.id,
            }
            await Person.create(name=name, name_key=name, **works)

    with statements() as few:
        assert len(await listed(street, tree.community, "WORKPLACE")) == 2
    with district.scope():
        await transact(more)
    with statements() as many:
        assert len(await listed(street, tree.community, "WORKPLACE")) == 17
    assert len(many) <= len(few)
