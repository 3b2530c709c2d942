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


def check_archive(content: bytes) -> str:
    """Refuse an archive that is no workbook, too large, or too far spread; answer XLSX or ODS.

    Raises ValidationError FILE_DAMAGED, FILE_TOO_LARGE, TOO_MANY_ROWS, TOO_MANY_COLUMNS.
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
    return "XLSX"


def _check_entry(content: bytes, entry: ZipInfo, unpacked: int) -> int:
    extent = _Extent() if entry.filename == "content.xml" else None
    rest = b""
    for chunk in _unpacked(content, entry):
        unpacked += len(chunk)
        if unpacked > MOST_UNPACKED:
            raise too_large()
        if extent is not None:
            extent.feed(chunk)
        elif entry.filename.lower().endswith(".xml"):
            whole, _, rest = (rest + chunk).rpartition(b">")
            _check_cells(whole)
            if len(rest) > _LONGEST_TAG:
                raise damaged()
    _check_cells(rest)
    return unpacked


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
        self._row = self._column = 0
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
                if self._column > MOST_COLUMNS:
                    raise too_many_columns()
        elif name == _ROW:
            self._column, self._filled = 0, False
            self._repeated = _count(attributes.get("table:number-rows-repeated"))
        elif name == _TABLE:
            self._row = 0

    def _end(self, name: str) -> None:
        if name == _ROW:
            self._row += self._repeated
            if self._filled and self._row > MOST_ROWS:
                raise too_many_rows()


def _count(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdigit() else 1
