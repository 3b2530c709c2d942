"""The ASGI application: all districts of a platform."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from linli.core.districts import District, Platform
from linli.core.errors import text

from ..compose import compose
from .graphql_endpoint import GraphQLEndpoint
from .lifespan import Background
from .unavailable import Unavailable

Handler = Callable[[Request], Awaitable[Response]]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(
    platform: Platform, behind: dict[str, str] | None = None, background: Background | None = None
) -> Starlette:
    """Serve a platform; `behind` names districts whose tables are not up to date, with what is missing.

    `background` is what runs beside the answering; one of its own where none is given.
    """
    missing = behind or {}
    beside = background or Background(platform, missing)
    endpoints: dict[str, GraphQLEndpoint] = {
        key: GraphQLEndpoint(district, compose(district), graphiql=platform.configuration.server.graphiql)
        for key, district in platform.districts.items()
        if key not in missing
    }
    routes: list[BaseRoute] = [
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(missing)),
        Route("/districts", _directory(endpoints)),
    ]
    for key in platform.districts:
        endpoint = (endpoints.get(key) or _behind(key, missing[key])).handle
        routes.append(Route(f"/d/{key}/graphql", endpoint, methods=METHODS))
        if key in endpoints:
            routes.append(Mount(f"/d/{key}/p", routes=_plugin_routes(platform.districts[key])))
        if platform.default is not None and platform.default.key == key:
            routes.append(Route("/graphql", endpoint, methods=METHODS))
    unknown = Unavailable(text("There is no such district here"), 404)
    routes.append(Route("/d/{key}/graphql", unknown.handle, methods=METHODS))
    routes += beside.routes
    return Starlette(routes=routes, lifespan=beside.lifespan, middleware=[Middleware(beside.gate)])


def _behind(key: str, reason: str) -> Unavailable:
    return Unavailable(text("District {key} is not served: {reason}", key=key, reason=reason))


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _readyz(missing: dict[str, str]) -> Handler:
    async def readyz(_request: Request) -> Response:
        status = "behind" if missing else "ok"
        return JSONResponse({"status": status, "districts": missing}, 503 if missing else 200)

    return readyz


def _directory(endpoints: dict[str, GraphQLEndpoint]) -> Handler:
    listed = [_entry(it.district, it.schema.as_str()) for it in endpoints.values() if it.district.configuration.listed]

    async def directory(_request: Request) -> Response:
        return JSONResponse({"districts": listed})

    return directory


def _entry(district: District, sdl: str) -> dict[str, object]:
    return {
        "key": district.key,
        "name": district.configuration.name,
        "code": district.configuration.code,
        "plugins": [plugin.name for plugin in district.plugins],
        "schema": hashlib.sha256(sdl.encode()).hexdigest()[:16],
    }


def _plugin_routes(district: District) -> list[BaseRoute]:
    found = district.hooks.collect_now("linli_routes", district=district)
    return [Mount(f"/{plugin}", routes=list(routes)) for plugin, routes in found]
