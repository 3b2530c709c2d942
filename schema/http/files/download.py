"""`GET /d/<district>/files/<id>`: the content of a file, whole or in part, by a link. 下载文件。"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from linli.core.districts import District
from linli.core.errors import NotFoundError, text
from linli.core.files.contents import content
from linli.core.files.links import Link, followed
from linli.core.files.models import File
from linli.core.files.purposes import IMAGES

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
SHOWN = frozenset(kind.value for kind in IMAGES)
"""What browsers show in a page; all else they save."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Span:
    """Which bytes are asked for, from `start` up to `stop`."""

    start: int
    stop: int


class _NothingThereError(Exception):
    """The range begins after the end."""


def link_of(request: Request) -> Link:
    """What the address says. Raises NotFoundError for what no link says."""
    given = request.query_params
    try:
        until = int(given["until"]) if len(given["until"]) <= len("99999999999") else 0
        return Link(UUID(request.path_params["id"]), given["by"], until, given["signature"].encode().decode("ascii"))
    except (KeyError, ValueError) as error:
        raise NotFoundError(text("There is no such file, or you may not see it")) from error


async def download(request: Request, district: District) -> Response:
    """Answer a link; in the district's scope, of which what is streamed needs nothing."""
    file = await followed(district, link_of(request))
    headers = _headers(file)
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        span = _span(request, file, headers["ETag"])
    except _NothingThereError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    status, wanted = 200, Span(0, file.size)
    if span is not None:
        status, wanted = 206, span
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{file.size}"
    headers["Content-Length"] = str(wanted.stop - wanted.start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    pieces = await content(district, file, wanted.start, wanted.stop)
    first = await anext(pieces)  # what is missing or altered is told before anything is promised
    return StreamingResponse(_all(first, pieces), status, headers, file.media_type)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _headers(file: File) -> dict[str, str]:
    assert file.name is not None, "a file that is seen has a name"
    name, shown = file.name.decrypt(), "inline" if file.media_type in SHOWN else "attachment"
    ascii_name = re.sub(r'[^ -~]|["\\%]', "_", name)
    return {
        "ETag": f'"{file.id.hex}"',  # a content never changes
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache" if file.field_class in ("PUBLIC", "INTERNAL") else "no-store",
        "Content-Disposition": f"{shown}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }


def _is_known(request: Request, etag: str) -> bool:
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def _span(request: Request, file: File, etag: str) -> Span | None:
    """One range of bytes (RFC 9110, section 14); None for the whole, also where several are asked for."""
    match = RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or match.groups() == ("", "") or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first == "":
        span = Span(max(0, file.size - int(last)), file.size)
    else:
        span = Span(int(first), min(file.size, int(last) + 1) if last else file.size)
        if last and int(last) < int(first):
            return None
    if span.start >= file.size or span.stop <= span.start:
        raise _NothingThereError
    return span
