"""The messages of one WebSocket, as Strawberry's protocol takes and gives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.http.async_base_view import AsyncWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected

log = structlog.get_logger(__name__)

TOO_LARGE = 1009
TOO_SLOW = 4413
"""The client takes nothing: it connects again and subscribes with `after`."""
LONGEST_ID = 255
REASON_BYTES = 123
"""How long the reason of a close may be (RFC 6455, 5.5): Strawberry's quote what the client sent."""


class Messages(AsyncWebSocketAdapter):
    """Reads what is well formed, and sends while somebody reads.

    A message of more than `most` characters closes the connection, and so does one that is not taken within `patience`
    seconds.
    """

    def __init__(self, socket: WebSocket, most: int, patience: float) -> None:
        self.socket = socket
        self._most, self._patience = most, patience

    @property
    def is_open(self) -> bool:
        """Whether neither side closed the connection."""
        return self.socket.application_state == self.socket.client_state == WebSocketState.CONNECTED

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """What arrives, until the connection ends."""
        while self.is_open:
            received = await self.socket.receive()
            if received["type"] == "websocket.disconnect":
                break
            yield await self._read(received)
        raise WebSocketDisconnected

    async def _read(self, received: Mapping[str, Any]) -> object:
        sent = received.get("text")
        if sent is None:
            raise NonTextMessageReceived
        if len(sent) > self._most:
            await self.close(TOO_LARGE, "Too large")
            raise WebSocketDisconnected
        try:
            message = orjson.loads(sent)
        except orjson.JSONDecodeError as error:
            raise NonJsonMessageReceived from error
        if not _is_well_formed(message):
            return {}  # for which the protocol closes the connection as for any message without a type
        return message

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send; to a connection that is closed nothing is sent, and one that takes nothing is closed."""
        if not self.is_open:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self.socket.send_text(orjson.dumps(message).decode())
        except TimeoutError:
            log.info("subscriber_too_slow", client=self.socket.client and self.socket.client.host)
            await self.close(TOO_SLOW, "Too slow: subscribe again with `after`")
        except WebSocketDisconnect:
            return

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, if it is open."""
        if self.is_open:
            try:
                await self.socket.close(code, reason.encode()[:REASON_BYTES].decode(errors="ignore"))
            except (WebSocketDisconnect, RuntimeError):  # the other side was quicker
                return


def _is_well_formed(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return True
    id_ = message.get("id")
    if not isinstance(id_, str) or not 1 <= len(id_) <= LONGEST_ID:
        return False
    payload = message.get("payload")
    return message["type"] == "complete" or (isinstance(payload, dict) and isinstance(payload.get("query"), str))
