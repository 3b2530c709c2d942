"""How the content of a file is encrypted: in chunks, so that a part of it is read without the rest. 分块加密。

Each chunk is encrypted by the district's suite (AES-256-GCM or SM4-GCM) under a key that this content alone has, and is
bound to the file, to its place, and to whether it is the last: chunks that are exchanged, left out, repeated or cut off
do not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015, section 5).
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from ..crypto.suites import NONCE_BYTES, TAG_BYTES, Suite, TamperedError, by_cipher

CHUNK = 64 * 1024
"""Bytes of content in each chunk but the last."""
STORED = NONCE_BYTES + CHUNK + TAG_BYTES
SECRET_BYTES = 32


class TooLargeError(Exception):
    """More was written than is allowed."""


@dataclass(frozen=True)
class Seal:
    """What it takes to read and write the content of one file; `secret` is random and used for nothing else."""

    id: UUID
    cipher: str
    secret: bytes = field(repr=False, default_factory=lambda: os.urandom(SECRET_BYTES))

    @cached_property
    def _suite(self) -> Suite:
        return by_cipher(self.cipher)

    @cached_property
    def _key(self) -> bytes:
        return self._suite.derive(self.secret, f"linli file 1|{self.id}")

    def close(self, number: int, plain: bytes, *, last: bool) -> bytes:
        """A chunk as it is stored."""
        return self._suite.encrypt(self._key, plain, self._bound(number, last=last))

    def open(self, number: int, stored: bytes, *, last: bool) -> bytes:
        """A chunk as it was. Raises TamperedError."""
        return self._suite.decrypt(self._key, stored, self._bound(number, last=last))

    def _bound(self, number: int, *, last: bool) -> bytes:
        return f"core_file.content|{self.id}|{number}|{'last' if last else 'more'}".encode()


def chunks_of(size: int) -> int:
    """How many chunks a content of so many bytes has."""
    return -(-size // CHUNK)


def stored_size(size: int) -> int:
    """How many bytes are stored of a content of so many."""
    return size + chunks_of(size) * (STORED - CHUNK)


def span(size: int, first: int, count: int) -> tuple[int, int]:
    """From where to where the chunks from `first` on stand in what is stored, `count` of them at most."""
    return first * STORED, min((first + count) * STORED, stored_size(size))


def opened(seal: Seal, size: int, first: int, stored: bytes) -> bytes:
    """The content of neighbouring chunks, the first of which is number `first`. Raises TamperedError."""
    last = chunks_of(size) - 1
    parts = [stored[start : start + STORED] for start in range(0, len(stored), STORED)]
    return b"".join(seal.open(first + place, part, last=first + place == last) for place, part in enumerate(parts))


class SealingWriter:
    """Writes a new content to a file that nobody else may read; `finish` puts the last chunk down, on the disk.

    Raises TooLargeError as soon as there are more than `most` bytes.
    """

    def __init__(self, file: Path, seal: Seal, most: int) -> None:
        self.size = 0
        self._seal, self._most = seal, most
        self._digest = hashlib.sha256()
        self._held = bytearray()
        self._number = 0
        self._raw = os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", buffering=0)

    def write(self, data: bytes) -> int:
        """Take more of the content."""
        self.size += len(data)
        if self.size > self._most:
            raise TooLargeError
        self._digest.update(data)
        self._held += data
        whole = chunks_of(len(self._held)) - 1  # what may be the last chunk is held back
        for place in range(whole):
            self._put(bytes(self._held[place * CHUNK : (place + 1) * CHUNK]), last=False)
        if whole > 0:
            del self._held[: whole * CHUNK]
        return len(data)

    def finish(self) -> str:
        """Put down what is left, sync it, and close; the SHA-256 of the content, in hexadecimal."""
        if self._held:
            self._put(bytes(self._held), last=True)
        os.fsync(self._raw.fileno())
        self.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file as it is."""
        self._raw.close()

    def _put(self, plain: bytes, *, last: bool) -> None:
        stored = memoryview(self._seal.close(self._number, plain, last=last))
        while stored:
            stored = stored[self._raw.write(stored) :]
        self._number += 1


class _Content(io.RawIOBase):
    def __init__(self, raw: BinaryIO, seal: Seal, size: int) -> None:
        self._raw, self._seal, self._size = raw, seal, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("there is nothing before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any writable buffer
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, CHUNK)
        start, stop = span(self._size, number, 1)
        self._raw.seek(start)
        plain = opened(self._seal, self._size, number, self._raw.read(stop - start))
        part = plain[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._raw.close()
        super().close()


def reading(file: Path, seal: Seal, size: int) -> io.BufferedReader:
    """The content of a file as an open file that can be read from any place. Raises TamperedError where it is read."""
    if file.stat().st_size != stored_size(size):
        raise TamperedError("the content of a file is not as long as it was")
    return io.BufferedReader(_Content(file.open("rb", buffering=0), seal, size), CHUNK)
