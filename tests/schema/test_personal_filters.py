from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.expressions import Q

from linli.core.access.models import Account, Grant
from linli.core.access.visibility import PublicRows
from linli.core.districts import District
from linli.core.graph import services
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.people.services import assign_post, create_person
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree

FIND = "query ($filter: PersonFilter) { people(filter: $filter) { totalCount nodes { id phone } } }"
HERE = {"name": "示例老人", "id_number": "430602195206150011", "phone": "13800000011"}
THERE = {"name": "示例青年", "id_number": "430602199003070028", "phone": "13800000012"}


@pytest.fixture
async def people(district: District, tree: Tree) -> None:
    """An elder in the community, and somebody young in the other one."""

    async def enter(_unit: object) -> None:
        for home, values in ((tree.community, HERE), (tree.other_community, THERE)):
            more: dict[str, Any] = {"gender": "MALE", "party_status": "MEMBER", **values}
            await create_person(habitual_residence_id=home.id, **more)

    with district.scope():
        await transact(enter)


async def count(client: Client, **filter_: Any) -> int:
    found = (await client.data(FIND, filter=filter_))["people"]
    assert len(found["nodes"]) == found["totalCount"]
    total: int = found["totalCount"]
    return total


EQUAL = [
    {"idNumber": {"eq": "430602195206150011"}},
    {"phone": {"eq": "13800000011"}},
    {"phone": {"in": ["13800000011", "13800000099"]}},
    {"birthDate": {"eq": "1952-06-15"}},
    {"name": {"eq": "示例老人"}},
    {"name": {"startsWith": "示例老"}},
]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("filter_", EQUAL, ids=str)
async def test_who_may_see_a_value_in_full_finds_people_by_it(
    client: Clients, tree: Tree, filter_: dict[str, Any]
) -> None:
    secretary = await client("community-secretary", at=tree.community)
    assert await count(secretary, **filter_) == 1
    elsewhere = await client("community-secretary", at=tree.other_community)
    assert await count(elsewhere, **filter_) == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("filter_", [*EQUAL[:4], {"gender": {"eq": "MALE"}}, {"partyStatus": {"eq": "x"}}], ids=str)
@pytest.mark.parametrize("role", ["district-admin", "grid-officer", "auditor"])
async def test_others_may_not_filter_by_it(client: Clients, role: str, filter_: dict[str, Any]) -> None:
    for wrapped in (filter_, {"not": filter_}, {"or": [filter_, {"createdAt": {"isNull": False}}]}):
        answer = await (await client(role)).query(FIND, filter=wrapped)
        assert (answer.data, answer.codes) == (None, ["FORBIDDEN"])
        assert answer.errors[0]["extensions"]["argument"] == f"filter.{next(iter(filter_))}"


@pytest.mark.usefixtures("people")
async def test_nobody_filters_by_it_without_a_token(client: Clients) -> None:
    assert (await (await client()).query(FIND, filter=EQUAL[0])).codes == ["UNAUTHENTICATED"]


@pytest.mark.usefixtures("people")
async def test_people_whose_values_are_masked_never_match_whatever_is_asked(
    client: Clients, tree: Tree, district: District
) -> None:
    with_both = await client("community-secretary", at=tree.community)
    both = await _also(with_both, tree, district)
    assert await count(both) == 7  # of the other community too, masked
    for value in ("13800000012", "13800000099"):
        phone = {"phone": {"eq": value}}  # of the three of the place one has a phone
        assert await count(both, **phone) == 0
        assert await count(both, **{"not": phone}) == 1
        assert await count(both, **{"not": {"not": phone}}) == 0
        assert await count(both, **{"or": [phone, {"not": phone}]}) == 1
        assert await count(both, **{"not": {"or": [phone, {"name": {"eq": "x"}}]}}) == 1


async def _also(client: Client, tree: Tree, district: District) -> Client:
    """The same account, which now reads people of the other street too."""
    with district.scope():
        account = await Account.all().order_by("-created_at").first()
        assert account is not None
        await transact(
            lambda _unit: Grant.create(account_id=account.id, role="grid-officer", org_id=tree.other_street.id)
        )
    return client


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("filter_", [{"idNumber": {"in": ["x"]}}, {"phone": {"startsWith": "138"}}], ids=str)
async def test_encrypted_values_are_found_as_a_whole_only(client: Clients, filter_: dict[str, Any]) -> None:
    answer = await (await client("community-secretary")).query(FIND, filter=filter_)
    assert answer.codes == ["GRAPHQL_VALIDATION"]


@pytest.mark.usefixtures("people")
async def test_a_person_is_found_through_a_post_only_where_the_value_may_be_seen(
    client: Clients, tree: Tree, district: District
) -> None:
    async def appoint(_unit: object) -> None:
        for person in await Person.filter(name__in=[HERE["name"], THERE["name"]]):
            await assign_post(person.id, tree.community.id, "HELPER", None, None)

    with district.scope():
        await transact(appoint)
    secretary = await client("community-secretary", at=tree.community)
    query = """query ($phone: String!) { org(code: "430602003006") {
        posts(filter: {person: {phone: {eq: $phone}}}) { totalCount } } }"""
    for phone, found in ((HERE["phone"], 1), (THERE["phone"], 0)):
        assert (await secretary.data(query, phone=phone))["org"]["posts"]["totalCount"] == found


async def test_no_masked_value_orders_a_list(client: Clients) -> None:
    told = await (await client("district-admin")).data('{ __type(name: "PersonOrderField") { enumValues { name } } }')
    assert {value["name"] for value in told["__type"]["enumValues"]} == {"CREATED_AT", "UPDATED_AT"}


ORGS = "query ($filter: OrgNodeFilter) { orgs(filter: $filter) { totalCount nodes { name validFrom } } }"


@pytest.mark.parametrize("ask", [{"eq": "2020-01-01T00:00:00Z"}, {"gt": "2000-01-01T00:00:00Z"}, {"isNull": False}])
async def test_a_column_that_a_public_row_does_not_show_cannot_be_asked_for(
    client: Clients, tree: Tree, district: District, ask: dict[str, Any]
) -> None:
    with district.scope():
        started = datetime(2020, 1, 1, tzinfo=UTC)
        await transact(
            lambda _unit: services.create_org(
                district.kinds, kind="RESIDENT_UNIT", name="公开单位", parent_id=tree.community.id, valid_from=started
            )
        )
    shown = frozenset({"kind", "code", "name"})
    rows = PublicRows(lambda prefix: Q(**{f"{prefix}kind": "RESIDENT_UNIT"}), shown)
    district.sight.public_rows[OrgNode] = [rows]  # type: ignore[index]  # as a plugin's hook would have it
    nobody, staff = await client(), await client("grid-officer", at=tree.community)
    named = {"name": {"eq": "公开单位"}}
    expected = {"totalCount": 1, "nodes": [{"name": "公开单位", "validFrom": None}]}
    assert (await nobody.data(ORGS, filter=named))["orgs"] == expected
    for asked in ({"validFrom": ask}, {"not": {"validFrom": ask}}, {"not": {"validFrom": {"isNull": True}}}):
        found = (await nobody.data(ORGS, filter={**named, **asked}))["orgs"]
        assert found == {"totalCount": 0, "nodes": []}
    assert (await staff.data(ORGS, filter={**named, "validFrom": ask}))["orgs"]["totalCount"] == 1
    assert (await staff.data(ORGS, filter={**named, "not": {"validFrom": ask}}))["orgs"]["totalCount"] == 0
