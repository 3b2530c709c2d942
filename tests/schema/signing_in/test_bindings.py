"""Whoever made an account, and may know its password, cannot alone make it somebody's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.access.models import Account, PersonClaim
from linli.core.access.services import create_account
from linli.core.districts import District
from linli.core.people import services as people
from linli.core.people.models import Person
from linli.core.privacy.models import Consent, PersonRequest
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in.conftest import PASSWORD, holding, sign_in

NUMBER, PHONE = "430602195206150011", "13800000011"
MAKE = """mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
    ... on Account { id personConfirmed } ... on Error { errorCode: code } } }"""
CLAIM = "mutation ($input: ClaimPersonInput!) { claimPerson(input: $input) { __typename } }"
CLAIMS = "{ personClaims { nodes { id state username } } }"
APPROVE = """mutation ($id: ID!) { approvePersonClaim(input: {claimId: $id}) {
    ... on PersonClaim { state } ... on Error { errorCode: code message } } }"""
REJECT = """mutation ($id: ID!) { rejectPersonClaim(input: {claimId: $id, reason: "人证不符"}) {
    ... on PersonClaim { state } ... on Error { errorCode: code message } } }"""
DELEGATE = """mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {
    ... on Grant { id } ... on Error { errorCode: code } } }"""
CHANGE = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
    ... on Account { personConfirmed } ... on Error { errorCode: code } } }"""
ME = "{ viewer { account { id personConfirmed } person { id name idNumber phone birthDate } } }"
MASKED = {"name": "示***", "idNumber": "430602********0011", "phone": "138****0011", "birthDate": None}
IN_FULL = {"name": "示例老人", "idNumber": NUMBER, "phone": PHONE, "birthDate": "1952-06-15"}
REVEALED = '{ viewer { person { phone(reveal: {purpose: "核对本人信息"}) } } }'
ACTS: dict[str, dict[str, Any]] = {
    "exportPerson": {"purpose": "看看"},
    "requestCorrection": {"phone": "13900000099"},
    "erasePerson": {"reason": "不再需要"},
    "giveConsent": {"purpose": "core.contact"},
}


@pytest.fixture
async def old(district: District, tree: Tree) -> Person:
    """Somebody of whom everything is known, at home in the community."""
    known = {"name": "示例老人", "id_number": NUMBER, "phone": PHONE}
    given: dict[str, Any] = {**known, "habitual_residence_id": tree.community.id}
    with district.scope():
        return await transact(lambda _unit: people.create_person(None, **given))


async def made_by(boss: Client, client: Clients, person: Person | None, username: str = "lihua") -> Client:
    """Whoever knows the password that the maker gave an account signs in to it."""
    bound = {} if person is None else {"personId": global_id("Person", person.id)}
    made = await boss.mutate(MAKE, input={"username": username, "password": PASSWORD, **bound})
    assert made["personConfirmed"] is (person is None)
    nobody = await client()
    return holding(nobody, await sign_in(nobody, username))


async def seen_by(client: Client) -> dict[str, Any]:
    """The person behind an account as the account sees it, without the id."""
    found: dict[str, Any] = (await client.data(ME))["viewer"]["person"]
    return {name: value for name, value in found.items() if name != "id"}


async def waiting(client: Client) -> str:
    """The one claim that waits."""
    [claim] = [one for one in (await client.data(CLAIMS))["personClaims"]["nodes"] if one["state"] == "REQUESTED"]
    id_: str = claim["id"]
    return id_


async def act(client: Client, name: str, **given: Any) -> Any:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return await client.mutate(
        f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename ... on Error {{ code message path }} }} }}",
        input=given,
    )


async def test_the_maker_of_an_account_reads_nobody_in_full_by_it(client: Clients, tree: Tree, old: Person) -> None:
    boss = await client("district-admin")
    mine = await made_by(boss, client, old)
    assert (await mine.data(ME))["viewer"]["account"]["personConfirmed"] is False
    assert await seen_by(mine) == MASKED
    answer = await mine.query(REVEALED)
    assert answer.data == {"viewer": {"person": {"phone": None}}}
    assert answer.codes == ["PERSON_UNCONFIRMED"]


@pytest.mark.parametrize("name", ACTS)
async def test_an_account_that_nobody_confirmed_does_not_speak_for_its_person(
    client: Clients, tree: Tree, district: District, *, old: Person, name: str
) -> None:
    mine = await made_by(await client("district-admin"), client, old)
    person = {"personId": global_id("Person", old.id)}
    refused = await act(mine, name, **person, **ACTS[name])
    assert (refused["code"], refused["path"]) == ("PERSON_UNCONFIRMED", ["personId"])
    assert "审核" in refused["message"]
    with district.scope():
        assert not await PersonRequest.all().exists()
        assert not await Consent.all().exists()
    second = await client("district-admin")
    assert await second.mutate(APPROVE, id=await waiting(second)) == {"state": "APPROVED"}
    assert (await act(mine, name, **person, **ACTS[name]))["__typename"] in ("PersonRequest", "Consent")


async def test_a_consent_is_not_withdrawn_before_the_person_is_confirmed(
    client: Clients, tree: Tree, district: District, old: Person
) -> None:
    boss = await client("district-admin")
    mine = await made_by(boss, client, old)
    person = {"personId": global_id("Person", old.id)}
    given = await act(boss, "giveConsent", **person, purpose="core.contact", channel="PHONE", evidence="电话记录")
    assert given["__typename"] == "Consent", given
    with district.scope():
        consent = {"consentId": global_id("Consent", (await Consent.get()).id)}
    assert (await act(mine, "withdrawConsent", **consent))["code"] == "PERSON_UNCONFIRMED"
    listed = await mine.data("{ viewer { person { consents { nodes { purpose evidence } } } } }")
    assert listed["viewer"]["person"]["consents"]["nodes"] == [{"purpose": "core.contact", "evidence": None}]


async def test_another_confirms_who_is_behind_an_account_and_then_it_is_ones_own(
    client: Clients, tree: Tree, old: Person, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    mine = await made_by(await client("district-admin"), client, old)
    second = await client("district-admin", at=tree.community)
    assert await second.mutate(APPROVE, id=await waiting(second)) == {"state": "APPROVED"}
    assert (await mine.data(ME))["viewer"]["account"]["personConfirmed"] is True
    assert await seen_by(mine) == IN_FULL
    assert (await mine.data(REVEALED))["viewer"]["person"]["phone"] == PHONE
    told = [one.type for one in await events() if "claim" in one.type or one.type == "core.account_created"]
    assert told == ["core.account_created", "core.person_claimed", "core.claim_approved"]


async def test_neither_the_maker_nor_the_account_nor_a_deputy_of_the_maker_confirms(
    client: Clients, tree: Tree, old: Person, district: District
) -> None:
    boss = await client("district-admin", person=tree.staff)
    mine = await made_by(boss, client, old)
    deputy = await client(person=tree.neighbour)
    [grant] = (await boss.data("{ viewer { grants { id } } }"))["viewer"]["grants"]
    to = (await deputy.data("{ viewer { account { id } } }"))["viewer"]["account"]["id"]
    span = {"validFrom": "2020-01-01T00:00:00Z", "validTo": "2099-01-01T00:00:00Z"}
    assert "id" in await boss.mutate(DELEGATE, input={"grantId": grant["id"], "toAccountId": to, **span})
    id_ = await waiting(boss)
    for asking in (boss, deputy):
        for decision in (APPROVE, REJECT):
            answer = await asking.mutate(decision, id=id_)
            assert answer["errorCode"] == "SELF_VERIFICATION"
    assert "开立" in answer["message"]
    assert (await mine.mutate(APPROVE, id=id_))["errorCode"] == "NOT_FOUND"
    assert await seen_by(mine) == MASKED
    with district.scope():
        assert [one.state for one in await PersonClaim.all()] == ["REQUESTED"]


async def test_a_claim_of_an_account_is_not_decided_by_whoever_made_it(
    client: Clients, tree: Tree, old: Person, district: District
) -> None:
    boss = await client("district-admin")
    mine = await made_by(boss, client, None)
    assert await mine.mutate(CLAIM, input={"name": "示例老人", "idNumber": NUMBER}) == {"__typename": "ClaimReceived"}
    id_ = await waiting(boss)
    assert (await boss.mutate(APPROVE, id=id_))["errorCode"] == "SELF_VERIFICATION"
    with district.scope():  # as an account that was made before its maker was kept with it
        await transact(lambda _unit: Account.filter(username="lihua").update(created_by=None))
    assert (await boss.mutate(APPROVE, id=id_))["errorCode"] == "SELF_VERIFICATION"
    assert (await mine.data(ME))["viewer"]["person"] is None
    assert await (await client("district-admin")).mutate(APPROVE, id=id_) == {"state": "APPROVED"}
    assert await seen_by(mine) == IN_FULL


async def test_a_binding_that_another_rejects_leaves_the_account_without_the_person(
    client: Clients, tree: Tree, old: Person
) -> None:
    mine = await made_by(await client("district-admin"), client, old)
    second = await client("district-admin")
    id_ = await waiting(second)
    assert await second.mutate(REJECT, id=id_) == {"state": "REJECTED"}
    assert (await mine.data(ME))["viewer"]["person"] is None
    assert (await second.mutate(APPROVE, id=id_))["errorCode"] == "INVALID_TRANSITION"
    assert await mine.mutate(CLAIM, input={"name": "示例老人", "phone": PHONE}) == {"__typename": "ClaimReceived"}
    assert await second.mutate(APPROVE, id=await waiting(second)) == {"state": "APPROVED"}
    assert await seen_by(mine) == IN_FULL


async def test_another_password_confirms_nothing(client: Clients, tree: Tree, old: Person) -> None:
    mine = await made_by(await client("district-admin"), client, old)
    given = {"oldPassword": PASSWORD, "newPassword": "another horse battery"}
    assert await mine.mutate(CHANGE, input=given) == {"personConfirmed": False}
    assert await seen_by(mine) == MASKED


async def test_an_account_that_an_operator_made_for_somebody_is_theirs(
    client: Clients, tree: Tree, old: Person, district: District
) -> None:
    with district.scope():
        await transact(lambda _unit: create_account("lihua", PASSWORD, old.id))
        assert not await PersonClaim.all().exists()
    nobody = await client()
    assert await seen_by(holding(nobody, await sign_in(nobody))) == IN_FULL


@pytest.mark.linli(settings={"core": {"three_admins": True}})
async def test_with_three_admins_nobody_both_makes_accounts_and_gives_them_roles(
    client: Clients, tree: Tree, old: Person, district: District
) -> None:
    system, security = await client("system-admin"), await client("security-admin")
    place, person = global_id("OrgNode", tree.root.id), global_id("Person", old.id)
    made = await system.mutate(MAKE, input={"username": "lihua", "password": PASSWORD})
    role = {"accountId": made["id"], "role": "community-secretary", "orgId": place}
    assert (await act(system, "grantRole", **role))["code"] == "FORBIDDEN"
    assert (await act(await client("district-admin"), "grantRole", **role))["code"] == "FORBIDDEN"
    bound = {"username": "wangwu", "password": PASSWORD, "personId": person}
    assert await system.mutate(MAKE, input=bound) == {"errorCode": "NOT_FOUND"}
    assert await security.mutate(MAKE, input=bound) == {"errorCode": "FORBIDDEN"}
    assert await security.mutate(MAKE, input={"username": "wangwu", "password": PASSWORD}) == {"errorCode": "FORBIDDEN"}
    assert (await act(security, "grantRole", **role))["__typename"] == "Grant"
    with district.scope():
        assert not await Account.filter(username="wangwu").exists()


async def test_without_three_admins_the_trail_tells_who_made_an_account_and_gave_it_a_role(
    client: Clients, tree: Tree, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    boss = await client("district-admin")
    made = await boss.mutate(MAKE, input={"username": "lihua", "password": PASSWORD})
    role = {"accountId": made["id"], "role": "community-secretary", "orgId": global_id("OrgNode", tree.root.id)}
    assert (await act(boss, "grantRole", **role))["__typename"] == "Grant"
    nobody = await client()
    await sign_in(nobody)
    told = [(one.type, one.actor_id) for one in await events()]
    [maker] = {actor for type_, actor in told if type_ == "core.account_created"}
    assert dict(told)["core.grant_given"] == maker is not None
    assert "core.signed_in" in dict(told)
