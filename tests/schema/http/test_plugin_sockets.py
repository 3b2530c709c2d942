"""WebSockets at the routes of plugins: refused before they are accepted, with a token or without."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from linli.core.districts import District, Platform
from linli.core.plugins.dispatcher import Hooks
from linli.schema.http.application import application
from linli.schema.testing import Clients
from linli.schema.testing.schemas import composed_once

Message = MutableMapping[str, Any]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reached the socket of a plugin that has one beside a page."""
    reached: list[str] = []

    async def live(socket: WebSocket) -> None:
        reached.append(socket.url.path)
        await socket.accept()

    async def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("here")

    routes = [WebSocketRoute("/live", live), Route("/page", page)]
    collect = Hooks.collect_now

    def with_sockets(hooks: Hooks, hook: str, **given: Any) -> Any:
        found = list(collect(hooks, hook, **given))
        return [*found, ("sockets", routes)] if hook == "linli_routes" else found

    monkeypatch.setattr(Hooks, "collect_now", with_sockets)
    return reached


async def _connect(platform: Platform, path: str, token: str | None) -> list[Message]:
    """What is sent to somebody who opens a WebSocket."""
    sent: list[Message] = []
    headers = [(b"host", b"district.test")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("203.0.113.20", 4000),
        "server": ("district.test", 80),
        "subprotocols": [],
    }
    await application(platform, composer=composed_once)(scope, receive, send)
    return sent


async def test_no_socket_of_a_plugin_is_opened(
    opened: list[str], district: District, platform: Platform, client: Clients
) -> None:
    token = (await client("district-admin")).token
    for shown in (None, "made up", token):
        [told] = await _connect(platform, f"/d/{district.key}/p/sockets/live", shown)
        assert (told["type"], told["code"]) == ("websocket.close", 4404)
    assert opened == []
    transport = httpx.ASGITransport(application(platform, composer=composed_once))
    async with httpx.AsyncClient(transport=transport, base_url="http://district.test") as http:
        assert (await http.get(f"/d/{district.key}/p/sockets/page")).text == "here"
