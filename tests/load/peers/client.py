"""Clients as thin as they can be, since they share the processors with the servers that are measured. 压测客户端。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from linli.core.clock import monotonic

from ..wire import WrongAnswerError

Check = Callable[[bytes, bytes], bool]
"""Whether an answer is right for a request; a wrong one ends the measurement."""


@dataclass
class Rate:
    """What one turn took: seconds until each answer, in `elapsed` seconds altogether."""

    elapsed: float
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.elapsed


class Pipe(asyncio.Protocol):
    """One connection that sends a request as soon as the answer to the one before is there."""

    def __init__(self, requests: Iterator[bytes], check: Check, until: float) -> None:
        self._requests, self._check, self._until = requests, check, until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self._got = bytearray()
        self._sent, self._began = b"", 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole, and go on."""
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0 or (content := _content(self._got, head)) is None:
            return
        now = monotonic()
        self.latencies.append(now - self._began)
        if not self._got.startswith(b"HTTP/1.1 200") or not self._check(self._sent, content):
            self._fail(f"{bytes(self._got[:2000])!r}")
            return
        self._got.clear()
        if now >= self._until:
            self._end()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up has failed."""
        if not self.done.done():
            self._fail(f"the server closed the connection: {exc}")

    def _send(self) -> None:
        assert self._transport is not None
        self._sent = next(self._requests)
        self._began = monotonic()
        self._transport.write(self._sent)

    def _end(self) -> None:
        assert self._transport is not None
        self.done.set_result(None)
        self._transport.close()

    def _fail(self, what: str) -> None:
        assert self._transport is not None
        self.done.set_exception(WrongAnswerError(what))
        self._transport.close()


def _content(got: bytearray, head: int) -> bytes | None:
    """The answer's content, or None while something of it is missing."""
    lines = bytes(got[:head]).lower().split(b"\r\n")
    for line in lines:
        if line.startswith(b"content-length:"):
            size = int(line.partition(b":")[2])
            return bytes(got[head + 4 :]) if len(got) - head - 4 >= size else None
    return _joined(bytes(got[head + 4 :])) if got.endswith(b"0\r\n\r\n") else None


def _joined(chunks: bytes) -> bytes:
    """Content that was sent in chunks."""
    content = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        content, chunks = content + rest[:length], rest[length + 2 :]
        if length == 0:
            break
    return content


def request(url: str, content: bytes, token: str = "") -> bytes:
    """A request's bytes."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/json",
        "Accept: application/json",
        *([f"Authorization: Bearer {token}"] if token else []),
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def load(url: str, requests: Iterator[bytes], check: Check, clients: int, seconds: float) -> Rate:
    """Keep a server busy over so many connections; raises WrongAnswerError."""
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    host, port = str(parts.hostname), int(parts.port or 80)
    began = monotonic()
    pipes: Sequence[Pipe] = [
        (await loop.create_connection(lambda: Pipe(requests, check, began + seconds), host, port))[1]
        for _ in range(clients)
    ]
    await asyncio.gather(*(pipe.done for pipe in pipes))
    return Rate(monotonic() - began, [each for pipe in pipes for each in pipe.latencies])
