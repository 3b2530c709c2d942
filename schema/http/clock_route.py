"""`POST /clock`: moves a server in scenario time on. Offered only there, and only to this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linli.core import clock
from linli.core.calendar.zones import utc
from linli.core.errors import RejectedError, ValidationError, invalid
from linli.core.jobs.remote import PATH
from linli.core.jobs.sweepers import Advance, Sweepers

from .local import METHODS, is_local, nothing_here


def clock_route(sweepers: Sweepers) -> Route:
    """The route; it takes `{"to": ISO 8601 with offset}` and answers `{"now", "fired", "failed"}`."""

    async def move(request: Request) -> Response:
        if request.method != "POST" or not clock.current().scenario or not is_local(request):
            return nothing_here()
        return await _answer(request, sweepers.advance)

    return Route(PATH, move, methods=METHODS)


async def _answer(request: Request, advance: Callable[[datetime], Awaitable[Advance]]) -> Response:
    try:
        done = await advance(_instant(await request.body()))
    except RejectedError as refused:
        status = 400 if refused.code == "VALIDATION" else 409
        return JSONResponse({"code": refused.code, "message": _words(refused), **refused.details}, status)
    return JSONResponse({"now": done.now.isoformat(), "fired": done.fired, "failed": done.failed})


def _words(refused: RejectedError) -> str:
    return str(refused.problems[0].message if isinstance(refused, ValidationError) else refused.message)


def _instant(body: bytes) -> datetime:
    try:
        return utc(datetime.fromisoformat(orjson.loads(body)["to"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _no_instant() from error


def _no_instant() -> ValidationError:
    return invalid(
        "to", "INSTANT", "Send {example}, an instant with its offset", example='{"to": "2026-10-01T08:00:00+08:00"}'
    )
