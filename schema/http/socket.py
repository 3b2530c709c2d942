"""A WebSocket to the server: how it ends where its client reads no more, and when the server stops. 连接终止。

Uvicorn waits with closing until what was sent before is taken, and with the stop of the server until every connection
is gone: a client that reads nothing would keep both waiting for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

GOING_AWAY = 1001
LINGER_SECONDS = 2.0
"""How long a client has to take what was sent before its connection was closed."""


class Socket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket, which ends soon after it is closed, and with 1001 when the server stops."""

    _abandoning: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        if self._abandoning is not None:
            self._abandoning.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.stop_keepalive()
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.conn.send_close(GOING_AWAY)
            self.transport.write(b"".join(self.conn.data_to_send()))
        super().shutdown()
        self._abandon_soon()

    def keepalive_timeout(self) -> None:
        """The client does not answer."""
        super().keepalive_timeout()
        self._abandon_soon()

    async def send(self, message: Any) -> None:
        """Send; a close does not wait until what was sent before is taken."""
        if message["type"] == "websocket.close":
            self.writable.set()
            self._abandon_soon()
        await super().send(message)

    def _abandon_soon(self) -> None:
        if self._abandoning is None:
            self._abandoning = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
