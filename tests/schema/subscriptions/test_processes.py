"""Servers as processes of their own: what one does, subscribers of another learn; and how one ends."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from linli.core.access.models import Grant, Token
from linli.core.access.tokens import digest
from linli.core.districts import District
from linli.core.graph import services
from linli.core.records.sealing import seal_now
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing.engines import VARIABLE
from tests.load import processes
from tests.load.bookings import court
from tests.load.deployments import Deployment, deployed
from tests.load.engines import SQLITE, Engine, postgres
from tests.load.people import Staff, appointed, staff
from tests.load.wire import connections
from tests.schema.subscriptions.sockets import opened, streamed, told

BOOK = """mutation ($input: BookVenueInput!) { bookVenue(input: $input) {
  __typename ... on Booking { id state } ... on Error { code message } } }"""
FOLLOW = """subscription ($venueId: ID!) { bookingChanged(venueId: $venueId) { type booking { state } } }"""
CREATE = """mutation ($input: CreateOrgInput!) { createOrg(input: $input) { __typename } }"""
REVOKE = """mutation ($input: RevokeGrantInput!) { revokeGrant(input: $input) { __typename
  ... on Error { code message } } }"""


@dataclass(frozen=True)
class Scene:
    """A district with the people of a unit, and a clerk of the community in which it is, served."""

    deployment: Deployment
    people: Staff
    clerk: str
    url: str
    server: processes.Server


@pytest.fixture
def measured(engine: Dialect) -> Engine:
    """Each engine that the test kit found."""
    found = SQLITE if engine == "sqlite" else postgres()
    assert found is not None, f"set {VARIABLE}"
    return found


@pytest.fixture
def scene(measured: Engine) -> Iterator[Scene]:
    """A district with venues, served by a process."""
    with deployed(measured, {"live": ["venues"]}) as deployment:
        people = asyncio.run(deployment.inside("live", lambda district: staff(district, 1)))
        clerk = asyncio.run(
            deployment.inside("live", lambda it: appointed(it, "clerk", "community-staff", people.tree.community))
        )
        asyncio.run(deployment.inside("live", lambda it: seal_now(it.store)))
        with processes.serving(deployment.config) as server:
            yield Scene(deployment, people, clerk, server.endpoint(deployment.keys["live"]), server)


@contextmanager
def another(scene: Scene) -> Iterator[str]:
    """The endpoint of a second process that serves the same district; on PostgreSQL, where there may be several."""
    folder = scene.deployment.folder / "another"
    folder.mkdir()
    for file in ("linli.toml", "linli.keys"):
        shutil.copy(scene.deployment.folder / file, folder)
    with processes.serving(folder / "linli.toml") as server:
        yield server.endpoint(scene.deployment.keys["live"])


on_postgres = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@on_postgres
def test_a_booking_confirmed_by_one_process_appears_in_the_subscription_of_another(scene: Scene) -> None:
    async def follow(here: str, there: str) -> float:
        member = scene.people.members[0]
        async with connections(there, scene.people.admin, member) as (chief, booker):
            venue = await court(chief, scene.people)
            async with opened(here, member) as socket:
                await socket.subscribe(FOLLOW, venueId=venue)
                start = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0).timestamp() + 7 * 86400
                slot = [datetime.fromtimestamp(start + more, UTC).isoformat() for more in (0, 1800)]
                given = {"venueId": venue, "start": slot[0], "end": slot[1], "partySize": 1}
                booked = await booker.mutate(BOOK, **given)
                assert booked["__typename"] == "Booking", booked
                began = time.monotonic()
                payload = await socket.next()
                assert payload["data"]["bookingChanged"]["booking"]["state"] == booked["state"]
                return time.monotonic() - began

    with another(scene) as there:
        assert asyncio.run(follow(scene.url, there)) < 2.0


async def _create(url: str, token: str, people: Staff, code: str) -> None:
    async with connections(url, token) as (chief,):
        given = {
            "kind": "TEAM",
            "name": "一队",
            "code": code,
            "parentId": global_id("OrgNode", people.tree.community.id),
        }
        made = await chief.mutate(CREATE, **given)
        assert made["__typename"] == "OrgNode", made


@on_postgres
def test_a_grant_revoked_by_one_process_ends_the_subscription_at_another(scene: Scene) -> None:
    async def grant_of(_district: District) -> str:
        token = await Token.get(digest=digest(scene.clerk))
        return global_id("Grant", (await Grant.get(account_id=token.account_id)).id)

    grant = asyncio.run(scene.deployment.inside("live", grant_of))

    async def follow(here: str, there: str) -> None:
        async with opened(here, scene.clerk) as socket, connections(there, scene.people.admin) as (chief,):
            await socket.subscribe()
            await _create(there, scene.people.admin, scene.people, "BEFORE")
            assert (await socket.event())["org"]["code"] == "BEFORE"
            revoked = await chief.mutate(REVOKE, grantId=grant)
            assert revoked["__typename"] == "Grant", revoked
            await _create(there, scene.people.admin, scene.people, "AFTER")
            assert await socket.closed() == (4403, "FORBIDDEN")

    with another(scene) as there:
        asyncio.run(follow(scene.url, there))


def test_what_a_command_does_beside_the_server_is_told_too(scene: Scene) -> None:
    async def beside(district: District) -> None:
        await transact(
            lambda _unit: services.create_org(
                district.kinds,
                kind="TEAM",
                name="二队",
                code="CLI",
                parent_id=scene.people.tree.community.id,
                valid_from=None,
            )
        )

    async def follow() -> None:
        async with opened(scene.url, scene.clerk) as socket:
            await socket.subscribe()
            await asyncio.to_thread(asyncio.run, scene.deployment.inside("live", beside))
            assert (await socket.event())["org"]["code"] == "CLI"

    asyncio.run(follow())


def test_a_server_that_is_stopped_closes_what_is_open_at_once_and_cleanly(scene: Scene) -> None:
    token = scene.clerk

    async def follow() -> float:
        async with opened(scene.url, token) as socket, streamed(scene.url, token) as response:
            await socket.subscribe()
            began = time.monotonic()
            scene.server.process.send_signal(signal.SIGTERM)
            assert (await socket.closed())[0] == 1001
            assert [name async for name, _ in told(response)] == []
            await asyncio.to_thread(scene.server.process.wait, 20)
            return time.monotonic() - began

    assert asyncio.run(follow()) < 6
    assert scene.server.process.returncode == 0
    assert "ASGI" not in scene.server.log.read_text("utf-8")
