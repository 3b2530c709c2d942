"""Rows in a file that belongs to no engine: a zip with JSON lines for each table, and a manifest. 导出档案。"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from .. import clock
from .encrypted import Encrypted

MANIFEST = "manifest.json"
MODE = 0o600
CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What an entry of an archive holds: its bytes as they are unpacked, and their SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


class Archive:
    """Written beside its place and put there, complete and on the disk, by `finish`; leaving before takes it away.

    Only its owner may read it: it holds what the tables held. Raises FileExistsError where the place is taken.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.entries: dict[str, Entry] = {}
        self._beside = file.with_name(f".{file.name}.{os.getpid()}.part")

    def __enter__(self) -> Self:
        _refuse_taken(self.file)
        self._raw = os.fdopen(os.open(self._beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, MODE), "w+b")
        self._zip = ZipFile(self._raw, "w", ZIP_DEFLATED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(ValueError):  # the zip would write its end to what is closed
            self._zip.close()
        self._raw.close()
        self._beside.unlink(missing_ok=True)

    async def add(self, table: str, rows: AsyncIterator[Mapping[str, Any]]) -> int:
        """Write a table's rows; how many there were."""
        count = 0

        async def lines() -> AsyncIterator[bytes]:
            nonlocal count
            async for row in rows:
                yield line({name: neutral(value) for name, value in row.items()})
                count += 1

        await self.put(f"{table}.jsonl", lines())
        return count

    async def put(self, name: str, content: AsyncIterator[bytes], *, packed: bool = True) -> None:
        """Write a file as it is; not `packed` where that would save nothing, as with what is encrypted."""
        told = ZipInfo(name, clock.now().timetuple()[:6])
        told.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with self._zip.open(told, "w", force_zip64=True) as written:
            async for piece in content:
                written.write(piece)
                digest.update(piece)
                size += len(piece)
        self.entries[name] = Entry(size, digest.hexdigest())

    def finish(self, manifest: Mapping[str, Any]) -> str:
        """Add the manifest and put the file in its place; its SHA-256, in hexadecimal."""
        self._zip.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
        self._zip.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        digest = self._digest()
        _refuse_taken(self.file)
        self._beside.rename(self.file)
        _sync_folder(self.file.parent)
        return digest

    def _digest(self) -> str:
        self._raw.seek(0)
        digest = hashlib.sha256()
        while chunk := self._raw.read(CHUNK):
            digest.update(chunk)
        return digest.hexdigest()


def line(values: Mapping[str, Any]) -> bytes:
    """An object as one line of JSON."""
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def neutral(value: Any) -> Any:
    """A column's value as JSON has it: instants in UTC, what JSON lacks as text, bytes as `{"base64": ..}`.

    An encrypted value stays encrypted.
    """
    value = value.stored if isinstance(value, Encrypted) else value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, bytes | memoryview):
        return {"base64": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(key): neutral(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [neutral(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _refuse_taken(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise FileExistsError(17, os.strerror(17), str(file))


def _sync_folder(folder: Path) -> None:
    """Have the name on the disk too, and not only what it leads to."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
