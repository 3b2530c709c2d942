"""Whoever goes, however it goes, leaves nothing behind; and nobody who reads nothing holds anything up."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from weakref import ReferenceType

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from linli.core.districts import District, Platform
from linli.core.records.events import sealed_events
from linli.schema.http.conversation import Conversation
from linli.schema.http.room import Room
from linli.schema.http.socket_messages import TOO_SLOW
from linli.schema.subscriptions.guard import Standing
from linli.schema.testing import Clients, Tree
from linli.schema.testing.clients import Client
from tests.schema.subscriptions.conftest import Creator, Serving, serving
from tests.schema.subscriptions.sockets import opened, streamed, told
from tests.schema.subscriptions.test_protocol import configure

SOCKETS = 100
CONNECTS = int(os.environ.get("LINLI_CHAOS_CONNECTS", "200"))


async def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        await asyncio.sleep(0.05)


def held(*kinds: type) -> int:
    """How many objects of these kinds are alive."""
    gc.collect()
    return sum(issubclass(type(one), kinds) for one in gc.get_objects())  # proxies may lead to nothing


_rooms: list[Room] = []


@pytest.fixture(autouse=True)
def _looked_for_rooms() -> Iterator[None]:
    _rooms.clear()
    yield
    _rooms.clear()


def taken() -> int:
    """How many connections are counted as open.

    The rooms are looked for once: going through all objects holds the server up, which is in this process too.
    """
    if not _rooms:
        _rooms.extend(room for room in gc.get_objects() if type(room) is Room)
    return sum(room.taken for room in _rooms)


async def test_a_hundred_connections_that_break_off_leave_nothing(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    tokens = [(await client("community-staff", at=tree.community)).token for _ in range(5)]
    await create(tree.community, code="WARM")
    await asyncio.sleep(0.2)
    before = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(served.url, tokens[n % 5])) for n in range(SOCKETS)]
        for socket in sockets:
            await socket.subscribe()
        await create(tree.community, code="ALL")
        for socket in sockets:
            assert (await socket.event())["org"]["code"] == "ALL"
        assert taken() == SOCKETS
        assert len(asyncio.all_tasks()) > before + SOCKETS
        for socket in sockets:
            socket.connection.transport.abort()
        await until(lambda: taken() == 0)
    await until(lambda: len(asyncio.all_tasks()) <= before)
    del sockets, socket
    assert served.server.server_state.connections == set()
    assert held(Conversation, Standing) == 0


async def test_event_streams_that_break_off_leave_nothing(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    token = (await client("auditor")).token
    await create(tree.community, code="WARM")
    await asyncio.sleep(0.2)
    before = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        responses = [await stack.enter_async_context(streamed(served.url, token)) for _ in range(20)]
        await until(lambda: taken() == 20)
        await asyncio.sleep(0.3)
        await create(tree.community, code="ALL")
        for response in responses:
            assert (await anext(told(response)))[0] == "next"
    await until(lambda: taken() == 0)
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_server_that_stops_says_so_and_waits_for_nobody(
    platform: Platform, district: District, client: Clients, tree: Tree
) -> None:
    token = (await client("auditor")).token
    async with serving(platform, district) as served, opened(served.url, token) as socket:
        await socket.subscribe()
        async with streamed(served.url, token) as response:
            began = time.monotonic()
            await served.stop()
            assert time.monotonic() - began < 5
            assert (await socket.closed())[0] == 1001
            assert [name async for name, _ in told(response)] == []


async def fill(create: Creator, tree: Tree, count: int) -> None:
    for number in range(count):
        await create(tree.community, code=f"F{number}", name="很长的名称" * 15)


NAMES = " ".join(f"a{number}: org {{ name }}" for number in range(250))
LARGE = f"subscription ($after: Long) {{ events(after: $after) {{ sequence {NAMES} }} }}"


@pytest.mark.linli(settings={"core": {"limits": {"aliases": 300}}})
async def test_a_client_that_reads_nothing_is_dropped_and_resumes_without_loss(
    platform: Platform, district: District, client: Clients, tree: Tree, create: Creator
) -> None:
    configure(platform, slow_client_seconds=1)
    auditor = await client("auditor")
    await fill(create, tree, 100)
    async with serving(platform, district) as served:
        received = await _what_a_slow_one_had(served, auditor)
        await until(lambda: taken() == 0)
        with district.scope():
            every = [one.sequence for one in await sealed_events()]
        assert len(received) < len(every)
        async with opened(served.url, auditor.token) as socket:
            await socket.subscribe(after=received[-1] if received else 0)
            received += [(await socket.event())["sequence"] for _ in every[len(received) :]]
            assert await socket.silent()
    assert received == every


async def _what_a_slow_one_had(served: Serving, auditor: Client) -> list[int]:
    """The sequences that a client finds that reads again once it was dropped, for which it is told the reason."""
    received: list[int] = []
    async with opened(served.url, auditor.token, max_queue=1) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": LARGE, "variables": {"after": 0}})
        await until(lambda: taken() == 0)
        with pytest.raises(ConnectionClosed) as end:
            while True:
                received.append((await socket.next())["data"]["events"]["sequence"])
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == TOO_SLOW
    return received


@pytest.mark.linli(settings={"core": {"limits": {"aliases": 300}}})
async def test_an_event_stream_that_nobody_reads_is_broken_off(
    platform: Platform, district: District, client: Clients, tree: Tree, create: Creator
) -> None:
    configure(platform, slow_client_seconds=1)
    token = (await client("auditor")).token
    await fill(create, tree, 100)
    async with serving(platform, district) as served, streamed(served.url, token, LARGE, after=0) as response:
        await until(lambda: taken() == 1)
        await until(lambda: taken() == 0)
        with pytest.raises(httpx.HTTPError):
            assert [name async for name, _ in told(response)][-1] != "complete"


async def test_hundreds_of_connections_one_after_another_leave_no_more_than_the_first(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    """LINLI_CHAOS_CONNECTS=5000 for a campaign; memory grows by less than a kilobyte for each connection then."""
    token = (await client("community-staff", at=tree.community)).token
    await connect_and_break_off(served, token, 50)
    await create(tree.community, code="WARM")
    await until(lambda: taken() == 0)
    tasks, objects, memory = len(asyncio.all_tasks()), alive(), resident()
    await connect_and_break_off(served, token, CONNECTS)
    await until(lambda: taken() == 0)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert held(Conversation, Standing) == 0
    # One connection that stays holds dozens of objects; a few come and go with what else the process remembers.
    await until(lambda: alive() - objects < 5 * CONNECTS, 20.0)
    if CONNECTS >= 1000:
        assert resident() - memory < CONNECTS * 1024


async def connect_and_break_off(served: Serving, token: str | None, count: int) -> None:
    for number in range(count):
        async with opened(served.url, token) as socket:
            if number % 2:
                await socket.subscribe(after=0)
            socket.connection.transport.abort()


def alive() -> int:
    """How many objects there are; weak references are dropped in their own time."""
    gc.collect()
    return sum(type(one) is not ReferenceType for one in gc.get_objects())


def resident() -> int:
    """Bytes of memory that the process has."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()
