from __future__ import annotations

from typing import Any

import pytest

from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

CREATE = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    ... on Person { id name idNumber phone birthDate } ... on Error { errorCode: code }
    ... on ValidationError { fields { path code } } } }"""


async def test_a_person_is_entered_masked_and_found_by_staff_of_the_place_only(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    home = global_id("OrgNode", tree.community.id)
    made = await boss.mutate(
        CREATE,
        input={
            "name": "示例老人",
            "idNumber": "430602195206150011",
            "phone": "13800000011",
            "habitualResidenceId": home,
        },
    )
    id_ = made.pop("id")
    assert made == {
        "name": "示例老人",
        "idNumber": "430602********0011",
        "phone": "138****0011",
        "birthDate": None,
    }
    query = "query ($id: ID!) { person(id: $id) { name } }"
    assert (await (await client("grid-officer", at=tree.community)).data(query, id=id_))["person"]
    for asking in (await client("grid-officer", at=tree.other_community), await client(person=tree.resident)):
        assert await asking.data(query, id=id_) == {"person": None}


async def test_others_than_staff_see_the_family_name(client: Clients, tree: Tree) -> None:
    auditor = await client("auditor", at=tree.root)
    found = await auditor.data("{ people { nodes { name } } }")
    assert {one["name"] for one in found["people"]["nodes"]} == {"示**"}


@pytest.mark.parametrize(
    ("number", "code"), [("430602195206150012", "CHECKSUM"), ("230881194602290010", "DATE"), ("12", "SHAPE")]
)
async def test_a_wrong_id_number_says_what_is_wrong(client: Clients, tree: Tree, number: str, code: str) -> None:
    refused = await (await client("district-admin")).mutate(CREATE, input={"name": "示例", "idNumber": number})
    assert refused["fields"] == [{"path": "idNumber", "code": code}]


async def test_an_id_number_belongs_to_one_person(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    given: dict[str, Any] = {"name": "示例", "idNumber": "430602195206150011"}
    assert (await boss.mutate(CREATE, input=given))["name"]
    assert (await boss.mutate(CREATE, input=given))["errorCode"] == "CONFLICT"


async def test_staff_of_a_unit_see_their_unit(client: Clients, tree: Tree) -> None:
    staff = await client("unit-staff", at=tree.partner, person=tree.partner_staff)
    told = await staff.data("{ viewer { person { name employer { name } } grants { role org { name } } } }")
    assert told["viewer"] == {
        "person": {"name": "示例乙", "employer": {"name": "示例单位2"}},
        "grants": [{"role": "unit-staff", "org": {"name": "示例单位2"}}],
    }


ACCOUNT = """mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
    ... on Account { id username } ... on Error { errorCode: code } } }"""
GRANT = """mutation ($input: GrantRoleInput!) { grantRole(input: $input) {
    ... on Grant { id role } ... on Error { errorCode: code } } }"""
REVOKE = """mutation ($input: RevokeGrantInput!) { revokeGrant(input: $input) {
    ... on Grant { validTo } ... on Error { errorCode: code } } }"""
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
    ... on Session { token } ... on Error { errorCode: code } } }"""


async def test_an_account_signs_in_and_has_what_it_was_given_until_it_is_revoked(client: Clients, tree: Tree) -> None:
    boss, nobody = await client("district-admin"), await client()
    made = await boss.mutate(ACCOUNT, input={"username": "lihua", "password": "correct horse battery"})
    place = global_id("OrgNode", tree.street.id)
    grant = await boss.mutate(GRANT, input={"accountId": made["id"], "role": "street-official", "orgId": place})
    for wrong in ({"username": "lihua", "password": "wrong"}, {"username": "nobody", "password": "wrong"}):
        assert await nobody.mutate(LOGIN, input=wrong) == {"errorCode": "INVALID_CREDENTIALS"}
    session = await nobody.mutate(LOGIN, input={"username": "lihua", "password": "correct horse battery"})
    official = type(nobody)(nobody.http, nobody.path, session["token"])
    hidden = global_id("OrgNode", tree.grid.id)
    query = "query ($id: ID!) { org(id: $id) { name } }"
    assert (await official.data(query, id=hidden))["org"] == {"name": "第一网格"}
    assert (await boss.mutate(REVOKE, input={"grantId": grant["id"]}))["validTo"]
    assert (await official.data(query, id=hidden))["org"] is None


async def test_nobody_gives_a_role_to_oneself_or_without_permission(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    me = (await boss.data("{ viewer { account { id } } }"))["viewer"]["account"]["id"]
    place = global_id("OrgNode", tree.street.id)
    given = {"accountId": me, "role": "auditor", "orgId": place}
    assert (await boss.mutate(GRANT, input=given))["errorCode"] == "FORBIDDEN"
    official = await client("street-official", at=tree.street)
    assert (await official.mutate(GRANT, input=given))["errorCode"] == "FORBIDDEN"


async def test_a_misspelt_role_is_refused(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin")
    made = await boss.mutate(ACCOUNT, input={"username": "lihua"})
    place = global_id("OrgNode", tree.street.id)
    refused = await boss.mutate(GRANT, input={"accountId": made["id"], "role": "street-offical", "orgId": place})
    assert refused["errorCode"] == "VALIDATION"
