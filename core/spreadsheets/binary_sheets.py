"""How far the cells of an XLS reach, found out before it is parsed. 旧版二进制工作簿检查。

A sheet of a few kilobytes may say that it spans four thousand million cells, or name one that far out, and a parser
takes memory for all of them. So the records are walked through first: a compound file (MS-CFB) holds the stream, and
the stream the records (MS-XLS), each with its number and its length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from .archives import check_extent, damaged, too_large, too_spread

_DIRECTORY_ENTRY = 128
_LAST_SECTOR = 0xFFFFFFFA
_MINI = 64
_MINI_UNTIL = 4096
_STREAMS = ("workbook", "book")
_BOUND_SHEET, _END, _DIMENSIONS = 0x85, 0x0A, (0x00, 0x0200)
_MULTIPLE = 0xBD
_CELLS = frozenset(
    (0x02, 0x03, 0x04, 0x05, 0x06, _MULTIPLE, 0xD6, 0xFD, 0x0203, 0x0204, 0x0205, 0x0206, 0x0406, 0x027E)
)
"""What holds a value; a blank cell takes no memory, and many sheets are coloured to their end."""
_ROWS, _COLUMNS = 65_536, 256
"""So far a sheet of XLS goes."""
_MOST_RECORDS = 8_000_000
Record = tuple[int, int, int]
"""A record's number, and where its content begins and ends."""


def check_binary(content: bytes) -> None:
    """Refuse an XLS that spans too many cells. Raises ValidationError FILE_DAMAGED, FILE_TOO_LARGE, TOO_MANY_ROWS,
    TOO_MANY_COLUMNS, TOO_MANY_CELLS."""
    try:
        stream = _Compound(content).stream()
        offsets = [
            int.from_bytes(stream[start : start + 4], "little")
            for number, start, _ in _records(stream, 0)
            if number == _BOUND_SHEET
        ]
        left = _MOST_RECORDS
        for offset in set(offsets):
            left -= _check_sheet(stream, offset)
            if left < 0:
                raise too_large()
    except (struct.error, IndexError) as error:
        raise damaged() from error


def _check_sheet(stream: bytes, offset: int) -> int:
    """Look at the records of one sheet; how many there are."""
    rows = columns = count = 0
    for number, start, end in _records(stream, offset):
        count += 1
        if number in _CELLS and end - start >= 4:  # noqa: PLR2004  row and column, of two bytes each
            row, column = struct.unpack_from("<HH", stream, start)
            if number == _MULTIPLE:
                (column,) = struct.unpack_from("<H", stream, end - 2)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif number in _DIMENSIONS:
            _check_said(stream, start, end)
    check_extent(rows, columns)
    return count


def _check_said(stream: bytes, start: int, end: int) -> None:
    """How far a sheet says that it reaches, rows by four bytes each or by two in old versions: room is made for it."""
    wide = end - start >= 14  # noqa: PLR2004
    _, rows, _, columns = struct.unpack_from("<IIHH" if wide else "<HHHH", stream, start)
    if rows > _ROWS or columns > _COLUMNS:
        raise too_spread()


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from an offset to the end of what begins there."""
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        yield number, at + 4, min(at + 4 + length, len(stream))
        if number == _END:
            return
        at += 4 + length


class _Compound:
    """A compound file: sectors that a table links to streams."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        (shift,) = struct.unpack_from("<H", content, 30)
        if shift not in (9, 12):
            raise damaged()
        self._size = 1 << shift
        self._next = self._table()
        self._entries = self._directory()

    def stream(self) -> bytes:
        """The workbook."""
        for wanted in _STREAMS:
            for name, start, size in self._entries:
                if name == wanted:
                    return self._stream(start, size)
        raise damaged()

    def _stream(self, start: int, size: int) -> bytes:
        if size >= _MINI_UNTIL:
            return self._chain(start)[:size]
        small = self._chain(self._entries[0][1])
        (first,) = struct.unpack_from("<I", self._content, 60)
        links = _numbers(self._chain(first))
        pieces = (small[at * _MINI : (at + 1) * _MINI] for at in _followed(links, start))
        return b"".join(pieces)[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._content[start : start + self._size]

    def _table(self) -> Sequence[int]:
        """Which sector follows which; the sectors that tell it are told by the header, then by a chain."""
        told = list(struct.unpack_from("<109I", self._content, 76))
        (more,) = struct.unpack_from("<I", self._content, 68)
        seen = set()
        while more < _LAST_SECTOR and more not in seen:
            seen.add(more)
            *some, more = _numbers(self._sector(more)) or [_LAST_SECTOR]
            told += some
        return _numbers(b"".join(self._sector(one) for one in dict.fromkeys(told) if one < _LAST_SECTOR))

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(one) for one in _followed(self._next, start))

    def _directory(self) -> list[tuple[str, int, int]]:
        (first,) = struct.unpack_from("<I", self._content, 48)
        whole = self._chain(first)
        found = []
        for at in range(0, len(whole) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
            (length,) = struct.unpack_from("<H", whole, at + 64)
            name = whole[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", whole, at + 116)
            found.append((name.lower(), start, size))
        return found


def _numbers(sector: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _followed(links: Sequence[int], start: int) -> Iterator[int]:
    """The sectors of a chain; FILE_DAMAGED for one that comes back to itself or leads nowhere."""
    seen = set()
    while start < _LAST_SECTOR:
        if start in seen or start >= len(links):
            raise damaged()
        seen.add(start)
        yield start
        start = links[start]
