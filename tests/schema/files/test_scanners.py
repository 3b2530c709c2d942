"""Scanners: a clamd that answers as clamd does, one that is not there, one that talks nonsense."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from linli.core.clamav.scanning import BEGIN
from linli.core.districts import District
from tests.schema.files.conftest import Office, picture, upload

SOCKET = Path("/tmp") / f"linli-test-clamd-{os.getpid()}.sock"  # noqa: S108  a path of a socket is 100 characters long at most
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus (EICAR, 2003)."""

pytestmark = pytest.mark.linli(plugins=["venues"], settings={"core": {"clamd": f"unix:{SOCKET}"}})


@asynccontextmanager
async def clamd(answer: bytes | None = None) -> AsyncIterator[list[bytes]]:
    """A daemon on the socket that reads INSTREAM (clamd(8)); the contents that it was asked about."""
    asked: list[bytes] = []

    async def judge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(len(BEGIN)) == BEGIN
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
        asked.append(content)
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0"
        writer.write(found if answer is None else answer)
        await writer.drain()
        writer.close()

    SOCKET.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(judge, str(SOCKET))
    try:
        yield asked
    finally:
        server.close()
        await server.wait_closed()
        SOCKET.unlink(missing_ok=True)


async def test_a_file_is_kept_where_the_scanner_finds_nothing_and_refused_where_it_does(
    office: Office, district: District
) -> None:
    infected = picture() + EICAR
    async with clamd() as asked:
        assert (await upload(office.owner, picture())).status == 201
        refused = await upload(office.owner, infected)
    assert asked == [picture(), infected]  # as they came, before they were made anew
    assert (refused.status, refused.code) == (422, "FILE_INFECTED")
    told = refused.body["errors"][0]["extensions"]
    assert (told["details"], told["plugin"]) == ({"found": "Win.Test.EICAR_HDB-1"}, "clamav")
    assert len([file for file in district.files.rglob("*") if file.is_file()]) == 1


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: lstat() failed. ERROR\0"])
async def test_what_was_not_judged_is_not_kept(office: Office, district: District, answer: bytes) -> None:
    async with clamd(answer):
        refused = await upload(office.owner, picture())
    assert (refused.status, refused.code) == (503, "FILE_NOT_SCANNED")
    assert [file for file in district.files.rglob("*") if file.is_file()] == []


async def test_without_its_scanner_a_district_takes_no_file(office: Office) -> None:
    refused = await upload(office.owner, picture())
    assert (refused.status, refused.code) == (503, "FILE_NOT_SCANNED")
