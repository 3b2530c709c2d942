"""Homes: entered, found, corrected, ended; one valid home for each place."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.registry.models import Premises, Thing
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office, org, who
from tests.schema.registry.conftest import Unchanged

HOME = """query ($id: ID!) { premises(id: $id) { unit floor number area areaBasis use address
    org { name } microGrid { name } validTo version } }"""
ADDRESS = "岳阳楼区 示例路１号2栋3单元502室"


async def test_a_home_is_entered_read_and_corrected(office: Office) -> None:
    given: dict[str, Any] = {"unit": "3", "floor": 5, "area": "98.5", "areaBasis": "REGISTRY", "address": ADDRESS}
    home = await office.home(**given)
    assert (await office.client.data(HOME, id=home))["premises"] == {
        "unit": "3",
        "floor": 5,
        "number": "502",
        "area": "98.50",
        "areaBasis": "REGISTRY",
        "use": "RESIDENTIAL",
        "address": "岳阳楼区示例路*号*栋*单元***室",
        "org": {"name": "观音阁社区"},
        "microGrid": None,
        "validTo": None,
        "version": 1,
    }
    corrected = await office.send("updatePremises", "... on Premises { area floor version }", id=home, area="99.01")
    assert (corrected["area"], corrected["floor"], corrected["version"]) == ("99.01", 5, 2)
    again = await office.send("updatePremises", "... on Premises { version }", id=home, area="99.01", unit=" 3 ")
    assert again["version"] == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"area": "0"}, "AREA_NOT_POSITIVE"),
        ({"area": "-3.20"}, "AREA_NOT_POSITIVE"),
        ({"area": "98.505"}, "AREA_SHAPE"),
        ({"area": "2000000"}, "AREA_TOO_LARGE"),
        ({"number": ""}, "TEXT"),
        ({"number": "x" * 21}, "TEXT"),
        ({"floor": 900}, "OUT_OF_RANGE"),
        ({"address": "x\n"}, "TEXT"),
        ({"source": {"kind": "IMPORTED", "detail": "x" * 201}}, "TEXT"),
    ],
)
async def test_a_home_that_cannot_be_is_refused(
    office: Office, told: Unchanged, given: dict[str, Any], code: str
) -> None:
    before = await told()
    place = {"orgId": org(office.tree.community), "use": "RESIDENTIAL", "number": "502"}
    assert await office.refused("createPremises", **{**place, **given}) == code
    assert await told() == before


async def test_a_home_stands_in_a_building_a_compound_or_a_community(office: Office, told: Unchanged) -> None:
    before, home = await told(), {"use": "RESIDENTIAL", "number": "502"}
    assert await office.refused("createPremises", orgId=org(office.tree.grid), **home) == "PREMISES_PLACE"
    assert await office.refused("createPremises", orgId=org(office.tree.other_community), **home) == "FORBIDDEN"
    assert await told() == before


async def test_one_place_has_one_valid_home(office: Office, told: Unchanged) -> None:
    home = await office.home("５０２")
    other, before = await office.home("503"), await told()
    place = {"orgId": org(office.tree.community), "use": "OTHER"}
    assert await office.refused("createPremises", **place, number="502 ") == "PLACE_TAKEN"
    assert await office.refused("updatePremises", id=other, number="502") == "PLACE_TAKEN"
    assert await told() == before
    await office.home("502", unit="2")
    await office.do("endPremises", id=home)
    await office.home("502")


async def test_two_clients_at_once_enter_a_home_once(office: Office, district: District) -> None:
    given = {"orgId": org(office.tree.community), "use": "RESIDENTIAL", "number": "502"}
    answers = await asyncio.gather(*(office.send("createPremises", **given) for _ in range(6)))
    assert sorted(one.get("code", "") for one in answers) == ["", *["PLACE_TAKEN"] * 5]
    with district.scope():
        assert await Premises.all().count() == 1


async def test_a_home_does_not_end_while_somebody_holds_it_or_lives_there(office: Office, told: Unchanged) -> None:
    home = await office.home()
    tenure = await office.owner(home, office.tree.resident)
    household = await office.do("createHousehold", premisesId=home)
    before = await told()
    answer = await office.send("endPremises", "... on RejectedError { details }", id=home)
    assert (answer["code"], answer["details"]) == ("PREMISES_IN_USE", {"tenures": 1, "households": 1, "things": 0})
    assert await told() == before
    await office.do("endTenure", id=tenure)
    await office.do("endHousehold", id=household)
    await office.do("endPremises", id=home)
    assert await office.refused("endPremises", id=home) == "INVALID_TRANSITION"
    assert await office.refused("updatePremises", id=home, number="1") == "INVALID_TRANSITION"
    assert await office.refused("endPremises", id=await office.home(), at="2027-01-01T00:00:00Z") == "FUTURE"
    assert (
        await office.refused("endPremises", id=await office.home("1"), at="2020-01-01T00:00:00Z") == "END_BEFORE_START"
    )


async def test_a_stale_version_is_a_conflict(office: Office) -> None:
    home = await office.home()
    await office.do("updatePremises", id=home, floor=4)
    assert await office.refused("updatePremises", id=home, floor=5, expectedVersion=1) == "CONFLICT"
    assert await office.refused("endPremises", id=home, expectedVersion=1) == "CONFLICT"


async def test_lists_show_what_is_valid_now_or_then(office: Office) -> None:
    since = {"validFrom": "2026-01-01T00:00:00+08:00"}
    old, _ = await office.home("1", **since), await office.home("2", **since)
    await office.do("endPremises", id=old, at="2026-02-01T00:00:00+08:00")
    asked = """query ($then: DateTime, $id: ID!) { premisesList(asOf: $then, orderBy: [{field: NUMBER}]) {
        totalCount nodes { number } } org(id: $id) { premises(asOf: $then) { totalCount } } }"""
    street = org(office.tree.community)
    now = await office.client.data(asked, id=street)
    then = await office.client.data(asked, id=street, then="2026-01-15T00:00:00+08:00")
    assert [one["number"] for one in now["premisesList"]["nodes"]] == ["2"]
    assert [one["number"] for one in then["premisesList"]["nodes"]] == ["1", "2"]
    assert (now["org"]["premises"]["totalCount"], then["org"]["premises"]["totalCount"]) == (1, 2)


async def test_a_home_is_found_by_its_address_by_those_who_may_reveal_it(
    office: Office, client: Clients, tree: Tree
) -> None:
    await office.home(address=ADDRESS)
    await office.home("503", address="示例路2号")
    asked = "query ($address: String!) { premisesList(filter: {address: {eq: $address}}) { nodes { number } } }"
    secretary = await client("community-secretary", at=tree.community)
    spelled = "岳阳楼区示例路1号2栋3单元502室"
    assert (await secretary.data(asked, address=spelled))["premisesList"]["nodes"] == [{"number": "502"}]
    assert (await office.client.query(asked, address=spelled)).codes == ["FORBIDDEN"]
    shown = '{ premisesList(filter: {number: {eq: "502"}}) { nodes { address(reveal: {purpose: "上门走访"}) } } }'
    assert (await secretary.data(shown))["premisesList"]["nodes"] == [{"address": spelled}]
    assert (await office.client.query(shown)).codes == ["FORBIDDEN"]


async def test_the_stored_address_is_encrypted(office: Office, district: District) -> None:
    await office.home(address="示例路2号")
    with district.scope():
        row = await Premises.get()
        assert row.address is not None
        assert row.address_index is not None
        assert "示例路" not in row.address.stored + row.address_index


async def test_owner_tenant_and_household_see_their_own_home_and_nobody_elses(
    office: Office, client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    home, other = await office.home(address=ADDRESS), await office.home("503")
    boss = Office(await client("district-admin"), tree)
    await boss.owner(home, tree.staff)  # lives in another community, whose people the staff of this one do not see
    tenant = await office.do("createTenure", premisesId=home, personId=who(tree.neighbour), kind="TENANT")
    await office.do("createHousehold", premisesId=home, members=[{"personId": who(tree.resident), "relation": "HEAD"}])
    asked = """query ($home: ID!, $other: ID!) { premises(id: $home) { number address org { name }
        tenures { totalCount } households { totalCount } } other: premises(id: $other) { number } }"""
    shown = {"number": "502", "address": "岳阳楼区示例路1号2栋3单元502室", "org": {"name": "观音阁社区"}}
    seen = {tree.staff.id: (1, 0), tree.neighbour.id: (1, 0), tree.resident.id: (0, 1)}
    for person in (tree.staff, tree.neighbour, tree.resident):
        me = await client(person=person)
        found = await me.data(asked, home=home, other=other)
        tenures, households = ({"totalCount": count} for count in seen[person.id])
        assert found == {"premises": {**shown, "tenures": tenures, "households": households}, "other": None}
    stranger = await client(person=tree.partner_staff)
    assert await stranger.data(asked, home=home, other=other) == {"premises": None, "other": None}
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endTenure", id=tenant)
    mine = await (await client(person=tree.neighbour)).data(asked, home=home, other=other)
    assert mine == {"premises": None, "other": None}


MERGE = """mutation ($input: MergeOrgsInput!) { mergeOrgs(input: $input) {
    ... on OrgSuccession { records { what fate count } } } }"""
END_ORG = """mutation ($input: EndOrgInput!) { endOrg(input: $input) {
    __typename ... on RejectedError { code details } } }"""


async def test_a_building_does_not_end_before_what_stands_in_it(office: Office, client: Clients, tree: Tree) -> None:
    boss = Office(await client("district-admin"), tree)
    building = await boss.do("createOrg", kind="BUILDING", name="1栋", code="B1", parentId=org(tree.community))
    home = await office.do("createPremises", orgId=building, number="101", use="RESIDENTIAL")
    lift = await office.do("createThing", orgId=building, kind="ELEVATOR", name="1号梯")
    refused = await boss.client.mutate(END_ORG, input={"id": building})
    assert (refused["code"], refused["details"]) == ("ORG_IN_USE", {"premises": 1, "things": 1})
    await office.do("endPremises", id=home)
    await office.do("endThing", id=lift)
    assert await boss.client.mutate(END_ORG, input={"id": building}) == {"__typename": "OrgNode"}
    assert await office.refused("createPremises", orgId=building, number="102", use="RESIDENTIAL") == "ORG_ENDED"


async def test_a_building_ends_or_a_home_is_entered_in_it_never_both(
    office: Office, client: Clients, tree: Tree, district: District
) -> None:
    boss = Office(await client("district-admin"), tree)
    for number in range(6):
        place = await boss.do("createOrg", kind="BUILDING", name="栋", code=f"B{number}", parentId=org(tree.community))
        entering = {"orgId": place, "number": "101", "use": "RESIDENTIAL"}
        await asyncio.gather(
            boss.client.mutate(END_ORG, input={"id": place}),
            office.send("createPremises", **entering),
            office.send("createThing", orgId=place, kind="ELEVATOR", name="梯"),
        )
    with district.scope():
        for model in (Premises, Thing):
            assert not await model.filter(valid_to=None, org__valid_to__not_isnull=True).exists()


async def test_a_merge_tells_beforehand_of_the_homes_and_things_that_stay(
    office: Office, client: Clients, tree: Tree
) -> None:
    await office.home()
    await office.do("createThing", orgId=org(tree.community), kind="ELEVATOR", name="1号梯")
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}, "dryRun": True}
    plan = await (await client("district-admin")).mutate(MERGE, input=given)
    told = {one["what"]: (one["fate"], one["count"]) for one in plan["records"]}
    assert (told["Premises"], told["Thing"]) == (("KEPT", 1), ("KEPT", 1))
