"""Telling how a file is encoded: UTF-8 with or without a byte order mark, or GB18030 (GB 18030-2022)."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from .errors import invalid

UTF8, GB18030 = "UTF-8", "GB18030"


@dataclass(frozen=True)
class Decoded:
    """A file's text, and the lines (from 1) with bytes that the encoding does not have."""

    text: str
    encoding: str
    broken: frozenset[int] = frozenset()


def decoded(content: bytes) -> Decoded:
    """Decode a file. Raises ValidationError (ENCODING) for UTF-16 and binary content.

    A file with single bad bytes stays what its other lines are: taken for GB18030, the rest of a UTF-8 file would read
    as other characters, and nobody would notice.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in content:
        raise invalid("file", "ENCODING", "{found} is not read; save the file as UTF-8 or GB18030", found="UTF-16")
    marked = content.startswith(BOM_UTF8)
    content = content.removeprefix(BOM_UTF8)
    try:
        return Decoded(content.decode(UTF8), UTF8)
    except UnicodeDecodeError:
        lines = content.split(b"\n")
    broken = _broken(lines, UTF8)
    telling = sum(not line.isascii() for line in lines)
    if marked or 2 * len(broken) <= telling:
        return Decoded(content.decode(UTF8, "replace"), UTF8, broken)
    return Decoded(content.decode(GB18030, "replace").removeprefix("\ufeff"), GB18030, _broken(lines, GB18030))


def _broken(lines: list[bytes], encoding: str) -> frozenset[int]:
    return frozenset(number for number, line in enumerate(lines, start=1) if not _is_in(line, encoding))


def _is_in(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
