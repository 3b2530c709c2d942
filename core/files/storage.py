"""Where contents of files are kept: what a storage does. 文件存储。"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol
from uuid import UUID


class ContentMissingError(Exception):
    """A storage does not have a content that it should have."""


class FileStorage(Protocol):
    """Keeps contents under the ids of their files, whole or not at all; what it gets is encrypted already.

    It is asked by several tasks at once. What fails raises any exception: nothing is kept then.
    """

    async def keep(self, id_: UUID, staged: Path) -> None:
        """Keep what is in a file on this machine, so that it is there also after a crash; the file may be moved."""
        ...

    async def read(self, id_: UUID, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`. Raises ContentMissingError."""
        ...

    async def destroy(self, id_: UUID) -> None:
        """Keep it no longer; nothing happens where it is not there."""
        ...

    def ids(self) -> AsyncIterator[UUID]:
        """The ids of all contents that are there."""
        ...
