"""The ASGI application: all districts of a platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from linli.core.districts import Platform
from linli.core.errors import Text, text

from ..compose import compose
from ..observing.process import Process
from ..platform.endpoint import PlatformEndpoint
from .door import Composer, Door
from .hardening import hardening
from .lifespan import Background
from .listeners import listeners
from .metrics_route import Metrics
from .plugins_route import plugins_route
from .reopening import Reopening
from .room import Room
from .straight import Straight
from .unavailable import Unavailable

Handler = Callable[[Request], Awaitable[Response]]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(
    platform: Platform,
    behind: Mapping[str, Text] | None = None,
    background: Background | None = None,
    composer: Composer = compose,
) -> Starlette:
    """Serve a platform; `behind` names districts that cannot be served yet, with the reason.

    While it runs they are looked at again, and served as soon as they can be. `background` is what runs beside the
    answering; one of its own where none is given. `composer` makes the districts' schemas.
    """
    closed = behind or {}
    beside = background or Background(platform, closed)
    room = Room(platform.configuration.server)
    doors = [_door(platform, key, closed.get(key), composer, room) for key in platform.districts]
    for door in doors:
        if door.reason is not None:
            beside.also(Reopening(platform, door, beside).watch, f"reopening of {door.key}")
    process = Process(platform)
    beside.also(process.run, "counts of this process")
    for listener in listeners(platform.configuration, doors):
        beside.also(listener.run, "listener")
    routes: list[BaseRoute] = [
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(doors)),
        Route("/districts", _directory(doors)),
        plugins_route(platform),
        Metrics(platform, process).route,
    ]
    for door in doors:
        routes += _routes(platform, door)
    if platform.configuration.server.platform_token is not None:
        routes.append(PlatformEndpoint(platform, doors, platform.configuration.server.platform_token).route)
    unknown = Unavailable(text("There is no such district here"), 404)
    routes += [Route(f"/d/{{key}}/{what}", unknown.handle, methods=METHODS) for what in ("graphql", "files")]
    routes += beside.routes
    straight = {path: door.graphql for door in doors for path in _paths(platform, door)}
    around = [*hardening(platform.configuration.server), Middleware(beside.gate), Middleware(Straight, straight)]
    return Starlette(routes=routes, lifespan=beside.lifespan, middleware=around)


def _door(platform: Platform, key: str, reason: Text | None, composer: Composer, room: Room) -> Door:
    door = Door(key, reason, platform.configuration.server, composer, room)
    if reason is None:
        door.open(platform.districts[key])
    return door


def _paths(platform: Platform, door: Door) -> list[str]:
    """Where a district answers GraphQL."""
    paths = [f"/d/{door.key}/graphql"]
    if platform.default is not None and platform.default.key == door.key:
        paths.append("/graphql")
    return paths


def _routes(platform: Platform, door: Door) -> list[BaseRoute]:
    paths = _paths(platform, door)
    graphql: list[BaseRoute] = [Route(path, door.graphql, methods=METHODS) for path in paths]
    graphql += [WebSocketRoute(path, door.socket) for path in paths]
    files = [
        Route(f"/d/{door.key}/files", door.take_file, methods=METHODS),
        Route(f"/d/{door.key}/files/{{id}}", door.hand_out_file, methods=[*METHODS, "HEAD"]),
    ]
    return [*graphql, *files, Mount(f"/d/{door.key}/p", app=door.plugin_routes)]


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _readyz(doors: Iterable[Door]) -> Handler:
    async def readyz(_request: Request) -> Response:
        closed = {door.key: str(door.reason) for door in doors if door.reason is not None}
        status = "behind" if closed else "ok"
        return JSONResponse({"status": status, "districts": closed}, 503 if closed else 200)

    return readyz


def _directory(doors: Iterable[Door]) -> Handler:
    async def directory(_request: Request) -> Response:
        return JSONResponse({"districts": [door.listed for door in doors if door.listed is not None]})

    return directory
