"""What a packed workbook unpacks to, found out before it is parsed: zip bombs and far cells are refused. 压缩包检查。

A workbook of a few kilobytes may unpack to gigabytes, or name one cell so far out that a parser takes memory for all
the cells before it. Sizes that the archive declares are not believed: what it holds is unpacked, and only counted.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ..errors import ValidationError, invalid

MOST_ROWS, MOST_COLUMNS = 200_000, 200
MOST_AREA = 8_000_000
"""Cells of the rectangle up to the last one of a sheet: a parser takes some 32 bytes for each, empty or not."""
MOST_UNPACKED = 768 * 1024 * 1024
MOST_ENTRIES = 2_000
_CHUNK = 1 << 20
_LONGEST_TAG = 8 << 20
_LOCAL_HEADER = 30
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,7})([0-9]+)["']""")
# cells beyond column 200 (GR) or with six digits and more for the row: the few that are looked at closely
_FAR = re.compile(
    rb"""\br\s*=\s*["'](?:[A-Za-z]{3,}[0-9]+|(?:[Gg][S-Zs-z]|[H-Zh-z][A-Za-z])[0-9]+|[A-Za-z]{0,2}[0-9]{6,})["']"""
)
# where the rectangle may be too large: only a sheet with both a column from AO (the 41st) on and a row from 40,000 on
_WIDE = re.compile(rb"""r(?<=\br)\s*=\s*["']([Aa][O-Zo-z]|[B-Zb-z][A-Za-z]|[A-Za-z]{3,7})[0-9]""")
_DEEP = re.compile(rb"""r(?<=\br)\s*=\s*["'][A-Za-z]{0,7}0*([4-9][0-9]{4}|[1-9][0-9]{5,8})["']""")
_LEAST_COLUMNS, _LEAST_ROWS = 40, 40_000
# rows and cells that do not say where they are come after the one before
_BARE = re.compile(rb"<(?:\w+:)?(?:c|row)(?=[\s/>])(?!\s+r\s*=)(?![^>]*\br\s*=)")
_ROW_BEGINS = re.compile(rb"<(?:\w+:)?row(?=[\s/>])")
_BARE_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^>]*\br\s*=)")
_TABLE, _ROW, _CELL_NAMES = "table:table", "table:table-row", ("table:table-cell", "table:covered-table-cell")


def damaged() -> ValidationError:
    """The file is no workbook that can be read."""
    return invalid("file", "FILE_DAMAGED", "The file is damaged, protected by a password, or no spreadsheet")


def too_large() -> ValidationError:
    """The file unpacks to more than is read."""
    return invalid(
        "file", "FILE_TOO_LARGE", "The file is too large: {most} MB unpacked at most", most=MOST_UNPACKED >> 20
    )


def too_many_rows() -> ValidationError:
    """A sheet has more rows than are read."""
    return invalid("file", "TOO_MANY_ROWS", "A sheet has at most {most} rows: divide the file", most=MOST_ROWS)


def too_many_columns() -> ValidationError:
    """A sheet has more columns than are read."""
    return invalid("file", "TOO_MANY_COLUMNS", "A sheet has at most {most} columns", most=MOST_COLUMNS)


def too_many_sheets(most: int) -> ValidationError:
    """A workbook has more sheets than are looked at."""
    return invalid("file", "TOO_MANY_SHEETS", "A workbook has at most {most} sheets", most=most)


def too_spread() -> ValidationError:
    """The last row and the last column of a sheet span more cells than are read."""
    told = "A sheet spans at most {most} cells, empty ones too: delete what stands far out, or divide the file"
    return invalid("file", "TOO_MANY_CELLS", told, most=MOST_AREA)


def check_extent(rows: int, columns: int) -> None:
    """Refuse a sheet of so many rows and columns. Raises ValidationError TOO_MANY_ROWS, _COLUMNS, _CELLS."""
    if columns > MOST_COLUMNS:
        raise too_many_columns()
    if rows > MOST_ROWS:
        raise too_many_rows()
    if rows * columns > MOST_AREA:
        raise too_spread()


def check_archive(content: bytes) -> str:
    """Refuse an archive that is no workbook, too large, or too far spread; answer XLSX or ODS.

    Raises ValidationError FILE_DAMAGED, FILE_TOO_LARGE, TOO_MANY_ROWS, TOO_MANY_COLUMNS, TOO_MANY_CELLS.
    """
    try:
        entries = ZipFile(BytesIO(content)).infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged() from error
    if len(entries) > MOST_ENTRIES:
        raise too_large()
    names = {entry.filename for entry in entries}
    unpacked = 0
    for entry in entries:
        unpacked = _check_entry(content, entry, unpacked)
    if "content.xml" in names:
        return "ODS"
    if not any(name.lower().startswith("xl/") for name in names):
        raise damaged()
    if any(name.lower().endswith("workbook.bin") for name in names):
        raise damaged()  # XLSB, whose cells nobody has looked at
    return "XLSX"


def _check_entry(content: bytes, entry: ZipInfo, unpacked: int) -> int:
    extent = _Extent() if entry.filename == "content.xml" else None
    area, rest = _Area(), b""
    for chunk in _unpacked(content, entry):
        unpacked += len(chunk)
        if unpacked > MOST_UNPACKED:
            raise too_large()
        if extent is not None:
            extent.feed(chunk)
        elif not _is_picture(entry):  # a sheet may have any name: what its relation says
            whole, mark, rest = (rest + chunk).rpartition(b">")
            _check_cells(whole)
            area.feed(whole + mark)
            if len(rest) > _LONGEST_TAG:
                raise damaged()
    _check_cells(rest)
    return unpacked


def _is_picture(entry: ZipInfo) -> bool:
    """What has long pieces without a tag; a workbook that calls it a sheet is no XML."""
    return entry.filename.lower().startswith("xl/media/")


def _unpacked(content: bytes, entry: ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry, whatever size it declares."""
    start = entry.header_offset
    name, extra = (int.from_bytes(content[start + at : start + at + 2], "little") for at in (26, 28))
    start += _LOCAL_HEADER + name + extra
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == ZIP_STORED:
        yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
    elif entry.compress_type == ZIP_DEFLATED and not entry.flag_bits & 1:
        yield from _inflated(packed)
    else:
        raise damaged()


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data: bytes | memoryview = packed
        while not inflate.eof:
            chunk = inflate.decompress(data, _CHUNK)
            data = inflate.unconsumed_tail
            if not chunk and not data:
                break
            yield chunk
    except zlib.error as error:
        raise damaged() from error


def _check_cells(xml: bytes) -> None:
    for far in _FAR.finditer(xml):
        cell = _CELL.match(xml, far.start())
        if cell is None:
            continue
        if column_index(cell[1].decode()) >= MOST_COLUMNS:
            raise too_many_columns()
        if int(cell[2][:9]) > MOST_ROWS:
            raise too_many_rows()


class _Area:
    """At most how many rows and columns a sheet of XLSX spans, as far as that may be too much."""

    def __init__(self) -> None:
        self._rows, self._columns = _LEAST_ROWS, _LEAST_COLUMNS
        self._begun = self._bare = 0

    def feed(self, xml: bytes) -> None:
        """Look at some whole tags."""
        self._columns = max(self._columns, *(column_index(one.decode()) + 1 for one in set(_WIDE.findall(xml))), 0)
        self._rows = max(self._rows, *map(int, set(_DEEP.findall(xml))), 0)
        if _BARE.search(xml) is not None:
            self._count(xml)
        if self._rows * self._columns > MOST_AREA:
            raise too_spread()

    def _count(self, xml: bytes) -> None:
        first, *others = _ROW_BEGINS.split(xml)
        self._begun += len(others)
        self._rows = max(self._rows, self._begun)
        for piece in (first, *others):
            self._bare = len(_BARE_CELL.findall(piece)) + (self._bare if piece is first else 0)
            self._columns = max(self._columns, self._bare)


def column_index(letters: str) -> int:
    """A as 0, Z as 25, AA as 26; -1 for no letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def column_letters(index: int) -> str:
    """0 as A, 26 as AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Extent:
    """How far the filled cells of an OpenDocument sheet reach; what is repeated counts as often as it is."""

    def __init__(self) -> None:
        self._row = self._column = self._widest = 0
        self._repeated, self._filled = 1, False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as error:
            raise damaged() from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELL_NAMES:
            self._column += _count(attributes.get("table:number-columns-repeated"))
            if "office:value-type" in attributes:
                self._filled = True
                self._widest = max(self._widest, self._column)
                if self._column > MOST_COLUMNS:
                    raise too_many_columns()
        elif name == _ROW:
            self._column, self._filled = 0, False
            self._repeated = _count(attributes.get("table:number-rows-repeated"))
        elif name == _TABLE:
            self._row = self._widest = 0

    def _end(self, name: str) -> None:
        if name == _ROW:
            self._row += self._repeated
            if self._filled:
                check_extent(self._row, self._widest)


def _count(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdigit() else 1
