"""The protocol's letter: what is malformed, too much or in the wrong place, with the codes that clients know."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from linli.core.config import ServerConfiguration
from linli.core.districts import District, Platform
from linli.schema.core import event_stream
from linli.schema.http import socket_endpoint
from linli.schema.testing import Clients, Tree
from tests.schema.subscriptions.conftest import Creator, Serving, serving
from tests.schema.subscriptions.sockets import EVENTS, opened, streamed, told

MUTATION = 'mutation { login(input: {username: "a", password: "b"}) { __typename } }'

one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
pytestmark = one_engine


def configure(platform: Platform, **limits: int) -> None:
    """Serve with these limits."""
    server = ServerConfiguration(**{**platform.configuration.server.model_dump(), **limits})
    platform.configuration = platform.configuration.model_copy(update={"server": server})


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no JSON", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"type": "nonsense"}', 4400),
        ('{"type": "subscribe"}', 4400),
        ('{"type": "subscribe", "id": "1"}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": "x"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 1}}', 4400),
        ('{"type": "complete"}', 4400),
        ('{"type": "connection_init", "payload": "x"}', 4400),
        (b"bytes", 4400),
        (json.dumps({"type": "t" * 1000}), 4400),
        (json.dumps({"type": "类" * 42}), 4400),
        ("x" * 1_048_577, 1009),
    ],
)
async def test_a_message_that_cannot_be_read_closes_the_connection(
    served: Serving, client: Clients, sent: str | bytes, code: int
) -> None:
    token = (await client("auditor")).token if b"connection_init" not in str(sent).encode() else None
    async with opened(served.url, token) as socket:
        await socket.connection.send(sent)
        assert (await socket.closed())[0] == code


async def test_only_graphql_transport_ws_is_spoken(served: Serving) -> None:
    async with connect(served.url.replace("http", "ws", 1), proxy=None) as connection:
        with pytest.raises(ConnectionClosed) as end:
            await connection.recv()
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 4406


async def test_who_says_nothing_is_not_waited_for(
    served: Serving, monkeypatch: pytest.MonkeyPatch, platform: Platform, district: District
) -> None:
    monkeypatch.setattr(socket_endpoint, "INIT_SECONDS", 0.05)
    async with opened(served.url) as socket:
        assert (await socket.closed())[0] == 4408


async def test_saying_who_one_is_twice_closes_the_connection(served: Serving, client: Clients) -> None:
    async with opened(served.url, (await client("auditor")).token) as socket:
        await socket.send(type="connection_init")
        assert (await socket.closed())[0] == 4429


async def test_an_id_in_use_closes_the_connection(served: Serving, client: Clients) -> None:
    async with opened(served.url, (await client("auditor")).token) as socket:
        await socket.subscribe(id_="1" * 200)
        await socket.send(type="subscribe", id="1" * 200, payload={"query": EVENTS})
        assert (await socket.closed())[0] == 4409


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{ district { key } }"}, "BAD_REQUEST"),
        ({"query": MUTATION}, "BAD_REQUEST"),
        ({"query": "subscription {"}, "GRAPHQL_VALIDATION"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION"),
        ({"query": "subscription { a: events { sequence } b: events { sequence } }"}, "GRAPHQL_VALIDATION"),
        ({"query": "subscription A { events { sequence } } subscription B { events { sequence } }"}, "BAD_REQUEST"),
        ({"query": f"subscription {{ events {{ {'sequence ' * 6000} }} }}"}, "TOO_COSTLY"),
        ({"query": EVENTS, "variables": {"after": "x"}}, "GRAPHQL_VALIDATION"),
        ({"query": EVENTS, "variables": []}, "BAD_REQUEST"),
    ],
)
async def test_what_is_no_subscription_is_refused_and_the_connection_stays(
    served: Serving, client: Clients, payload: dict[str, Any], code: str
) -> None:
    async with opened(served.url, (await client("auditor")).token) as socket:
        await socket.send(type="subscribe", id="1", payload=payload)
        message = await socket.receive()
        assert message["type"] == "error", message
        assert message["payload"][0]["extensions"]["code"] == code
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"


async def test_names_of_the_schema_are_suggested_over_a_socket_only_where_introspection_is_on(
    platform: Platform, district: District, client: Clients
) -> None:
    token, told_, query = (await client("auditor")).token, [], "subscription { event { sequence } }"
    for introspection in (True, False):
        configure(platform, introspection=introspection)
        async with serving(platform, district) as served, opened(served.url, token) as socket:
            await socket.send(type="subscribe", id="1", payload={"query": query})
            told_.append((await socket.receive())["payload"][0]["message"])
    assert "events" in told_[0]
    assert "events" not in told_[1]


async def test_texts_with_nul_are_refused_over_a_socket_too(served: Serving, client: Clients) -> None:
    async with opened(served.url, (await client("auditor")).token) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": EVENTS, "variables": {"types": ["core.\x00"]}})
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "BAD_REQUEST")


async def test_a_connection_carries_only_so_many_subscriptions(
    platform: Platform, district: District, client: Clients
) -> None:
    configure(platform, max_subscriptions=2)
    token = (await client("auditor")).token
    async with serving(platform, district) as served, opened(served.url, token) as socket:
        await socket.subscribe(id_="1")
        await socket.subscribe(id_="2")
        await socket.send(type="subscribe", id="3", payload={"query": EVENTS})
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "3")
        assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        await socket.send(type="complete", id="1")
        await socket.subscribe(id_="4")


async def test_an_account_and_an_address_have_only_so_many_connections(
    platform: Platform, district: District, client: Clients
) -> None:
    configure(platform, max_streams_per_account=2, max_streams_per_address=3)
    one, other = (await client("auditor")).token, (await client("auditor")).token
    async with serving(platform, district) as served:
        async with opened(served.url, one), opened(served.url, one):
            async with opened(served.url) as third:
                await third.send(type="connection_init", payload={"Authorization": f"Bearer {one}"})
                assert (await third.closed())[0] == 4429
            async with streamed(served.url, one) as response:
                assert response.status_code == 429
            async with opened(served.url, other):
                with pytest.raises(InvalidStatus) as refused:
                    async with opened(served.url, other):
                        pass
                assert refused.value.response.status_code == 429
        async with opened(served.url, one):
            pass


async def test_a_token_in_the_url_is_refused(served: Serving) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(f"{served.url}?token=linli_secret"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_district_that_there_is_not_takes_no_socket(served: Serving) -> None:
    with pytest.raises(InvalidStatus):
        async with opened(served.url.replace("/d/", "/d/not_")):
            pass


async def test_a_subscription_by_post_says_how_to_subscribe(served: Serving, client: Clients) -> None:
    auditor = await client("auditor")
    answer = await auditor.query(EVENTS)
    assert answer.codes == ["BAD_REQUEST"]
    assert "text/event-stream" in answer.errors[0]["message"] or "event-stream" in str(answer.errors)


async def test_what_nobody_foresaw_is_masked_over_both_ways(
    served: Serving, client: Clients, create: Creator, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(event_stream, "_event", broken)
    auditor = await client("auditor")
    async with opened(served.url, auditor.token) as socket, streamed(served.url, auditor.token) as response:
        await socket.subscribe()
        stream = told(response)
        await create(tree.community, code="X1")
        message = await socket.receive()
        (_, streamed_error) = await anext(stream)
        assert message["type"] == "error"
        for [error] in (message["payload"], streamed_error["errors"]):
            assert error["extensions"]["code"] == "INTERNAL"
            assert error["extensions"]["errorId"]
            assert "secret" not in json.dumps(error)
        assert await anext(stream) == ("complete", None)


async def test_the_language_of_errors_is_that_of_the_client(served: Serving, client: Clients) -> None:
    token, messages = (await client("auditor")).token, []
    for language in ("zh-CN", "en"):
        async with opened(served.url, token, additional_headers={"Accept-Language": language}) as socket:
            await socket.send(type="subscribe", id="1", payload={"query": "{ district { key } }"})
            messages.append((await socket.receive())["payload"][0]["message"])
    assert messages[0] != messages[1]
    assert messages[1].startswith("Only subscriptions")


async def test_an_event_stream_answers_queries_as_a_stream_of_one(served: Serving, district: District) -> None:
    async with streamed(served.url, None, "{ district { key } }") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        received = [one async for one in told(response)]
    assert received == [("next", {"data": {"district": {"key": district.key}}}), ("complete", None)]


async def test_an_event_stream_tells_what_happens_by_post_and_get(
    served: Serving, client: Clients, tree: Tree, create: Creator
) -> None:
    token = (await client("auditor")).token
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    asked = {"query": "subscription { events { org { code } } }"}
    async with (
        streamed(served.url, token, asked["query"]) as posted,
        httpx.AsyncClient(trust_env=False) as http,
        http.stream("GET", served.url, params=asked, headers=headers) as got,
    ):
        await asyncio.sleep(0.1)
        await create(tree.community, code="S1")
        for response in (posted, got):
            assert await anext(told(response)) == ("next", {"data": {"events": {"org": {"code": "S1"}}}})
