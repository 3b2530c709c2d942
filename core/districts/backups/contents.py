"""The contents of files, out of their storages into a backup and back; encrypted as they are kept. 文件内容。"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from ...files.keeping import KEPT
from ...files.sealing import stored_size
from ...files.storage import ContentMissingError, FileStorage
from ...records.archive import CHUNK, Archive, line
from ...records.migrations.session import Session
from ..district import District
from .manifest import CONTENTS, CONTENTS_LIST, Contents, Table
from .reading import BackupFile, altered

Tell = Callable[[int], None]
BATCH = 500
NEXT = "SELECT id, storage, size FROM core_file WHERE state IN (?, ?) AND id > ? ORDER BY id LIMIT ?"


class ContentsOut:
    """The contents of the files that a snapshot has; of each what is in its storage, whether it is right or not."""

    def __init__(self, district: District, session: Session, archive: Archive, tell: Tell) -> None:
        self._district, self._session, self._archive, self._tell = district, session, archive, tell
        self._files = 0
        self._missing: list[str] = []

    async def write(self) -> Contents:
        """Write both entries."""
        with tempfile.TemporaryFile(dir=self._archive.file.parent) as listed:
            await self._archive.put(CONTENTS, self._pieces(listed), packed=False)
            listed.seek(0)
            await self._archive.put(CONTENTS_LIST, _read(listed))
        entries = {name: self._archive.entries[name] for name in (CONTENTS, CONTENTS_LIST)}
        tables = {name: Table(rows=self._files, bytes=it.bytes, sha256=it.sha256) for name, it in entries.items()}
        return Contents(files=self._files, entries=tables, missing=self._missing)

    async def _pieces(self, listed: IO[bytes]) -> AsyncIterator[bytes]:
        after = str(UUID(int=0))
        while found := await self._session.query(NEXT, *KEPT, _id(self._session, after), BATCH):
            for row in found:
                async for piece in self._content(row, listed):
                    yield piece
            after = str(found[-1]["id"])

    async def _content(self, row: dict[str, Any], listed: IO[bytes]) -> AsyncIterator[bytes]:
        id_, digest, size = UUID(str(row["id"])), hashlib.sha256(), 0
        storage, length = self._district.storages.get(row["storage"]), stored_size(int(row["size"]))
        try:
            if storage is None:
                raise ContentMissingError
            while size < length and (piece := await storage.read(id_, size, min(size + CHUNK, length))):
                digest.update(piece)
                size += len(piece)
                yield piece
        except ContentMissingError:  # it was lost before, or destroyed since the snapshot
            self._missing.append(str(id_))
            return
        told = {"id": str(id_), "storage": row["storage"], "bytes": size, "sha256": digest.hexdigest()}
        listed.write(line(told))
        self._files += 1
        self._tell(self._files)


def _id(session: Session, value: str) -> object:
    return value if session.instant_type == "TIMESTAMP" else UUID(value)


async def _read(content: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := content.read(CHUNK):
        yield piece


class ContentsIn:
    """The contents of a backup, put into the storages of the district that it becomes."""

    def __init__(self, district: District, backup: BackupFile, tell: Tell) -> None:
        self._district, self._backup, self._tell = district, backup, tell

    def place(self, storage: str) -> str:
        """Where contents of a storage go: there, or where this district is configured to keep them if it has none."""
        return storage if storage in self._district.storages else self._district.settings.file_storage

    async def keep(self) -> None:
        """Keep them all. Contents that are there already are replaced; without their rows a server takes them away."""
        if not self._backup.manifest.contents.files:
            return
        folder = self._district.files / "staging"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._backup.open(CONTENTS) as contents:
            for done, told in enumerate(self._backup.lines(CONTENTS_LIST), 1):
                await self._keep(contents, told, folder)
                self._tell(done)

    async def _keep(self, contents: IO[bytes], told: dict[str, Any], folder: Path) -> None:
        try:
            id_, size, storage = UUID(told["id"]), int(told["bytes"]), self._storage(told["storage"])
        except (KeyError, TypeError, ValueError) as error:
            raise altered(CONTENTS_LIST) from error
        staged = folder / f"{id_}.restored"
        try:
            if await asyncio.to_thread(_stage, contents, size, staged) != told.get("sha256"):
                raise altered(CONTENTS)
            await storage.keep(id_, staged)
        finally:
            staged.unlink(missing_ok=True)

    def _storage(self, name: str) -> FileStorage:
        return self._district.storages[self.place(name)]


def _stage(contents: IO[bytes], size: int, file: Path) -> str:
    """Put the next bytes into a file, on the disk; their hash."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as staged:
        while size and (piece := contents.read(min(CHUNK, size))):
            staged.write(piece)
            digest.update(piece)
            size -= len(piece)
        staged.flush()
        os.fsync(staged.fileno())
    return digest.hexdigest()
