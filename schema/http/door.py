"""Where one district answers: GraphQL, files and its plugins' routes, or why it is not served. 区县入口。"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from linli.core.config import ServerConfiguration
from linli.core.districts import District
from linli.core.errors import Text, text
from linli.core.records.failures import Failure

from ..compose import DistrictSchema
from .files.endpoint import FilesEndpoint
from .graphql_endpoint import GraphQLEndpoint
from .plugin_routes import plugin_routes
from .room import Room
from .socket_endpoint import SocketEndpoint
from .unavailable import Unavailable

Composer = Callable[[District], DistrictSchema]

SILENT = text("its database does not answer")


class Door:
    """A district's paths. `reason` says why it is not served, None while it is; `open` may come at any time."""

    def __init__(
        self, key: str, reason: Text | None, server: ServerConfiguration, composer: Composer, room: Room
    ) -> None:
        self.key, self.reason = key, reason
        self._server, self._composer, self._room = server, composer, room
        self._endpoint: GraphQLEndpoint | None = None
        self._sockets: SocketEndpoint | None = None
        self._files: FilesEndpoint | None = None
        self._routes = Router()

    def open(self, district: District) -> None:
        """From now on the district answers."""
        self._endpoint = GraphQLEndpoint(district, self._composer(district), self._server, self._room)
        self._sockets = SocketEndpoint(district, self._endpoint.streams, self._server, self._room)
        self._files = FilesEndpoint(district)
        self._routes = plugin_routes(district, self._endpoint.executor)
        self.reason = None

    async def graphql(self, request: Request) -> Response:
        """Answer a GraphQL request."""
        return await (self._closed() if self._endpoint is None else self._endpoint).handle(request)

    async def socket(self, socket: WebSocket) -> None:
        """Take a WebSocket for subscriptions."""
        if self._sockets is None:
            await socket.send_denial_response(await self._closed().handle(Request(_as_http(socket.scope))))
        else:
            await self._sockets.handle(socket)

    def wake(self) -> None:
        """Something may have been sealed by another process."""
        if self._endpoint is not None:
            self._endpoint.streams.feed.wake()

    async def take_file(self, request: Request) -> Response:
        """Answer an upload."""
        return await (self._closed().handle if self._files is None else self._files.take)(request)

    async def hand_out_file(self, request: Request) -> Response:
        """Answer a link to a file."""
        return await (self._closed().handle if self._files is None else self._files.hand_out)(request)

    async def plugin_routes(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is asked of a plugin's routes; an ASGI application."""
        if self._endpoint is None and scope["type"] == "http":
            response = await self._closed().handle(Request(scope, receive))
            await response(scope, receive, send)
            return
        await self._routes(scope, receive, send)

    @property
    def listed(self) -> dict[str, object] | None:
        """The district in the directory; None where it is not to be there."""
        if self._endpoint is None or not self._endpoint.district.configuration.listed:
            return None
        return _entry(self._endpoint.district, self._endpoint.digest)

    def _closed(self) -> Unavailable:
        told = text("District {key} is not served: {reason}", key=self.key, reason=self.reason)
        return Unavailable(told, code=Failure.UNAVAILABLE if self.reason == SILENT else "DISTRICT_UNAVAILABLE")


def _as_http(scope: Scope) -> Scope:
    """The request by which a WebSocket was asked for."""
    return {**scope, "type": "http", "method": "GET"}


def _entry(district: District, digest: str) -> dict[str, object]:
    return {
        "key": district.key,
        "name": district.configuration.name,
        "code": district.configuration.code,
        "plugins": [plugin.name for plugin in district.plugins],
        "schema": digest,
    }
