"""Asking clamd by its command INSTREAM (clamd(8)): pieces with their length before them, a zero at the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import RejectedError, text

if TYPE_CHECKING:
    from ..files.receiving import Incoming

BEGIN, END = b"zINSTREAM\x00", bytes(4)
CLEAN, FOUND = "OK", " FOUND"
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0
LONGEST_ANSWER = 4096


class ScannerError(Exception):
    """clamd answered something else than a judgement, such as that the file is too large for it."""


async def scan(address: str, incoming: Incoming) -> None:
    """Return where clamd finds nothing. Raises RejectedError FILE_INFECTED; ScannerError, OSError, TimeoutError."""
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await _connect(address)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await _ask(reader, writer, incoming)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    judgement = answer.partition(": ")[2]
    if judgement == CLEAN:
        return
    if not judgement.endswith(FOUND):
        raise ScannerError(f"clamd answered {answer!r}")
    raise RejectedError(
        text("The scanner for viruses refuses the file"),
        code="FILE_INFECTED",
        path=("file",),
        details={"found": judgement.removesuffix(FOUND)},
    )


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    scheme, _, rest = address.partition(":")
    if scheme == "unix":
        return await asyncio.open_unix_connection(rest)
    host, _, port = rest.removeprefix("//").rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, incoming: Incoming) -> str:
    writer.write(BEGIN)
    async for piece in incoming.pieces():
        writer.write(len(piece).to_bytes(4, "big") + piece)
        await writer.drain()
    writer.write(END)
    await writer.drain()
    told = await reader.read(LONGEST_ANSWER)
    return told.rstrip(b"\x00\n").decode("utf-8", "replace")
