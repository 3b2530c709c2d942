"""Service tokens: they may be narrowed to permissions and to a place, and then allow no more than that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.core.access.models import Account
from linli.core.access.services import issue_token
from linli.core.access.tokens import Narrowed
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in.conftest import Register

PERMISSIONS = "query ($at: ID) { viewer { permissions(at: $at) person { id } account { username } } }"
GRANTS = "{ viewer { account { id } grants { id } } }"
DELEGATE = """mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {
    ... on Grant { id } ... on Error { code } } }"""
RENAME = """mutation ($id: ID!) { updateOrg(input: {id: $id, name: "新名"}) {
    ... on OrgNode { name } ... on Error { errorCode: code } } }"""


async def service(
    client: Clients, district: District, account: Account, permissions: tuple[str, ...] | None, org: OrgNode | None
) -> Client:
    """A client with a narrowed token of an account."""
    nobody, narrowed = await client(), Narrowed(permissions, None if org is None else org.id)
    with district.scope():
        token = await transact(lambda _unit: issue_token(account, None, narrowed))
    return Client(nobody.http, nobody.path, token)


async def test_a_narrowed_token_allows_what_both_it_and_its_account_may(
    client: Clients, tree: Tree, district: District, register: Register
) -> None:
    admin = await register("admin", role="district-admin", person=tree.staff)
    wanted = ("core.org.write", "core.audit.read")
    asking = await service(client, district, admin, wanted, tree.street)
    told = (await asking.data(PERMISSIONS, at=global_id("OrgNode", tree.community.id)))["viewer"]
    assert told == {"permissions": ["core.org.write"], "person": None, "account": {"username": "admin"}}
    for outside in (tree.root, tree.other_street):
        assert (await asking.data(PERMISSIONS, at=global_id("OrgNode", outside.id)))["viewer"]["permissions"] == []
    assert await asking.mutate(RENAME, id=global_id("OrgNode", tree.street.id)) == {"name": "新名"}
    refused = await asking.mutate(RENAME, id=global_id("OrgNode", tree.other_street.id))
    assert refused == {"errorCode": "FORBIDDEN"}


async def test_a_token_for_a_wider_place_stays_where_the_account_may_act(
    client: Clients, tree: Tree, district: District, register: Register
) -> None:
    official = await register("official", role="street-official", at=tree.street)
    asking = await service(client, district, official, None, tree.root)
    inside, outside = global_id("OrgNode", tree.grid.id), global_id("OrgNode", tree.other_community.id)
    assert "core.org.read" in (await asking.data(PERMISSIONS, at=inside))["viewer"]["permissions"]
    assert (await asking.data(PERMISSIONS, at=outside))["viewer"]["permissions"] == []


async def test_a_token_whose_place_has_ended_allows_nothing(
    client: Clients, tree: Tree, district: District, register: Register
) -> None:
    admin = await register("admin", role="district-admin")
    asking = await service(client, district, admin, None, tree.street)
    assert (await asking.data(PERMISSIONS))["viewer"]["permissions"]
    with district.scope():
        await transact(lambda _unit: OrgNode.filter(id=tree.street.id).update(valid_to=tree.street.created_at))
    assert (await asking.data(PERMISSIONS))["viewer"]["permissions"] == []


@pytest.mark.parametrize(
    "mutation",
    [
        'changePassword(input: {oldPassword: "correct horse battery", newPassword: "another horse battery"})',
        "logoutEverywhere(input: {})",
    ],
)
async def test_a_narrowed_token_changes_nothing_of_its_account(
    client: Clients, district: District, register: Register, mutation: str
) -> None:
    asking = await service(client, district, await register(), ("core.org.read",), None)
    assert await asking.mutate(f"mutation {{ {mutation} {{ ... on Error {{ code }} }} }}") == {"code": "FORBIDDEN"}


async def test_a_narrowed_token_passes_no_role_of_its_account_on(
    client: Clients, tree: Tree, district: District, register: Register, clock: FrozenClock
) -> None:
    """Else whoever finds a token for reading gives the whole role to an account of their own."""
    admin = await register("admin", role="district-admin", person=tree.staff)
    accomplice = await client(person=tree.resident)
    asking = await service(client, district, admin, ("core.org.read",), tree.street)
    grant = (await asking.data(GRANTS))["viewer"]["grants"][0]["id"]
    given = {
        "grantId": grant,
        "toAccountId": (await accomplice.data(GRANTS))["viewer"]["account"]["id"],
        "validFrom": clock.now().isoformat(),
        "validTo": (clock.now() + timedelta(days=3)).isoformat(),
    }
    assert await asking.mutate(DELEGATE, input=given) == {"code": "FORBIDDEN"}
    assert (await accomplice.data(GRANTS))["viewer"]["grants"] == []
