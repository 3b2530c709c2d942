"""Who may subscribe, and that it ends when what allowed it does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from linli.core import clock as clocks
from linli.core.access.models import Account, Grant, Token
from linli.core.access.tokens import digest
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.subscriptions.guard import CHECK_SECONDS
from linli.schema.testing import Client, Clients, Tree
from tests.schema.subscriptions.conftest import Creator, Serving
from tests.schema.subscriptions.sockets import EVENTS, opened, streamed, told

REVOKE = """mutation ($input: RevokeGrantInput!) { revokeGrant(input: $input) { __typename
  ... on Error { code message } } }"""
GRANT = """mutation ($input: GrantRoleInput!) { grantRole(input: $input) { __typename ... on Grant { id }
  ... on Error { code message } } }"""
LOGOUT = "mutation { logout(input: {}) { __typename } }"


async def account_of(district: District, client: Client) -> UUID:
    with district.scope():
        token = await Token.get(digest=digest(str(client.token)))
        return token.account_id


async def change(district: District, work: object) -> None:
    with district.scope():
        await transact(work)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [None, "linli_nobody_has_this_token_0000000000000000", "  "])
async def test_without_a_token_that_counts_the_connection_is_forbidden(served: Serving, token: str | None) -> None:
    async with opened(served.url) as socket:
        await socket.send(type="connection_init", payload={} if token is None else {"Authorization": f"Bearer {token}"})
        assert (await socket.closed())[0] == 4403


async def test_a_client_that_can_send_headers_may_show_its_token_there(served: Serving, client: Clients) -> None:
    auditor = await client("auditor")
    headers = {"Authorization": f"Bearer {auditor.token}"}
    async with opened(served.url, additional_headers=headers) as socket:
        assert (await socket.begin(None))["type"] == "connection_ack"


async def test_nobody_subscribes_before_the_connection_is_acknowledged(served: Serving) -> None:
    async with opened(served.url) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": EVENTS})
        assert (await socket.closed())[0] == 4401


async def test_a_grant_that_is_revoked_ends_the_subscription(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District
) -> None:
    staff, admin = await client("community-staff", at=tree.community), await client("security-admin")
    account_id = await account_of(district, staff)
    with district.scope():
        grant = await Grant.get(account_id=account_id)
    async with opened(served.url, staff.token) as socket:
        await socket.subscribe()
        await create(tree.community, code="BEFORE")
        assert (await socket.event())["org"]["code"] == "BEFORE"
        revoked = await admin.mutate(REVOKE, input={"grantId": global_id("Grant", grant.id)})
        assert revoked["__typename"] == "Grant", revoked
        await create(tree.community, code="AFTER")
        assert await socket.closed() == (4403, "FORBIDDEN")


@pytest.mark.parametrize("how", ["revoked", "disabled"])
async def test_a_token_that_counts_no_longer_ends_the_subscription(
    served: Serving, client: Clients, tree: Tree, district: District, how: str
) -> None:
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    async with opened(served.url, staff.token) as socket:
        await socket.subscribe()
        if how == "revoked":
            await change(district, lambda _unit: Token.filter(account_id=account_id).update(revoked_at=now))
        else:
            await change(district, lambda _unit: Account.filter(id=account_id).update(disabled_at=now))
        assert await socket.closed() == (4403, "UNAUTHENTICATED")


async def test_a_token_that_expires_ends_the_subscription(
    served: Serving, client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    staff = await client("community-staff", at=tree.community, expires_at=clock.now() + timedelta(hours=1))
    async with opened(served.url, staff.token) as socket:
        await socket.subscribe()
        clock.advance(clock.now() + timedelta(hours=2))
        assert await socket.closed() == (4403, "TOKEN_EXPIRED")


async def test_what_is_granted_meanwhile_is_seen_from_the_next_event_on(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District
) -> None:
    staff, admin = await client("community-staff", at=tree.community), await client("district-admin")
    account_id = await account_of(district, staff)
    async with opened(served.url, staff.token) as socket:
        await socket.subscribe(types=["core.org_created"])
        await create(tree.other_community, code="UNSEEN")
        assert await socket.silent()
        given = {
            "accountId": global_id("Account", account_id),
            "role": "community-staff",
            "orgId": global_id("OrgNode", tree.other_community.id),
        }
        granted = await admin.mutate(GRANT, input=given)
        assert granted["__typename"] == "Grant", granted
        await create(tree.other_community, code="SEEN")
        assert (await socket.event())["org"]["code"] == "SEEN"


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at rights unless an event asks for it."""
    monkeypatch.setattr("linli.schema.subscriptions.guard.CHECK_SECONDS", 600.0)


@pytest.mark.usefixtures("unwatched")
async def test_a_connection_of_before_subscribes_to_nothing_with_a_token_that_was_revoked(
    served: Serving, client: Clients, tree: Tree, district: District
) -> None:
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    async with opened(served.url, staff.token) as socket:
        await change(district, lambda _unit: Token.filter(account_id=account_id).update(revoked_at=now))
        await socket.send(type="subscribe", id="1", payload={"query": EVENTS})
        assert await socket.closed() == (4403, "UNAUTHENTICATED")


@pytest.mark.usefixtures("unwatched")
async def test_a_connection_of_before_subscribes_with_what_is_held_now(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District
) -> None:
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    async with opened(served.url, staff.token) as socket:
        await change(district, lambda _unit: Grant.filter(account_id=account_id).update(valid_to=now))
        await socket.subscribe()
        await create(tree.community, code="UNSEEN")
        assert await socket.silent()


async def test_a_place_that_is_moved_away_is_told_of_no_longer(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District
) -> None:
    official = await client("street-official", at=tree.street)
    async with opened(served.url, official.token) as socket:
        await socket.subscribe(types=["core.org_created"])
        await create(tree.community, code="BEFORE")
        assert (await socket.event())["org"]["code"] == "BEFORE"
        move = """mutation ($input: MoveOrgInput!) { moveOrg(input: $input) { __typename ... on Error { message } } }"""
        admin = await client("district-admin")
        given = {
            "id": global_id("OrgNode", tree.community.id),
            "parentId": global_id("OrgNode", tree.other_street.id),
            "expectedVersion": await _version(district, tree.community.id),
        }
        moved = await admin.mutate(move, input=given)
        assert moved["__typename"] == "OrgNode", moved
        await create(tree.community, code="AFTER")
        await create(tree.street, code="STILL")
        assert (await socket.event())["org"]["code"] == "STILL"


async def _version(district: District, node_id: UUID) -> int:
    with district.scope():
        return (await OrgNode.get(id=node_id)).version


@pytest.mark.parametrize("ended", [("revoked_at", "UNAUTHENTICATED"), ("expires_at", "TOKEN_EXPIRED")])
async def test_a_connection_by_which_nothing_is_subscribed_to_ends_with_its_token_too(
    served: Serving, client: Clients, tree: Tree, district: District, ended: tuple[str, str]
) -> None:
    column, code = ended
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    async with opened(served.url, staff.token) as socket:
        await change(district, lambda _unit: Token.filter(account_id=account_id).update(**{column: now}))
        async with asyncio.timeout(3 * CHECK_SECONDS + 4):
            assert await socket.closed() == (4403, code)


async def test_a_connection_outlives_a_grant_and_subscribes_by_what_is_left(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District
) -> None:
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    await change(district, lambda _unit: Grant.create(account_id=account_id, role="auditor", org_id=tree.root.id))
    async with opened(served.url, staff.token) as socket:
        await change(district, lambda _unit: Grant.filter(role="community-staff").update(valid_to=now))
        assert await socket.silent(CHECK_SECONDS + 0.5)
        await socket.subscribe(types=["core.org_created"])
        await create(tree.community, code="STILL")
        assert (await socket.event())["org"]["code"] == "STILL"


async def test_an_event_stream_tells_why_it_ends_and_completes(
    served: Serving, client: Clients, tree: Tree, district: District
) -> None:
    staff = await client("community-staff", at=tree.community)
    account_id, now = await account_of(district, staff), clocks.now()
    async with streamed(served.url, staff.token) as response:
        assert response.status_code == 200
        await change(district, lambda _unit: Token.filter(account_id=account_id).update(revoked_at=now))
        received = [one async for one in told(response)]
    (next_, last), complete = received
    assert next_ == "next"
    assert last["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert complete == ("complete", None)


async def test_an_event_stream_needs_a_token(served: Serving) -> None:
    for token in (None, "linli_nobody"):
        async with streamed(served.url, token) as response:
            assert response.status_code == 401
            [error] = (await response.aread(), response.json())[1]["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
