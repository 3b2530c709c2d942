"""Subscriptions over a WebSocket, by the protocol graphql-transport-ws. 订阅（WebSocket）。"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from linli.core.config import ServerConfiguration
from linli.core.districts import District

from ..places import FullError
from ..subscriptions.streams import Streams
from .conversation import Conversation
from .room import Room
from .socket_messages import Messages

PROTOCOL = "graphql-transport-ws"
NOT_ACCEPTABLE = 4406
INIT_SECONDS = 10


class SocketEndpoint:
    """Takes the WebSockets of one district."""

    def __init__(self, district: District, streams: Streams, server: ServerConfiguration, room: Room) -> None:
        self._district, self._streams, self._server, self._room = district, streams, server, room

    async def handle(self, socket: WebSocket) -> None:
        """Talk until either side closes."""
        address = None if socket.client is None else socket.client.host
        try:
            with self._room.of("address", address):
                await self._talk(socket)
        except FullError:
            await socket.send_denial_response(PlainTextResponse("Too Many Connections", 429))

    async def _talk(self, socket: WebSocket) -> None:
        messages = Messages(socket, self._server.max_body_bytes, self._server.slow_client_seconds)
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await messages.close(NOT_ACCEPTABLE, f"Speak {PROTOCOL}")
            return
        await socket.accept(PROTOCOL)
        conversation = Conversation(
            self._district,
            self._streams,
            messages,
            self._room,
            init_wait=timedelta(seconds=INIT_SECONDS),
            most=self._server.max_subscriptions,
        )
        with conversation.leaving:
            await conversation.handle()
