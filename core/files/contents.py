"""Reading the content of a file that is kept, whole or in part. 读取文件内容。"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..crypto.suites import TamperedError
from .models import File
from .sealing import CHUNK, Seal, chunks_of, opened, span
from .storage import ContentMissingError

if TYPE_CHECKING:
    from ..districts import District
    from .storage import FileStorage

CHUNKS_AT_ONCE = 16


def seal_of(file: File) -> Seal:
    """What opens a file's content. Raises ContentMissingError for a file that is gone."""
    if file.secret is None:
        raise ContentMissingError(f"the content of file {file.id} was destroyed")
    return Seal(file.id, file.cipher, base64.b64decode(file.secret.decrypt()))


def storage_of(district: District, file: File) -> FileStorage:
    """Where a file's content is. Raises ContentMissingError where that storage is not configured any more."""
    found = district.storages.get(file.storage)
    if found is None:
        raise ContentMissingError(f"file {file.id} is in the storage {file.storage!r}, which is not configured")
    return found


async def content(district: District, file: File, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
    """The bytes of a file from `start` up to `stop`, a megabyte at a time; needs the district only to begin.

    Raises ContentMissingError, and TamperedError for what was altered, cut off or exchanged.
    """
    return _pieces(storage_of(district, file), seal_of(file), file.size, start, file.size if stop is None else stop)


async def _pieces(storage: FileStorage, seal: Seal, size: int, start: int, stop: int) -> AsyncIterator[bytes]:
    last = min(chunks_of(stop), chunks_of(size))
    for first in range(start // CHUNK, last, CHUNKS_AT_ONCE):
        count = min(CHUNKS_AT_ONCE, last - first)
        begin, end = span(size, first, count)
        stored = await storage.read(seal.id, begin, end)
        if len(stored) != end - begin:
            raise TamperedError(f"the content of file {seal.id} was cut off")
        plain = await asyncio.to_thread(opened, seal, size, first, stored)
        offset = first * CHUNK
        yield plain[max(0, start - offset) : stop - offset]
