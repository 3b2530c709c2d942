"""Somebody with a password, and clients that come from other addresses or go on with a session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from linli.core.access.models import Account, Grant
from linli.core.access.passwords import hashed
from linli.core.districts import District, Platform
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.http.application import application
from linli.schema.testing import Client, Tree
from linli.schema.testing.schemas import composed_once

PASSWORD = "correct horse battery"
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
    ... on Session { token expiresAt refreshToken } ... on Error { errorCode: code }
    ... on RateLimitedError { retryAfterSeconds } } }"""
KEPT = hashed(PASSWORD)

Register = Callable[..., Awaitable[Account]]
From = Callable[[str], Client]


@pytest.fixture
def register(district: District, tree: Tree) -> Register:
    """Makes an account with PASSWORD, for a person and with a role where these are given."""

    async def make(
        username: str = "lihua",
        *,
        role: str | None = None,
        at: OrgNode | None = None,
        person: Person | None = None,
        password_hash: str | None = KEPT,
    ) -> Account:
        async def work(_unit: object) -> Account:
            account = await Account.create(
                username=username, password_hash=password_hash, person_id=None if person is None else person.id
            )
            if role is not None:
                await Grant.create(account_id=account.id, role=role, org_id=(at or tree.root).id)
            return account

        with district.scope():
            return await transact(work)

    return make


@pytest.fixture
async def at_address(district: District, platform: Platform) -> AsyncIterator[From]:
    """A client without a token that comes from an address."""
    app = application(platform, composer=composed_once)
    async with AsyncExitStack() as stack:
        opened: list[httpx.AsyncClient] = []

        def come(address: str, agent: str = "") -> Client:
            transport = httpx.ASGITransport(app, client=(address, 4000))
            http = httpx.AsyncClient(
                transport=transport, base_url="http://district.test", headers={"user-agent": agent}
            )
            opened.append(http)
            stack.push_async_callback(http.aclose)
            return Client(http, f"/d/{district.key}/graphql")

        yield come


def holding(client: Client, session: dict[str, Any]) -> Client:
    """The same client with the access token of a session."""
    return Client(client.http, client.path, session["token"])


async def sign_in(client: Client, username: str = "lihua", password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    """What `login` answers."""
    found: dict[str, Any] = await client.mutate(LOGIN, input={"username": username, "password": password, **more})
    return found
