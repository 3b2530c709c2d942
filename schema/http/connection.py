"""A connection to the server: how long a request's head may be, and how long one may take to send what it sends. 连接。

Uvicorn bounds neither: the head of a request is kept in memory while it arrives, a head that never ends holds its
connection for ever, and what arrives of a body behind an answer is read and thrown away without end.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536
HEAD_SECONDS = 15
UNREAD_BYTES = 1_048_576
UNREAD_SECONDS = 15
"""How much of a body, and for how long, is still taken after the answer, so that its sender comes to read that."""

ABORT, ENDING = "linli.abort", "linli.ending"
"""In a request's `state`: what breaks the connection off, and what an answer without end wants to be told of a stop."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, which ends where a request's head or what follows its answer has no end."""

    _in_head = True
    _head = 0
    _unread = 0
    _whole = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request."""
        super().connection_made(transport)
        self._until(HEAD_SECONDS, _TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and end the connection where the head is too large.

        A head that ends in this piece is short enough all the same: pieces are bounded.
        """
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._end(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins; one that follows another has as much time for its head as the first."""
        super().on_message_begin()
        self._in_head, self._head, self._unread, self._whole = True, 0, 0, False
        self.scope["state"][ABORT] = self.transport.abort
        self._until(HEAD_SECONDS, _TOO_SLOW)

    def on_headers_complete(self) -> None:
        """The head is whole; how long the body may take is for whoever reads it."""
        self._in_head = False
        self._in_time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """More of a body; of one that nobody reads any more only so much is taken."""
        super().on_body(body)
        if self.cycle is not None and self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > UNREAD_BYTES:
                self._end()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole = True
        self._in_time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent; what the request still sends has little time."""
        super().on_response_complete()
        if not self._whole and not self._in_head and self.cycle.response_complete:  # and none that was sent behind it
            self._until(UNREAD_SECONDS)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to another protocol."""
        self._in_time()
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """The server stops; what has no end of its own is ended."""
        super().shutdown()
        ending = None if self.scope is None else self.scope["state"].get(ENDING)
        if ending is not None:
            ending()

    def _until(self, seconds: float, told: bytes = b"") -> None:
        self._in_time()
        self._deadline = self.loop.call_later(seconds, self._end, told)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, told: bytes = b"") -> None:
        self._in_time()
        if not self.transport.is_closing():
            if told and (self.cycle is None or self.cycle.response_complete):
                self.transport.write(told)
            self.transport.close()
