"""Claiming to be a person: staff decide, and nobody learns who is in the registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from linli.core.access.models import Account, PersonClaim
from linli.core.access.services import issue_token
from linli.core.districts import District
from linli.core.people import services as people
from linli.core.people.models import Person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in.conftest import Register

CLAIM = """mutation ($input: ClaimPersonInput!) { claimPerson(input: $input) {
    __typename ... on Error { errorCode: code path } } }"""
LIST = "{ personClaims { totalCount nodes { id username state person { name } } } }"
APPROVE = """mutation ($id: ID!) { approvePersonClaim(input: {claimId: $id}) {
    ... on PersonClaim { state } ... on Error { errorCode: code } } }"""
REJECT = """mutation ($id: ID!) { rejectPersonClaim(input: {claimId: $id, reason: "照片不符"}) {
    ... on PersonClaim { state reason } ... on Error { errorCode: code } } }"""
ME = "{ viewer { person { name } } }"
NUMBER, PHONE = "430602195206150011", "13800000011"
RIGHT = {"name": "示例老人", "idNumber": NUMBER}
RECEIVED = {"__typename": "ClaimReceived"}


@pytest.fixture
async def old(district: District, tree: Tree) -> Person:
    """Somebody of the registry, who lives in the community."""
    known = {"name": "示例老人", "id_number": NUMBER, "phone": PHONE}
    given: dict[str, Any] = {**known, "habitual_residence_id": tree.community.id}
    with district.scope():
        return await transact(lambda _unit: people.create_person(None, **given))


@pytest.fixture
async def speaking(client: Clients, district: District) -> Callable[[Account], Awaitable[Client]]:
    """A client that speaks for an account."""

    async def speak(account: Account) -> Client:
        nobody = await client()
        with district.scope():
            token = await transact(lambda _unit: issue_token(account, None))
        return Client(nobody.http, nobody.path, token)

    return speak


Speaking = Callable[[Account], Awaitable[Client]]


async def listed(client: Client) -> list[dict[str, Any]]:
    """The claims that somebody sees, as many as are counted."""
    found = (await client.data(LIST))["personClaims"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


@pytest.mark.parametrize("given", [RIGHT, {"name": "示例老人", "phone": PHONE}])
async def test_an_approved_claim_gives_the_account_its_person(
    client: Clients,
    *,
    tree: Tree,
    register: Register,
    speaking: Speaking,
    old: Person,
    given: dict[str, str],
    events: Callable[[], Awaitable[list[Event]]],
) -> None:
    mine, staff = await speaking(await register()), await client("district-admin", at=tree.street)
    assert await mine.mutate(CLAIM, input=given) == RECEIVED
    assert await mine.data(ME) == {"viewer": {"person": None}}
    [claim] = await listed(staff)
    id_ = claim.pop("id")
    assert claim == {"username": "lihua", "state": "REQUESTED", "person": {"name": "示例老人"}}
    assert await staff.mutate(APPROVE, id=id_) == {"state": "APPROVED"}
    assert (await mine.data(ME))["viewer"]["person"] is not None
    assert await staff.mutate(REJECT, id=id_) == {"errorCode": "INVALID_TRANSITION"}
    assert (await mine.mutate(CLAIM, input=given))["errorCode"] == "INVALID_TRANSITION"
    told = [event.type for event in await events() if "claim" in event.type]
    assert told == ["core.person_claimed", "core.claim_approved"]


@pytest.mark.parametrize(
    "given",
    [
        {"name": "示例老人", "idNumber": "11010519491231002X"},
        {"name": "示例他人", "idNumber": NUMBER},
        {"name": "示例老人", "phone": "13900000000"},
    ],
)
async def test_a_claim_that_fits_nobody_is_received_all_the_same_and_seen_by_nobody(
    client: Clients,
    *,
    tree: Tree,
    register: Register,
    speaking: Speaking,
    old: Person,
    statements: Callable[[], AbstractContextManager[list[str]]],
    given: dict[str, str],
) -> None:
    mine, other = await speaking(await register()), await speaking(await register("wangwu"))
    right = RIGHT if "idNumber" in given else {"name": "示例老人", "phone": PHONE}
    with statements() as for_nobody:
        assert await mine.mutate(CLAIM, input=given) == RECEIVED
    with statements() as for_somebody:
        assert await other.mutate(CLAIM, input=right) == RECEIVED
    assert len(for_nobody) == len(for_somebody)
    assert [claim["username"] for claim in await listed(await client("district-admin"))] == ["wangwu"]


async def test_only_staff_who_may_change_the_person_see_and_decide(
    client: Clients, tree: Tree, register: Register, speaking: Speaking, old: Person
) -> None:
    mine = await speaking(await register())
    await mine.mutate(CLAIM, input=RIGHT)
    [claim] = await listed(await client("district-admin", at=tree.community))
    elsewhere = await client("district-admin", at=tree.other_street)
    for asking in (mine, elsewhere, await client("grid-officer", at=tree.community), await client()):
        assert await listed(asking) == []
    for asking in (mine, elsewhere):
        for mutation in (APPROVE, REJECT):
            assert await asking.mutate(mutation, id=claim["id"]) == {"errorCode": "NOT_FOUND"}


async def test_a_rejected_claimant_is_told_nothing(
    client: Clients, tree: Tree, register: Register, speaking: Speaking, *, old: Person, district: District
) -> None:
    mine, staff = await speaking(await register()), await client("district-admin")
    await mine.mutate(CLAIM, input=RIGHT)
    [claim] = await listed(staff)
    assert await staff.mutate(REJECT, id=claim["id"]) == {"state": "REJECTED", "reason": "照片不符"}
    assert await mine.data(ME) == {"viewer": {"person": None}}
    query = "query ($id: ID!) { node(id: $id) { id } events { totalCount } }"
    assert await mine.data(query, id=claim["id"]) == {"node": None, "events": {"totalCount": 0}}
    assert await mine.mutate(CLAIM, input=RIGHT) == RECEIVED
    with district.scope():
        assert "示例老人" not in str(await PersonClaim.all().values())


async def test_nobody_decides_on_a_claim_of_ones_own_or_gives_a_person_twice(
    client: Clients, tree: Tree, register: Register, speaking: Speaking, old: Person
) -> None:
    admin = await speaking(await register("admin", role="district-admin"))
    await admin.mutate(CLAIM, input=RIGHT)
    [claim] = await listed(admin)
    assert await admin.mutate(APPROVE, id=claim["id"]) == {"errorCode": "SELF_VERIFICATION"}
    await register("wangwu", person=old)
    other = await client("district-admin")
    assert await other.mutate(APPROVE, id=claim["id"]) == {"errorCode": "CONFLICT"}
    assert [one["state"] for one in await listed(other)] == ["REQUESTED"]


async def test_an_account_claims_five_times_a_day(
    tree: Tree, register: Register, speaking: Speaking, old: Person
) -> None:
    mine = await speaking(await register())
    answers = [await mine.mutate(CLAIM, input={"name": f"示例{number}", "phone": PHONE}) for number in range(5)]
    assert answers == [RECEIVED] * 5
    assert (await mine.mutate(CLAIM, input=RIGHT))["errorCode"] == "RATE_LIMITED"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " ", "phone": PHONE}, ["name"]),
        ({"name": "示例"}, ["idNumber"]),
        ({"name": "示例", "phone": PHONE, "idNumber": NUMBER}, ["idNumber"]),
        ({"name": "示例", "idNumber": "430602195206150012"}, ["idNumber"]),
    ],
)
async def test_what_no_person_can_have_is_refused(
    tree: Tree, register: Register, speaking: Speaking, given: dict[str, str], path: list[str]
) -> None:
    refused = await (await speaking(await register())).mutate(CLAIM, input=given)
    assert (refused["errorCode"], refused["path"]) == ("VALIDATION", path)
