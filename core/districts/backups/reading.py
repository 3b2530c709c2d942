"""A backup as it is read: nothing of it is believed before all of it was compared with what it says. 读取备份。"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from zipfile import BadZipFile, ZipFile

from ...errors import text
from ...records.archive import CHUNK, MANIFEST
from .manifest import BackupError, Manifest, Table, read_manifest

MOST_OF_MANIFEST = 16 << 20
MOST_OF_LINE = 64 << 20
"""Bytes of one row. What is longer is no row of Linli's, and would fill the memory."""

DAMAGED = (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError)

Progress = Callable[[str, int, int], None]


class BackupFile:
    """An open backup; `manifest` is what it says of itself."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> Self:
        try:
            self._zip = ZipFile(self._file)
        except DAMAGED as error:
            raise BackupError(
                "BACKUP_UNREADABLE", text("{file} is no whole zip: it was cut off, or is another file", file=self._file)
            ) from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()

    def check(self, progress: Progress) -> None:
        """Read every entry and compare it with the manifest. Raises BackupError, which names the entry."""
        names = [info.filename for info in self._zip.infolist()]
        expected = self.manifest.entries
        different = {name for name in names if names.count(name) > 1} | ({*names} ^ {MANIFEST, *expected})
        for name in sorted(different):
            raise altered(name)
        for done, (name, entry) in enumerate(expected.items()):
            progress(name, done, len(expected))
            self._compare(name, entry)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """A table's rows, one after the other."""
        name = f"{table}.jsonl"
        count = 0
        for row in self.lines(name):
            count += 1
            yield row
        if count != self.manifest.tables[table].rows:
            raise altered(name)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of an entry of JSON lines."""
        with self.open(name) as content:
            while line := content.readline(MOST_OF_LINE + 1):
                if len(line) > MOST_OF_LINE:
                    raise BackupError("BACKUP_TOO_LARGE", text("{entry} of the backup has too long a row", entry=name))
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise altered(name) from error
                if not isinstance(row, dict):
                    raise altered(name)
                yield row

    def open(self, name: str) -> IO[bytes]:
        """An entry, to be read from its beginning."""
        try:
            return self._zip.open(name)
        except (*DAMAGED, KeyError) as error:
            raise altered(name) from error

    def _manifest(self) -> Manifest:
        try:
            told = self._zip.getinfo(MANIFEST)
        except KeyError as error:
            raise BackupError("BACKUP_FOREIGN", text("{file} is no backup of Linli's", file=self._file)) from error
        if told.file_size > MOST_OF_MANIFEST:
            raise BackupError("BACKUP_TOO_LARGE", text("{entry} of the backup is too large", entry=MANIFEST))
        try:
            with self._zip.open(MANIFEST) as content:
                found = content.read(MOST_OF_MANIFEST + 1)
        except DAMAGED as error:
            raise altered(MANIFEST) from error
        return read_manifest(found)

    def _compare(self, name: str, entry: Table) -> None:
        """Read no more than the manifest promises, whatever the zip unpacks to, and a little at a time."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as content:
                while piece := content.read(CHUNK):
                    size += len(piece)
                    if size > entry.bytes:
                        break
                    digest.update(piece)
        except DAMAGED as error:
            raise altered(name) from error
        if (size, digest.hexdigest()) != (entry.bytes, entry.sha256):
            raise altered(name)


def altered(name: str) -> BackupError:
    """That an entry is not what was written."""
    return BackupError("BACKUP_ALTERED", text("{entry} of the backup was altered", entry=name))
