"""Cells in which the program shows an error, such as #N/A: calamine hands them out as empty ones. 错误值单元格。

An empty cell says that there is nothing, an error that something went wrong: the second is not to be imported as the
first. So the one sheet that is read is looked through for them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from .archives import column_index

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR = re.compile(rb"""<c\b([^>]*\bt=["']e["'][^>]*)>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]{1,16})</v>""")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_TELLING = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_LONGEST_TELLING = 4 << 20
_CHUNK = 1 << 20
_LONGEST_TAIL = 1 << 16

Errors = Mapping[int, Mapping[int, str]]
"""What stands there, by row from 1 and column from 0."""


def error_cells(content: bytes, sheet: str) -> Errors:
    """The error cells of a sheet of an XLSX; none where the archive does not tell which part the sheet is."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    try:
        with ZipFile(BytesIO(content)) as archive:
            part = _part(archive, sheet)
            for place, shown in _errors(archive, part) if part is not None else ():
                found[int(place[2])][column_index(place[1].decode())] = shown.decode("ascii", "replace")
    except (BadZipFile, ElementTree.ParseError):  # what calamine reads all the same has no errors to tell of
        return {}
    return found


def _part(archive: ZipFile, sheet: str) -> str | None:
    names = set(archive.namelist())
    if not set(_TELLING) <= names or any(archive.getinfo(one).file_size > _LONGEST_TELLING for one in _TELLING):
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  expat bounds what entities grow to
    link = next((one.get(_LINK) for one in book.iter(f"{_MAIN}sheet") if one.get("name") == sheet), None)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  as above
    target = next((one.get("Target", "") for one in links if one.get("Id") == link), None)
    if target is None:
        return None
    part = target.removeprefix("/") if target.startswith("/") else normpath(join("xl", target))
    return part if part in names else None


def _errors(archive: ZipFile, part: str) -> Iterator[tuple[re.Match[bytes], bytes]]:
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            chunk = rest + chunk
            if b't="e"' in chunk or b"t='e'" in chunk:
                for found in _ERROR.finditer(chunk):
                    place = _PLACE.search(found[1])
                    if place is not None:
                        yield place, found[2]
            rest = chunk[max(chunk.rfind(b"<c "), len(chunk) - _LONGEST_TAIL, 0) :]
