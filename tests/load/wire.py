"""A GraphQL client on one connection that is kept open: thin, so that it is the server that is measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson


class WrongAnswerError(Exception):
    """A server answered what it must not; no figure is worth anything then."""


class Connection:
    """Speaks HTTP/1.1 to one endpoint for one account: one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    async def data(self, document: str, **variables: Any) -> Any:
        """Send an operation and return its data; raises WrongAnswerError for errors."""
        answer = orjson.loads(await self.post(body(document, **variables)))
        if answer.get("errors"):
            raise WrongAnswerError(f"errors: {answer['errors']}")
        return answer["data"]

    async def mutate(self, document: str, **given: Any) -> Any:
        """Send a mutation with its input and return the member of its union."""
        (answer,) = (await self.data(document, input=given)).values()
        return answer

    async def post(self, content: bytes, statuses: Collection[str] = ("200",)) -> bytes:
        """Send a body and return the answer's; raises WrongAnswerError for another status than these."""
        self._writer.write(f"{self._head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *headers = head.splitlines()
        lengths = [int(line.partition(":")[2]) for line in headers if line.lower().startswith("content-length:")]
        answer = await self._reader.readexactly(lengths[0])
        if status.split()[1] not in statuses:
            raise WrongAnswerError(f"{status}: {answer.decode()}")
        return answer

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()
        await self._writer.wait_closed()


def body(document: str, **variables: Any) -> bytes:
    """A request's body."""
    return orjson.dumps({"query": document, "variables": variables})


@asynccontextmanager
async def connections(url: str, *tokens: str) -> AsyncIterator[list[Connection]]:
    """A connection to an endpoint for each token; an empty one is nobody's."""
    opened: list[Connection] = []
    try:
        for token in tokens:
            opened.append(await _connect(url, token))
        yield opened
    finally:
        for one in opened:
            await one.close()


async def _connect(url: str, token: str) -> Connection:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Accept": "application/json",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return Connection(reader, writer, "\r\n".join(lines) + "\r\n")
