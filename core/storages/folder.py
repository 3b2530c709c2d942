"""A folder on this machine. 本地文件夹。"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from ..files.storage import ContentMissingError


class Folder:
    """Contents by the last two digits of their ids, which are random, so that no folder grows too large."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, id_: UUID, staged: Path) -> None:
        """Move the staged file to its place, and have the name on the disk too."""
        await asyncio.to_thread(self._keep, id_, staged)

    async def read(self, id_: UUID, start: int, stop: int) -> bytes:
        """A part of a content."""
        return await asyncio.to_thread(self._read, id_, start, stop)

    async def destroy(self, id_: UUID) -> None:
        """Take a content away."""
        await asyncio.to_thread(self._place(id_).unlink, missing_ok=True)

    async def ids(self) -> AsyncIterator[UUID]:
        """The ids of all contents, folder by folder."""
        for name in await asyncio.to_thread(self._names):
            for id_ in await asyncio.to_thread(_ids, self._folder / name):
                yield id_

    def _place(self, id_: UUID) -> Path:
        return self._folder / id_.hex[-2:] / str(id_)

    def _keep(self, id_: UUID, staged: Path) -> None:
        place = self._place(id_)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        staged.rename(place)
        try:
            for folder in (place.parent, self._folder):
                _sync(folder)
        except OSError:  # what is not surely on the disk is not kept
            place.unlink(missing_ok=True)
            raise

    def _read(self, id_: UUID, start: int, stop: int) -> bytes:
        try:
            with self._place(id_).open("rb") as content:
                content.seek(start)
                return content.read(stop - start)
        except FileNotFoundError:
            raise ContentMissingError(f"there is no content of file {id_}") from None

    def _names(self) -> list[str]:
        with suppress(FileNotFoundError):
            return sorted(name for name in os.listdir(self._folder) if len(name) == 2)  # noqa: PLR2004  digits
        return []


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _ids(folder: Path) -> list[UUID]:
    found = []
    for name in os.listdir(folder):
        with suppress(ValueError):  # what somebody else put there is left alone
            found.append(UUID(name))
    return found
