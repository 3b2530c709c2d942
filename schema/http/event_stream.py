"""Answers as server-sent events, one request per operation: graphql-sse's distinct connections mode. 订阅（SSE）。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import ExitStack, aclosing
from typing import Any

import orjson
import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..execution import Answer, refusal
from ..subscriptions.guard import SubscriptionEndedError
from .connection import ABORT, ENDING
from .graphql_request import EVENT_STREAM

log = structlog.get_logger(__name__)

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy must not collect the events until there are many (`X-Accel-Buffering` is nginx's word for it)."""
KEEP_ALIVE_SECONDS = 12.0
KEEP_ALIVE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class EventStream(Response):
    """Sends answers until there are no more, the client is gone, it takes nothing, or the server stops.

    `leaving` is closed at the end. A client that takes nothing for `patience` seconds loses the connection; where the
    server stops, it ends without `complete`: both times clients connect again and resume by `after`.
    """

    def __init__(
        self, answers: AsyncGenerator[Answer], language: str, patience: float, leaving: ExitStack | None = None
    ) -> None:
        super().__init__(headers=HEADERS, media_type=f"{EVENT_STREAM}; charset=utf-8")
        del self.headers["content-length"]
        self._answers, self._language, self._patience = answers, language, patience
        self._leaving = leaving or ExitStack()
        self._sending = asyncio.Lock()
        self._abort: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        state, ending = scope.setdefault("state", {}), asyncio.Event()
        state[ENDING], self._abort = ending.set, state.get(ABORT)
        with self._leaving:
            await _first(self._send_all(send), self._keep_alive(send), _gone(receive), _set(ending))
            if ending.is_set():
                await self._send(send, b"", more=False)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._send(send, KEEP_ALIVE)
        try:
            async with aclosing(self._answers) as answers:
                async for answer in answers:
                    await self._send(send, _next(answer))
        except SubscriptionEndedError as ended:
            await self._send(send, _next(refusal(self._language, ended.problem)))
        await self._send(send, COMPLETE, more=False)

    async def _keep_alive(self, send: Send) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            await self._send(send, KEEP_ALIVE)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(self._patience), self._sending:
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            log.info("subscriber_too_slow")
            if self._abort is not None:
                self._abort()
            raise asyncio.CancelledError from None


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(answer.body()) + b"\n\n"


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of these until one of them is done; what that raised is raised, the others have ended by then."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        if not task.cancelled():
            task.result()
