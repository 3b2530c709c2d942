"""Straight to a district's GraphQL endpoint, past the routing that every other path takes. 直达通道。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Answer = Callable[[Request], Awaitable[Response]]

METHODS = frozenset({"GET", "POST"})


class Straight:
    """Answers the paths that it was given for GET and POST; leaves all else to the application.

    Nearly every request asks GraphQL, by a path that is known to the letter: routing would try one pattern after the
    other, and wrap the answer in what catches errors that the endpoint has caught.
    """

    def __init__(self, application: ASGIApp, paths: Mapping[str, Answer]) -> None:
        self._application, self._paths = application, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._paths.get(scope["path"]) if scope["type"] == "http" else None
        if answer is None or scope["method"] not in METHODS or scope.get("root_path"):
            await self._application(scope, receive, send)
            return
        response = await answer(Request(scope, receive, send))
        await response(scope, receive, send)
