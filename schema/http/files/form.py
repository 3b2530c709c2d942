"""Reading multipart/form-data (RFC 7578) as it arrives: one file, which goes to the disk, and a few short values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from linli.core.errors import text
from linli.core.files.receiving import PIECE, too_large
from linli.core.files.sealing import TooLargeError
from linli.core.files.staging import Arriving, Staged, Staging

from ..graphql_request import BadRequestError

FILE = "file"
FIELDS = frozenset({"purpose", "sha256", "requestId"})
MOST_PARTS, MOST_HEADER, MOST_VALUE = 8, 8 * 1024, 512
BESIDE = 64 * 1024
"""Bytes that a request may have beside its file."""
IDLE_SECONDS, UPLOAD_SECONDS = 30.0, 900.0
"""How long nothing may arrive, and how long all of it may take."""


@dataclass
class Form:
    """What was sent: short values by name, and the file with the name and type that the client says."""

    values: dict[str, str] = field(default_factory=dict)
    file: Staged | None = None
    name: str = ""
    declared: str = ""


@dataclass
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


Step = tuple[str, Any]


class _Steps:
    """What the parser came across since it was last asked."""

    def __init__(self, boundary: bytes) -> None:
        self._found: list[Step] = []
        self._name, self._value = bytearray(), bytearray()
        self._headers: dict[str, str] = {}
        self._beside = self._parts = 0
        self.ended = False
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header(self._name, data[start:end]),
            "on_header_value": lambda data, start, end: self._header(self._value, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": lambda: self._found.append(("part", self._headers)),
            "on_part_data": lambda data, start, end: self._found.append(("data", data[start:end])),
            "on_part_end": lambda: self._found.append(("end", None)),
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def of(self, data: bytes) -> Iterator[Step]:
        """What is in the next bytes. Raises BadRequestError."""
        self._found = []
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise malformed() from error
        yield from self._found

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise malformed()
        self._headers = {}

    def _header(self, part: bytearray, data: bytes) -> None:
        part += data
        self._beside += len(data)
        if self._beside > MOST_HEADER:
            raise malformed()

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._name.clear()
        self._value.clear()

    def _end(self) -> None:
        self.ended = True


def malformed() -> BadRequestError:
    """The body is no form, or breaks off."""
    return BadRequestError(400, text("The body is no multipart/form-data with one `file` and its `purpose`"))


def boundary_of(request: Request) -> bytes:
    """What stands between the parts. Raises BadRequestError for another type of content."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadRequestError(415, text("Send {type} in UTF-8", type="multipart/form-data"))
    return options[b"boundary"]


async def read(request: Request, staging: Staging, cipher: str, most: int) -> Form:
    """The form, its file of `most` bytes at most on the disk; a file that is not handed over is taken away again.

    Raises BadRequestError, RejectedError FILE_TOO_LARGE, ClientDisconnect.
    """
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > most + BESIDE:
        raise too_large(most)
    reading = _Reading(staging, cipher, most, _Steps(boundary_of(request)))
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for data in _arriving(request):
                await reading.take(data)
        return await reading.whole()
    except TimeoutError:
        limit = int(IDLE_SECONDS)
        raise BadRequestError(408, text("The body did not arrive within {limit} seconds", limit=limit)) from None
    finally:
        reading.drop()


async def _arriving(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            data = await anext(stream, None)
        if data is None:
            return
        yield data


class _Reading:
    def __init__(self, staging: Staging, cipher: str, most: int, steps: _Steps) -> None:
        self._staging, self._cipher, self._most, self._steps = staging, cipher, most, steps
        self._form = Form()
        self._field: str | None = None
        self._value, self._held = bytearray(), bytearray()
        self._file: Arriving | None = None
        self._total = 0

    async def take(self, data: bytes) -> None:
        """The next bytes of the body."""
        self._total += len(data)
        if self._total > self._most + BESIDE:
            raise too_large(self._most)
        for step, value in self._steps.of(data):
            if step == "part":
                self._begin(value)
            elif step == "data":
                await self._data(value)
            else:
                await self._end()

    async def whole(self) -> Form:
        """The form, once all of it was there."""
        if not self._steps.ended or self._form.file is None:
            raise malformed()
        self._file = None
        return self._form

    def drop(self) -> None:
        """Take away what was begun and is not handed over."""
        if self._file is not None:
            self._file.drop()

    def _begin(self, headers: dict[str, str]) -> None:
        _, options = parse_options_header(headers.get("content-disposition", "").encode("utf-8", "surrogateescape"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name != FILE and name not in FIELDS:
            raise malformed()
        if name == FILE:
            if self._file is not None:
                raise malformed()
            self._form.name = options.get(b"filename", b"").decode("utf-8", "replace")
            self._form.declared = headers.get("content-type", "")
            self._file = self._staging.begin(self._cipher, self._most)
        self._field = name
        self._value.clear()

    async def _data(self, data: bytes) -> None:
        if self._field == FILE:
            self._held += data
            if len(self._held) >= PIECE:
                await self._put()
            return
        self._value += data
        if len(self._value) > MOST_VALUE:
            raise malformed()

    async def _end(self) -> None:
        if self._field == FILE:
            assert self._file is not None, "a part begins before it ends"
            await self._put()
            self._form.file = await asyncio.to_thread(self._file.whole)
        elif self._field is not None:
            self._form.values[self._field] = self._value.decode("utf-8", "replace")
        self._field = None

    async def _put(self) -> None:
        assert self._file is not None, "a part begins before it has data"
        held, self._held = bytes(self._held), bytearray()
        try:
            await asyncio.to_thread(self._file.take, held)
        except TooLargeError:
            raise too_large(self._most) from None
