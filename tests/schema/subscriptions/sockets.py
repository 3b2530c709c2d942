"""A client of graphql-transport-ws, message by message, and one of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PROTOCOL = "graphql-transport-ws"
PATIENCE = 20.0
EVENTS = """subscription ($types: [String!], $under: ID, $after: Long) {
  events(types: $types, under: $under, after: $after) { sequence type org { code } } }"""


@dataclass
class Socket:
    """A connection that was acknowledged, or not yet."""

    connection: ClientConnection

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            found: dict[str, Any] = json.loads(await self.connection.recv())
            return found

    async def begin(self, token: str | None) -> dict[str, Any]:
        """Say who one is, and the answer."""
        await self.send(type="connection_init", payload={} if token is None else {"Authorization": f"Bearer {token}"})
        return await self.receive()

    async def subscribe(self, query: str = EVENTS, id_: str = "1", **variables: Any) -> None:
        """Begin a subscription, and wait until it surely follows."""
        await self.send(type="subscribe", id=id_, payload={"query": query, "variables": variables})
        await self.send(type="ping")
        assert (await self.receive())["type"] == "pong"

    async def next(self, id_: str = "1") -> Any:
        """The answer to the next event; it must be one."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id_), message
        return message["payload"]

    async def event(self, id_: str = "1") -> dict[str, Any]:
        """The next event of `events`."""
        payload = await self.next(id_)
        assert "errors" not in payload, payload
        found: dict[str, Any] = payload["data"]["events"]
        return found

    async def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(seconds):
                await self.connection.recv()
        except TimeoutError:
            return True
        return False

    async def closed(self) -> tuple[int | None, str]:
        """The code and reason with which the connection ends, whatever still comes before."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed as end:
                return (None, "") if end.rcvd is None else (end.rcvd.code, end.rcvd.reason)


@asynccontextmanager
async def opened(url: str, token: str | None = None, **options: Any) -> AsyncIterator[Socket]:
    """A WebSocket; one that was acknowledged where there is a token."""
    address = url.replace("http://", "ws://", 1)
    async with connect(address, subprotocols=[PROTOCOL], proxy=None, **options) as connection:  # type: ignore[list-item]
        socket = Socket(connection)
        if token is not None:
            assert (await socket.begin(token))["type"] == "connection_ack"
        yield socket


@asynccontextmanager
async def streamed(url: str, token: str | None, query: str = EVENTS, **variables: Any) -> AsyncIterator[httpx.Response]:
    """An answer as server-sent events, as it begins."""
    headers = {"accept": "text/event-stream", **({} if token is None else {"authorization": f"Bearer {token}"})}
    sent = {"query": query, "variables": variables}
    async with (
        httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
        http.stream("POST", url, json=sent, headers=headers) as response,
    ):
        yield response


async def told(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """The events of a stream: what each is called, and its data."""
    name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            yield name, json.loads(value) if value.strip() else None
