"""A server keeps viewers in mind; what another process changes counts for the very next request all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from linli.core import clock
from linli.core.access import granting, sessions
from linli.core.access import services as access
from linli.core.access.models import Account, AccountSession, Grant, Token
from linli.core.access.origin import Origin
from linli.core.access.sessions import Reason
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from tests.load.deployments import Deployment, deployed
from tests.load.engines import SQLITE, postgres
from tests.load.processes import Server, serving
from tests.load.wire import Connection, body, connections

ROUNDS = 10
WHO = body("{ viewer { account { username } grants { role } } }")
ROLES, REFUSED = ["district-admin"], "UNAUTHENTICATED"

Change = Callable[[District, Account], Awaitable[object]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Deployment, Server]]:
    """A district that a process of its own serves."""
    engine = SQLITE if request.param == "sqlite" else postgres()
    if engine is None:
        pytest.skip("no PostgreSQL answers")
    with deployed(engine, {"apart": ()}) as deployment, serving(deployment.config) as server:
        yield deployment, server


async def revoke_token(_district: District, account: Account) -> object:
    return await Token.filter(account_id=account.id).update(revoked_at=clock.now())


async def end_session(_district: District, account: Account) -> object:
    return await sessions.end(await AccountSession.get(account_id=account.id), Reason.REVOKED)


async def close_account(_district: District, account: Account) -> object:
    return await access.close_account(account, "operator")


async def end_grant(_district: District, account: Account) -> object:
    grant = await Grant.get(account_id=account.id)
    await granting.end_grant(grant, clock.now(), "operator")
    return grant


async def end_grant_soon(_district: District, account: Account) -> object:
    """As of an instant to come: nobody changes anything when it does."""
    return await Grant.filter(account_id=account.id).update(valid_to=clock.now() + timedelta(seconds=0.3))


WAYS: dict[str, tuple[Change, object]] = {
    "the token is revoked": (revoke_token, REFUSED),
    "the session is ended": (end_session, REFUSED),
    "the account is closed": (close_account, REFUSED),
    "the grant is ended": (end_grant, []),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_another_process_takes_away_is_refused_at_the_next_request(
    served: tuple[Deployment, Server], way: str
) -> None:
    change, wanted = WAYS[way]

    async def play(district: District, ask: Connection, account: Account) -> None:
        assert await shown(ask) == ROLES
        assert await shown(ask) == ROLES, "it was not kept in mind, or is no longer as it was found"
        await transact(lambda _unit: change(district, account))
        assert await shown(ask) == wanted

    run(served, play, ROUNDS)


def test_what_another_process_grants_counts_at_the_next_request(served: tuple[Deployment, Server]) -> None:
    async def play(district: District, ask: Connection, account: Account) -> None:
        await transact(lambda _unit: end_grant(district, account))
        assert await shown(ask) == []
        await transact(lambda _unit: grant(district, account))
        assert await shown(ask) == ROLES

    run(served, play, ROUNDS)


def test_a_grant_that_runs_out_counts_until_then_though_nothing_is_changed(served: tuple[Deployment, Server]) -> None:
    async def play(district: District, ask: Connection, account: Account) -> None:
        await transact(lambda _unit: end_grant_soon(district, account))
        assert await shown(ask) == ROLES
        await asyncio.sleep(0.3)
        assert await shown(ask) == []

    run(served, play, 1)


def run(
    served: tuple[Deployment, Server], play: Callable[[District, Connection, Account], Awaitable[None]], rounds: int
) -> None:
    """Play with an account of its own each time, whose token the server has not seen."""
    deployment, server = served

    async def inside(district: District) -> None:
        for _ in range(rounds):
            account, token = await transact(lambda _unit: admitted(district))
            async with connections(server.endpoint(district.key), token) as (ask,):
                await play(district, ask, account)

    asyncio.run(deployment.inside("apart", inside))


async def admitted(district: District) -> tuple[Account, str]:
    account = await access.create_account(f"admin-{new_id().hex}", None, None)
    await grant(district, account)
    opened = await sessions.open_session(account.id, "password", Origin(), district.settings)
    return account, opened.token


async def grant(district: District, account: Account) -> object:
    root = await OrgNode.get(parent_id=None)
    return await granting.grant_role(
        district.granting, account_id=account.id, role=ROLES[0], org_id=root.id, valid_from=None, valid_to=None
    )


async def shown(ask: Connection) -> Any:
    """The roles that count, or the code of the refusal."""
    answer = orjson.loads(await ask.post(WHO, statuses=("200", "401")))
    if answer.get("errors"):
        return answer["errors"][0]["extensions"]["code"]
    return [one["role"] for one in answer["data"]["viewer"]["grants"]]
