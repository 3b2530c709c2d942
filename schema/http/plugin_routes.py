"""The HTTP routes of a district's plugins: behind the same door as GraphQL. 插件路由。"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from linli.core.districts import District
from linli.core.languages import negotiate

from ..context import Context
from ..execution import Answer, Executor, refusal
from ..execution import Request as Operation
from ..limits.admission import TooManyError
from ..problems import ProblemError
from .authentication import origin, viewer

NO_WEBSOCKETS = 4404


def plugin_routes(district: District, executor: Executor) -> Router:
    """All that plugins answer in a district, each beneath its own name; they run in the district's scope."""
    found = district.hooks.collect_now("linli_routes", district=district)
    return Router(
        routes=[Mount(f"/{plugin}", app=_Behind(Router(list(routes)), district, executor)) for plugin, routes in found]
    )


class _Behind:
    """A plugin's routes behind the authentication; what they find in `request.state` is told by the hook."""

    def __init__(self, routes: ASGIApp, district: District, executor: Executor) -> None:
        self._routes, self._district, self._executor = routes, district, executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse its token; a WebSocket is refused before it is accepted, token or none.

        Nothing would look at its token, and there is nothing to subscribe to yet.
        """
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(NO_WEBSOCKETS)
            return
        with self._district.scope():
            try:
                known = await self._known(Request(scope))
            except ProblemError as error:
                await refused(Request(scope), self._district, error, 401)(scope, receive, send)
                return
            address = origin(Request(scope)).address
            try:
                with self._executor.admission.of(known["viewer"], address):
                    await self._routes({**scope, "state": {**scope.get("state", {}), **known}}, receive, send)
            except TooManyError as error:
                await refused(Request(scope), self._district, error, 429)(scope, receive, send)

    async def _known(self, request: Request) -> dict[str, Any]:
        language, asking = _language(request, self._district), await viewer(request, self._district)
        context = partial(Context, self._district, self._executor.schema, asking, language)
        return {"viewer": asking, "language": language, "ask": partial(self._ask, context)}

    async def _ask(self, context: partial[Context], document: str, **variables: Any) -> Answer:
        answer = await self._executor.execute(Operation(document, variables), context(operation=document))
        return replace(answer, data=answer.plain)  # a plugin reads it, whichever executor wrote it


def refused(request: Request, district: District, error: ProblemError, status: int) -> Response:
    """What a route answers to a request that it cannot take: the error, as GraphQL tells it."""
    told = refusal(_language(request, district), error)
    return Response(orjson.dumps(told.body()), status, media_type="application/json; charset=utf-8")


def _language(request: Request, district: District) -> str:
    return negotiate(request.headers.get("accept-language"), district.configuration.language)
