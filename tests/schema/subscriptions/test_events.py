"""`events` over a WebSocket: everything that the viewer may see, in order, nothing lost and nothing twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.schema.subscriptions.conftest import Creator, Serving
from tests.schema.subscriptions.sockets import opened

So_far = Callable[[], Awaitable[list[Event]]]


async def test_what_happens_is_told_at_once_in_order_with_its_sequence(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    auditor = await client("auditor")
    async with opened(served.url, auditor.token) as socket:
        await socket.subscribe()
        for code in ("A1", "A2", "A3"):
            await create(tree.community, code=code)
        received = [await socket.event() for _ in range(3)]
    assert [one["org"]["code"] for one in received] == ["A1", "A2", "A3"]
    assert [one["type"] for one in received] == ["core.org_created"] * 3
    first = received[0]["sequence"]
    assert [one["sequence"] for one in received] == [first, first + 1, first + 2]


async def test_only_the_types_and_the_subtree_that_were_asked_for_are_told(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    auditor = await client("auditor")
    async with opened(served.url, auditor.token) as socket:
        await socket.subscribe(types=["core.org_created"], under=global_id("OrgNode", tree.community.id))
        await create(tree.street, code="ABOVE")
        await create(tree.community, code="BENEATH")
        assert (await socket.event())["org"]["code"] == "BENEATH"
        assert await socket.silent()


async def test_who_may_see_nothing_of_a_place_is_told_nothing_of_it(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    elsewhere = await client("community-staff", at=tree.other_community)
    here = await client("community-staff", at=tree.community)
    async with opened(served.url, elsewhere.token) as other, opened(served.url, here.token) as own:
        await other.subscribe()
        await own.subscribe()
        await create(tree.community, code="HERE")
        assert (await own.event())["org"]["code"] == "HERE"
        assert await other.silent()


async def test_a_client_resumes_with_the_last_sequence_that_it_received(
    served: Serving, client: Clients, tree: Tree, create: Creator, events: So_far
) -> None:
    auditor = await client("auditor")
    for code in ("B1", "B2"):
        await create(tree.community, code=code)
    every = [one.sequence or 0 for one in await events()]
    async with opened(served.url, auditor.token) as socket:
        await socket.subscribe(after=0)
        received = [(await socket.event())["sequence"] for _ in every]
        assert received == every
        await create(tree.community, code="B3")
        assert (await socket.event())["sequence"] == every[-1] + 1
    async with opened(served.url, auditor.token) as socket:
        await socket.subscribe(after=every[-1])
        assert (await socket.event())["sequence"] == every[-1] + 1
        assert await socket.silent()


async def test_several_subscriptions_share_a_connection_and_end_one_by_one(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    auditor = await client("auditor")
    async with opened(served.url, auditor.token) as socket:
        await socket.subscribe(id_="a")
        await socket.subscribe(id_="b")
        await create(tree.community, code="C1")
        assert {(await socket.receive())["id"] for _ in range(2)} == {"a", "b"}
        await socket.send(type="complete", id="a")
        await create(tree.community, code="C2")
        assert (await socket.event("b"))["org"]["code"] == "C2"
        assert await socket.silent()


@pytest.mark.parametrize(
    ("given", "code", "argument"),
    [
        ({"types": ["core.no_such"]}, "VALIDATION", "types"),
        ({"after": 10_000}, "VALIDATION", "after"),
        ({"after": -1}, "VALIDATION", "after"),
        ({"under": "bm9uc2Vuc2U="}, "NOT_FOUND", "under"),
    ],
)
async def test_an_argument_that_is_refused_is_told_at_its_field(
    served: Serving, client: Clients, given: dict[str, object], code: str, argument: str
) -> None:
    auditor = await client("auditor")
    async with opened(served.url, auditor.token) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": QUERY_OF[argument], "variables": given})
        message = await socket.receive()
        [error] = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert error["extensions"] == {"code": code, "argument": argument}
        assert error["path"] == ["events"]


QUERY_OF = {
    "types": "subscription ($types: [String!]) { events(types: $types) { sequence } }",
    "after": "subscription ($after: Long) { events(after: $after) { sequence } }",
    "under": "subscription ($under: ID) { events(under: $under) { sequence } }",
}
