"""Communities, micro-grids and units that are merged, split or moved, with all that the registry keeps beneath them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.core.registry.models import Household, HouseholdMember, Premises, Tenure, Thing
from linli.schema.scalars import global_id, parse_global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.registry.api import Office, org, who

SUCCEEDED = """... on OrgSuccession { targets { id } records { what fate reason count } }
    ... on RejectedError { details }"""
OF_ORG = """query ($id: ID!, $at: DateTime) { org(id: $id, asOf: $at) { premises { nodes { number } }
    things { nodes { name } } tenures { nodes { premises { number } } } } }"""
HOME = """query ($id: ID!) { premises(id: $id) { number microGrid { name validTo }
    tenures { nodes { person { name } } } households { nodes { members { nodes { person { name } } } } }
    things { nodes { name microGrid { name } } } } }"""
FINDINGS = """query ($under: ID!) { microGridFindings(under: $under) { withoutOfficer { name }
    premisesWithoutMicroGrid thingsWithoutMicroGrid } }"""
MEMBERS = """query ($under: ID, $by: InServiceBy) { inServiceMembers(under: $under, by: $by) { nodes { name
    inServiceMember { unit { name } residenceCommunity { name } workplaceCommunity { name } } } } }"""
SEARCH = 'query ($under: ID) { search(text: "示例", kinds: [PERSON], under: $under) { record { id } } }'


@pytest.fixture
async def boss(client: Clients, tree: Tree) -> Office:
    return Office(await client("district-admin"), tree)


async def lived_in(office: Office, tree: Tree) -> str:
    """A home of the community with an owner, a household and a thing."""
    home = await office.home("502")
    await office.owner(home, tree.resident)
    member = {"personId": who(tree.resident), "relation": "HEAD"}
    await office.do("createHousehold", premisesId=home, members=[member])
    thing = {"orgId": org(tree.community), "kind": "FIRE_HYDRANT", "name": "消火栓1"}
    await office.do("createThing", **thing, premisesId=home)
    return home


def told(answer: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(one["what"], one["fate"]): one["count"] for one in answer["records"]}


async def merge(boss: Office, source: Any, target: Any, **more: Any) -> dict[str, Any]:
    given = {"sourceIds": [org(source)], "target": {"id": org(target)}, **more}
    answer: dict[str, Any] = await boss.client.mutate(
        f"mutation ($input: MergeOrgsInput!) {{ mergeOrgs(input: $input) {{ {SUCCEEDED} }} }}", input=given
    )
    assert "records" in answer, answer
    return answer


async def kept(district: District) -> list[Any]:
    """All rows of the registry, as they are stored."""
    with district.scope():
        models = (Premises, Tenure, Household, HouseholdMember, Thing)
        return [await model.all().order_by("id").values() for model in models]


async def test_homes_of_a_community_that_is_merged_stay_where_they_were_and_belong_to_the_successor(
    *, office: Office, boss: Office, tree: Tree, client: Clients, district: District, clock: FrozenClock
) -> None:
    home = await lived_in(office, tree)
    before, rows = clock.now(), await kept(district)
    clock.advance(before + timedelta(days=1))
    dry = told(await merge(boss, tree.community, tree.other_community, dryRun=True))
    assert (dry["Premises", "KEPT"], dry["Thing", "KEPT"]) == (1, 1)
    await merge(boss, tree.community, tree.other_community)
    assert await kept(district) == rows, "nothing is pointed elsewhere"
    staff = Office(await client("community-staff", at=tree.other_community), tree)
    listed = (await staff.client.data(OF_ORG, id=org(tree.other_community)))["org"]
    assert listed["premises"]["nodes"] == [{"number": "502"}]
    assert listed["things"]["nodes"] == [{"name": "消火栓1"}]
    for place in (tree.root, tree.other_street):
        assert (await boss.client.data(OF_ORG, id=org(place)))["org"]["premises"]["nodes"] == [{"number": "502"}]
    assert (await boss.client.data(OF_ORG, id=org(tree.street)))["org"]["premises"]["nodes"] == []
    once = {"id": org(tree.community), "at": before.isoformat()}
    assert (await boss.client.data(OF_ORG, **once))["org"]["premises"]["nodes"] == [{"number": "502"}]
    then = {"id": org(tree.street), "at": before.isoformat()}
    assert (await boss.client.data(OF_ORG, **then))["org"]["premises"]["nodes"] == [{"number": "502"}]
    found = (await staff.client.data(HOME, id=home))["premises"]
    assert found["tenures"]["nodes"] == [{"person": {"name": "示例丙"}}]
    assert found["households"]["nodes"] == [{"members": {"nodes": [{"person": {"name": "示例丙"}}]}}]
    assert await office.client.data(HOME, id=home) == {"premises": None}, "the grants of the old one have ended"


async def test_whoever_works_at_the_successor_keeps_the_homes_on(
    office: Office, boss: Office, tree: Tree, client: Clients, district: District
) -> None:
    home = await lived_in(office, tree)
    await merge(boss, tree.community, tree.other_community)
    staff = Office(await client("community-staff", at=tree.other_community), tree)
    await staff.do("updatePremises", id=home, floor=5, microGridId=org(tree.grid))
    await staff.do("createTenure", premisesId=home, personId=who(tree.neighbour), kind="TENANT")
    member = {"personId": who(tree.neighbour), "relation": "HEAD"}
    await staff.do("createHousehold", premisesId=home, members=[member])
    assert await staff.refused("createPremises", orgId=org(tree.community), number="7", use="OTHER") == "ORG_ENDED"
    await staff.do("createPremises", orgId=org(tree.other_community), number="502", use="RESIDENTIAL")
    asked = (await staff.client.data(HOME, id=home))["premises"]
    assert asked["microGrid"] == {"name": "第一网格", "validTo": None}
    with district.scope():
        assert (await verify()).ok


async def test_in_a_split_everybody_at_a_successor_sees_the_homes_and_the_heir_counts_them(
    office: Office, boss: Office, tree: Tree, client: Clients
) -> None:
    home = await lived_in(office, tree)
    new = [{"name": name, "parentId": org(tree.street)} for name in ("东社区", "西社区")]
    given = {"sourceId": org(tree.community), "targets": new, "children": [], "heir": 1}
    text = f"mutation ($input: SplitOrgInput!) {{ splitOrg(input: $input) {{ {SUCCEEDED} }} }}"
    dry = await boss.client.mutate(text, input={**given, "dryRun": True})
    assert told(dry)["Premises", "KEPT"] == 1
    made = await boss.client.mutate(text, input=given)
    east, west = (one["id"] for one in made["targets"])
    numbers = []
    for place in (east, west):
        found = (await boss.client.data(OF_ORG, id=place))["org"]
        numbers.append([one["number"] for one in found["premises"]["nodes"]])
    assert numbers == [[], ["502"]], "each home counts once"
    for place in (east, west):
        parsed = parse_global_id(place)
        assert parsed is not None
        staff = await client("community-staff", at=OrgNode(id=parsed[1]))
        assert (await staff.data(HOME, id=home))["premises"]["number"] == "502"


async def test_a_community_that_moves_takes_its_homes_along(
    office: Office, boss: Office, tree: Tree, client: Clients, district: District
) -> None:
    home, rows = await lived_in(office, tree), await kept(district)
    await boss.do("moveOrg", id=org(tree.community), parentId=org(tree.other_street))
    assert await kept(district) == rows
    gone, come = await client("street-official", at=tree.street), await client("street-official", at=tree.other_street)
    assert await gone.data(HOME, id=home) == {"premises": None}
    assert (await come.data(OF_ORG, id=org(tree.other_street)))["org"]["premises"]["nodes"] == [{"number": "502"}]
    await office.do("updatePremises", id=home, floor=5)


async def test_a_micro_grid_that_is_merged_is_answered_for_by_its_successor_and_its_officer_stands_down(
    office: Office, boss: Office, tree: Tree
) -> None:
    made = {"kind": "MICRO_GRID", "parentId": org(tree.grid)}
    first, second = [await boss.do("createOrg", **made, name=f"{n}号微网格", code=f"M{n}") for n in (1, 2)]
    for grid, person in ((first, tree.resident), (second, tree.neighbour)):
        await boss.do("assignPost", orgId=grid, personId=who(person), kind="MICRO_GRID_OFFICER")
    home = await office.home("502", microGridId=first)
    thing = {"orgId": org(tree.community), "kind": "FIRE_HYDRANT", "name": "消火栓1", "microGridId": first}
    await office.do("createThing", **thing)
    text = f"mutation ($input: MergeOrgsInput!) {{ mergeOrgs(input: $input) {{ {SUCCEEDED} }} }}"
    done = await boss.client.mutate(text, input={"sourceIds": [first], "target": {"id": second}})
    assert told(done) == {("Post", "ENDED"): 1, ("Premises", "KEPT"): 1, ("Thing", "KEPT"): 1}
    found = (await office.client.data(HOME, id=home))["premises"]
    assert found["microGrid"] == {"name": "2号微网格", "validTo": None}
    findings = (await boss.client.data(FINDINGS, under=org(tree.community)))["microGridFindings"]
    assert findings == {"withoutOfficer": [], "premisesWithoutMicroGrid": 0, "thingsWithoutMicroGrid": 0}


async def test_what_a_micro_grid_that_ended_without_an_heir_answered_for_is_listed(
    office: Office, boss: Office, tree: Tree
) -> None:
    made = {"kind": "MICRO_GRID", "parentId": org(tree.grid)}
    grid = await boss.do("createOrg", **made, name="1号微网格", code="M1")
    await office.home("502", microGridId=grid)
    text = f"mutation ($input: SplitOrgInput!) {{ splitOrg(input: $input) {{ {SUCCEEDED} }} }}"
    new = [{"name": name, "parentId": org(tree.grid)} for name in ("1号东微网格", "1号西微网格")]
    done = await boss.client.mutate(text, input={"sourceId": grid, "targets": new, "children": []})
    assert told(done) == {("Premises", "KEPT"): 1}
    assert done["records"][0]["reason"] == "届时无人负责；请指定责任微网格"
    findings = (await boss.client.data(FINDINGS, under=org(tree.community)))["microGridFindings"]
    assert findings["premisesWithoutMicroGrid"] == 1


async def test_what_a_unit_owns_passes_to_the_unit_that_succeeds_it(
    office: Office, boss: Office, tree: Tree, client: Clients
) -> None:
    home = await office.home("101", use="OFFICE")
    share = {"numerator": 1, "denominator": 1}
    await office.do("createTenure", premisesId=home, orgId=org(tree.unit), kind="OWNER", share=share)
    done = await merge(boss, tree.unit, tree.partner)
    assert told(done)["Tenure", "KEPT"] == 1
    listed = (await boss.client.data(OF_ORG, id=org(tree.partner)))["org"]
    assert listed["tenures"]["nodes"] == [{"premises": {"number": "101"}}]


async def test_in_service_members_follow_their_unit_and_their_community(
    boss: Office, tree: Tree, client: Clients, district: District
) -> None:
    with district.scope():
        await transact(
            lambda _unit: Person.filter(id=tree.staff.id).update(
                party_status="中共党员", habitual_residence_id=tree.community.id
            )
        )
    await merge(boss, tree.unit, tree.partner)
    await merge(boss, tree.community, tree.other_community)
    secretary = await client("community-secretary", at=tree.other_community)
    places = {
        "unit": {"name": "示例单位2"},
        "residenceCommunity": {"name": "东茅岭社区"},
        "workplaceCommunity": {"name": "东茅岭社区"},
    }
    told_ = {"nodes": [{"name": "示例甲", "inServiceMember": places}]}
    for by, under in (
        ("RESIDENCE", org(tree.other_community)),
        ("UNIT", org(tree.partner)),
        ("WORKPLACE", org(tree.other_community)),
    ):
        found = await secretary.data(MEMBERS, under=under, by=by)
        assert found["inServiceMembers"] == told_, by
    assert (await boss.client.data(MEMBERS, under=org(tree.street), by="RESIDENCE"))["inServiceMembers"] == {
        "nodes": []
    }


async def test_people_of_a_merged_community_are_searched_for_at_the_successor(
    boss: Office, tree: Tree, client: Clients
) -> None:
    await merge(boss, tree.community, tree.other_community)

    async def found(asking: Client, place: Any) -> set[str]:
        hits = (await asking.data(SEARCH, under=org(place)))["search"]
        return {hit["record"]["id"] for hit in hits}

    staff = await client("community-staff", at=tree.other_community)
    residents = {global_id("Person", one.id) for one in (tree.resident, tree.neighbour)}
    assert residents <= await found(staff, tree.other_community)
    everybody = await client("district-official")
    assert residents <= await found(everybody, tree.other_street)
    assert residents & await found(everybody, tree.street) == set()
