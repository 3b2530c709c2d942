"""One line in the log for every request, and an id by which a client's report is found there. 请求日志。"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linli.core import clock, tracing
from linli.core.records.record import new_id

log = structlog.get_logger(__name__)

HEADER = b"x-request-id"
WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,128}")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by whoever watches the server: logged only when debugging."""


class RequestLog:
    """Logs request id, district, status and duration around an application; bodies pass through untouched.

    A well-formed `X-Request-Id` is taken over, else one is made; the answer carries it, and so does everything that
    is logged meanwhile. What the application failed to catch is logged and answered with 500.
    """

    def __init__(self, application: ASGIApp, default_district: str | None) -> None:
        self._application = application
        self._default = default_district
        self._told = log.bind()  # made once: the proxy would make one for each line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        request_id = _incoming(scope) or new_id().hex.encode()
        answer = _Answer(send, request_id)
        begun = clock.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id.decode()):
            try:
                await self._traced(scope, receive, answer)
            except Exception as error:
                log.error("request_failed", exc_info=error)
                await answer.fail(scope)
            finally:
                self._log(scope, answer.status, clock.monotonic() - begun)

    async def _traced(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        with tracing.span("request", **{"http.request.method": scope.get("method", "WEBSOCKET")}) as span:
            try:
                await self._application(scope, receive, answer)
            finally:
                span.set(**{"http.response.status_code": answer.status or 0})
                span.set(**{"linli.district": district_of(scope["path"], self._default) or ""})

    def _log(self, scope: Scope, status: int | None, seconds: float) -> None:
        path: str = scope["path"]
        self._told.log(
            logging.DEBUG if path in PROBES else logging.INFO,
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=path,
            district=district_of(path, self._default),
            status=status,
            ms=round(seconds * 1000, 2),
        )


class _Answer:
    """Sends an answer on, its head with the request's id, and remembers the status."""

    __slots__ = ("_id", "_send", "status")

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send, self._id = send, request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            self.status = message.get("status", 101)
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, self._id)]}
        await self._send(message)

    async def fail(self, scope: Scope) -> None:
        """Answer 500 where nothing was answered yet."""
        if self.status is None and scope["type"] == "http":
            await self({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
            await self({"type": "http.response.body"})


def district_of(path: str, default: str | None) -> str | None:
    """The key of the district that a path leads to."""
    if path.startswith("/d/"):
        return path[3:].partition("/")[0]
    return default if path == "/graphql" else None


def _incoming(scope: Mapping[str, Any]) -> bytes | None:
    given = next((value for name, value in scope["headers"] if name == HEADER), None)
    return given if given is not None and WELL_FORMED.fullmatch(given) else None
