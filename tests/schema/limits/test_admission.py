"""How often and how long: rates, requests at once, statements that do not end, clients that go away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from linli.core.access.viewer import PUBLIC
from linli.core.config import Limits
from linli.core.districts import District
from linli.core.districts.namespaces import schema_of
from linli.schema.limits.admission import KEPT, Admission, Rate, TooManyError
from linli.schema.testing import Client, Clients, Tree
from linli.schema.testing.engines import postgres_url

NAME = "{ district { name } }"
ORGS = "{ orgs { totalCount } }"
Waiting = Callable[[], Awaitable[int]]


@pytest.mark.linli(settings={"core": {"limits": {"requests_per_minute": 3, "requests_per_minute_anonymous": 2}}})
async def test_an_account_and_an_address_have_so_many_requests_a_minute(client: Clients) -> None:
    boss, other, nobody = await client("district-admin"), await client("district-admin"), await client()
    assert [(await boss.query(NAME)).status for _ in range(4)] == [200, 200, 200, 429]
    assert [(await nobody.query(NAME)).status for _ in range(3)] == [200, 200, 429]
    assert (await other.query(NAME)).status == 200
    refused = await boss.query(NAME, headers={"accept-language": "en"})
    [error] = refused.errors
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfterSeconds": 20}
    assert error["message"] == "Too many requests, allowed 3 a minute: wait 20 seconds"
    assert refused.headers["retry-after"] == "20"
    assert (await boss.query(NAME)).errors[0]["message"].startswith("请求过于频繁")


@pytest.mark.linli(settings={"core": {"limits": {"concurrent": 1}}})
async def test_an_account_has_so_many_requests_at_once(client: Clients, tree: Tree, district: District) -> None:
    boss = await client("district-admin")
    answers = await asyncio.gather(*(boss.query(ORGS) for _ in range(8)))
    codes = [code for answer in answers for code in answer.codes]
    assert "RATE_LIMITED" in codes
    assert set(codes) == {"RATE_LIMITED"}
    assert len(codes) < len(answers), "one of them at least is answered"
    assert (await boss.query(ORGS)).status == 200, "who was answered makes room"


def test_rates_remember_a_bounded_number() -> None:
    rate = Rate(1)
    assert rate.wait("first") == 0
    assert rate.wait("first") > 0
    for number in range(KEPT):
        rate.wait(number)
    assert len(rate._free_at) == KEPT
    assert rate.wait("first") == 0


def test_who_is_refused_takes_no_place() -> None:
    admission = Admission(Limits(concurrent_anonymous=1))
    with admission.of(PUBLIC, "192.0.2.1"):
        with pytest.raises(TooManyError), admission.of(PUBLIC, "192.0.2.1"):
            pytest.fail("there is no room")
        with admission.of(PUBLIC, "192.0.2.2"):
            pass
    with admission.of(PUBLIC, "192.0.2.1"):
        pass
    assert len(admission._places) == 0


@asynccontextmanager
async def held_up(district: District) -> AsyncIterator[Waiting]:
    """While this lasts nobody reads organisations; tells how many statements wait for it."""
    url = postgres_url()
    assert url is not None
    connection = await asyncpg.connect(url.replace("postgres://", "postgresql://", 1))
    schema = schema_of(district.key)

    async def waiting() -> int:
        found = await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass",
                                          f'"{schema}".core_org_node')  # fmt: skip
        return int(found)

    try:
        async with connection.transaction():
            await connection.execute(f'LOCK TABLE "{schema}".core_org_node IN ACCESS EXCLUSIVE MODE')
            yield waiting
    finally:
        await connection.close()


async def until(waiting: Waiting, count: int) -> None:
    async with asyncio.timeout(20):
        while await waiting() != count:
            await asyncio.sleep(0.02)


@pytest.mark.linli(settings={"core": {"limits": {"statement_seconds": 1}}})
async def test_a_statement_that_takes_too_long_is_stopped(client: Clients, tree: Tree, district: District) -> None:
    if district.store.dialect != "postgres":
        pytest.skip("SQLITE LETS READERS READ: nothing holds them up")
    boss = await client("district-admin")
    async with held_up(district) as waiting:
        refused = await boss.query(ORGS, headers={"accept-language": "en"})
        assert (refused.status, refused.codes) == (503, ["TIMEOUT"])
        assert refused.errors[0]["message"] == "A statement took longer than 1 seconds and was stopped; ask for less"
        await until(waiting, 0)
    assert (await boss.query(ORGS)).status == 200


@pytest.mark.linli(settings={"core": {"limits": {"seconds": 1}}})
async def test_an_operation_that_takes_too_long_is_stopped(client: Clients, tree: Tree, district: District) -> None:
    if district.store.dialect != "postgres":
        pytest.skip("SQLITE LETS READERS READ: nothing holds them up")
    boss = await client("district-admin")
    async with held_up(district) as waiting:
        assert (await boss.query(ORGS)).codes == ["TIMEOUT"]
        await until(waiting, 0)


async def _leave(client: Client, query: str, waiting: Waiting) -> None:
    """Ask, and go away once the question waits in the database; return when the server is done with it."""
    asked, left = json.dumps({"query": query}).encode(), asyncio.Event()
    received: list[dict[str, Any]] = [{"type": "http.request", "body": asked, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if received:
            return received.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(_message: object) -> None:
        """Nobody reads this."""

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {client.token}".encode())]
    scope = {"type": "http", "method": "POST", "path": client.path, "raw_path": client.path.encode(), "root_path": "",
             "query_string": b"", "headers": headers, "client": ("192.0.2.1", 1), "server": ("test", 80),
             "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"}}  # fmt: skip
    application: Any = client.http._transport.app  # type: ignore[attr-defined]  # where the kit's clients ask
    answering = asyncio.create_task(application(scope, receive, send))
    await until(waiting, 1)
    left.set()
    async with asyncio.timeout(20):
        await answering


async def test_a_query_that_nobody_waits_for_any_more_is_stopped(
    client: Clients, tree: Tree, district: District
) -> None:
    if district.store.dialect != "postgres":
        pytest.skip("SQLITE LETS READERS READ: nothing holds them up")
    boss = await client("district-admin")
    async with held_up(district) as waiting:
        await _leave(boss, ORGS, waiting)
        await until(waiting, 0)
    assert (await boss.query(ORGS)).status == 200
