"""Where a file lies while it arrives and is judged: encrypted already, under a key that is in memory alone. 暂存。"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..records.record import new_id
from .sealing import Seal, SealingWriter, reading


@dataclass(frozen=True)
class Staged:
    """A content that arrived: `file` holds it, closed with `seal`."""

    file: Path
    seal: Seal
    size: int
    sha256: str

    def open(self) -> io.BufferedReader:
        """The content, to be read from any place."""
        return reading(self.file, self.seal, self.size)


class Arriving:
    """A content on its way; `take` may be called from a thread, one call after the other."""

    def __init__(self, file: Path, seal: Seal, most: int) -> None:
        self.file = file
        self._seal = seal
        self._writer = SealingWriter(file, seal, most)

    def take(self, data: bytes) -> None:
        """Take more of it. Raises TooLargeError."""
        self._writer.write(data)

    def whole(self) -> Staged:
        """That was all."""
        sha256 = self._writer.finish()
        return Staged(self.file, self._seal, self._writer.size, sha256)

    def drop(self) -> None:
        """Forget it."""
        self._writer.close()
        self.file.unlink(missing_ok=True)


class Staging:
    """The folder of contents on their way. What a killed process left there is taken away by `sweep`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, cipher: str, most: int) -> Arriving:
        """Make room for a content of `most` bytes."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seal = Seal(new_id(), cipher)
        return Arriving(self._folder / str(seal.id), seal, most)

    def put(self, cipher: str, content: bytes, most: int) -> Staged:
        """Take a content that is here already. Raises TooLargeError, and then nothing is left."""
        arriving = self.begin(cipher, most)
        try:
            arriving.take(content)
            return arriving.whole()
        except BaseException:
            arriving.drop()
            raise

    def names(self) -> frozenset[str]:
        """What is there now."""
        with suppress(FileNotFoundError):
            return frozenset(os.listdir(self._folder))
        return frozenset()

    def sweep(self, names: frozenset[str]) -> Iterator[str]:
        """Take these away; those that were there."""
        for name in names & self.names():
            (self._folder / name).unlink(missing_ok=True)
            yield name
