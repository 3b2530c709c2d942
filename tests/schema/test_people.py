from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.access.models import Account
from linli.core.access.services import issue_token
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
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


PLACES = ("habitualResidenceId", "registeredResidenceId", "employerId")
UPDATE = """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
    ... on Person { version habitualResidence { name } } ... on Error { errorCode: code path } } }"""


@pytest.mark.parametrize("place", PLACES)
async def test_nobody_is_entered_where_the_caller_may_not_enter_people(client: Clients, tree: Tree, place: str) -> None:
    local = await client("district-admin", at=tree.street)
    here, elsewhere = (global_id("OrgNode", it.id) for it in (tree.community, tree.other_community))
    other = next(it for it in PLACES if it != place)
    given = {"name": "示例己", "idNumber": "not even an id number", other: here, place: elsewhere}
    assert (await local.mutate(CREATE, input=given))["errorCode"] == "FORBIDDEN"
    query = "{ people { totalCount } }"
    before = await (await client("district-admin")).data(query)
    assert before == {"people": {"totalCount": 5}}
    del given["idNumber"]
    assert (await local.mutate(CREATE, input={**given, place: here}))["name"] == "示例己"


async def test_a_place_that_the_caller_does_not_see_is_not_found(client: Clients, tree: Tree) -> None:
    local = await client("district-admin", at=tree.other_street)
    home, hidden = global_id("OrgNode", tree.other_community.id), global_id("OrgNode", tree.unit.id)
    given = {"name": "示例己", "habitualResidenceId": home, "employerId": hidden}
    assert (await local.mutate(CREATE, input=given))["errorCode"] == "NOT_FOUND"


@pytest.mark.parametrize("place", PLACES)
async def test_nobody_is_moved_to_where_the_caller_may_not_enter_people(
    client: Clients, tree: Tree, place: str
) -> None:
    local = await client("district-admin", at=tree.street)
    who, elsewhere = global_id("Person", tree.resident.id), global_id("OrgNode", tree.other_community.id)
    refused = await local.mutate(UPDATE, input={"id": who, place: elsewhere, "name": ""})
    assert refused == {"errorCode": "FORBIDDEN", "path": [place]}
    home = global_id("OrgNode", tree.community.id)
    kept = await local.mutate(UPDATE, input={"id": who, "habitualResidenceId": home})
    assert kept == {"version": 1, "habitualResidence": {"name": "观音阁社区"}}


async def test_nobody_is_taken_away_from_where_the_caller_may_not_enter_people(client: Clients, tree: Tree) -> None:
    local = await client("district-admin", at=tree.street)
    who = global_id("Person", tree.staff.id)  # works in the street, lives elsewhere
    for home in (global_id("OrgNode", tree.community.id), None):
        refused = await local.mutate(UPDATE, input={"id": who, "habitualResidenceId": home})
        assert refused == {"errorCode": "FORBIDDEN", "path": ["habitualResidenceId"]}
    everywhere = await client("district-admin")
    moved = {"id": who, "habitualResidenceId": global_id("OrgNode", tree.community.id)}
    assert (await everywhere.mutate(UPDATE, input=moved))["habitualResidence"] == {"name": "观音阁社区"}


async def test_only_who_may_enter_people_everywhere_leaves_somebody_without_a_place(
    client: Clients, tree: Tree
) -> None:
    nowhere = {"id": global_id("Person", tree.resident.id), "habitualResidenceId": None}
    local = await client("district-admin", at=tree.street)
    assert (await local.mutate(UPDATE, input=nowhere))["errorCode"] == "FORBIDDEN"
    everywhere = await client("district-admin")
    assert (await everywhere.mutate(UPDATE, input=nowhere))["version"] == 2


async def test_a_person_has_one_account_also_where_two_are_made_at_once(
    client: Clients, tree: Tree, district: District
) -> None:
    boss = await client("district-admin")
    who = global_id("Person", tree.resident.id)
    answers = await asyncio.gather(
        *(boss.mutate(ACCOUNT, input={"username": f"user{number}", "personId": who}) for number in range(6))
    )
    assert sorted(answer.get("errorCode", "made") for answer in answers) == ["CONFLICT"] * 5 + ["made"]
    with district.scope():
        assert await Account.filter(person_id=tree.resident.id).count() == 1


async def test_after_an_account_was_disabled_the_person_may_have_another(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    boss = await client("district-admin")
    given = {"username": "first", "personId": global_id("Person", tree.resident.id)}
    assert (await boss.mutate(ACCOUNT, input=given))["username"] == "first"
    with district.scope():
        await transact(lambda _unit: Account.filter(username="first").update(disabled_at=clock.now()))
    assert (await boss.mutate(ACCOUNT, input={**given, "username": "second"}))["username"] == "second"


async def test_accounts_and_grants_tell_their_history(
    client: Clients, tree: Tree, district: District, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    boss = await client("district-admin")
    made = await boss.mutate(ACCOUNT, input={"username": "lihua"})
    place = global_id("OrgNode", tree.street.id)
    await boss.mutate(GRANT, input={"accountId": made["id"], "role": "street-official", "orgId": place})
    with district.scope():
        account = await Account.get(username="lihua")
        token = await transact(lambda _unit: issue_token(account, None))
    await events()
    own = type(boss)(boss.http, boss.path, token)
    told = await own.data(
        "{ viewer { account { history { nodes { type actor { id } } } } grants { history { nodes { type } } } } }"
    )
    assert told["viewer"] == {
        "account": {
            "history": {
                "nodes": [
                    {"type": "core.account_created", "actor": None},
                    {"type": "core.token_issued", "actor": None},
                ]
            }
        },
        "grants": [{"history": {"nodes": [{"type": "core.grant_given"}]}}],
    }
