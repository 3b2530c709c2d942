"""Workbooks as sheets of cells: XLSX, XLS and ODS by python-calamine, CSV and TSV in UTF-8 or GB18030. 工作簿。"""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from zipfile import ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ..decoding import Decoded, decoded
from ..errors import invalid
from .archives import MOST_COLUMNS, MOST_ROWS, check_archive, damaged, too_many_columns, too_many_rows, too_many_sheets
from .binary_sheets import check_binary
from .cells import Cell
from .error_cells import Errors, error_cells

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",\t;"
_HTML = ("<html", "<!doctype", "<table", "<meta", "<?xml")
_1904 = re.compile(rb"""date1904\s*=\s*["'](?:1|true)["']""")
MERGED_MOST = 100_000
MOST_SHEETS = 100
CSV_SHEET = "CSV"

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell of merged cells, row and column from 0."""


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet: its name, whether it is hidden, and how far it reaches. 工作表。"""

    name: str
    hidden: bool
    rows: int
    columns: int


class Workbook(ABC):
    """An open workbook; rows are numbered as Excel counts, from 1, columns from 0.

    `format` is XLSX, XLS, ODS or CSV; `from_1904` tells whether serial dates count from 1904.
    """

    format: str
    from_1904: bool = False
    encoding: str | None = None
    sheets: tuple[SheetInfo, ...]

    @abstractmethod
    def lines(self, sheet: str) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows of a sheet with anything in them, each with its number; begins anew with every call."""

    def merged(self, sheet: str) -> Sequence[Range]:
        """The merged cells of a sheet, from top to bottom."""
        return ()

    def broken(self) -> frozenset[int]:
        """The rows whose bytes are not of the file's encoding."""
        return frozenset()


def open_workbook(content: bytes) -> Workbook:
    """Open a file. 打开表格文件。

    Raises ValidationError FILE_DAMAGED (also for passwords), FILE_TOO_LARGE, TOO_MANY_ROWS, TOO_MANY_COLUMNS,
    TOO_MANY_CELLS, TOO_MANY_SHEETS, ENCODING for text in an encoding that is not read, CSV_SYNTAX.
    """
    if content.startswith(_ZIP):
        return _Calamine(content, check_archive(content))
    if content.startswith(_OLE):
        check_binary(content)
        return _Calamine(content, "XLS")
    if not content.strip():
        raise invalid("file", "FILE_EMPTY", "The file is empty")
    return _Csv(decoded(content))


class _Calamine(Workbook):
    def __init__(self, content: bytes, kind: str) -> None:
        self.format = kind
        self._content = content
        self._errors: dict[str, Errors] = {}
        self.from_1904 = kind == "XLSX" and _counts_from_1904(content)
        self._loaded: tuple[str, CalamineSheet] | None = None
        with _parsing():
            self._book = CalamineWorkbook.from_object(BytesIO(content))
            found = [one for one in self._book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        if len(found) > MOST_SHEETS:
            raise too_many_sheets(MOST_SHEETS)
        self.sheets = tuple(self._info(one.name, one.visible is not SheetVisibleEnum.Visible) for one in found)

    def _info(self, name: str, hidden: bool) -> SheetInfo:
        sheet = self._sheet(name, keep=not hidden)
        rows, columns = (at + 1 for at in sheet.end or (-1, -1))
        if rows > MOST_ROWS:
            raise too_many_rows()
        if columns > MOST_COLUMNS:
            raise too_many_columns()
        return SheetInfo(name, hidden, rows, columns)

    def _sheet(self, name: str, *, keep: bool = True) -> CalamineSheet:
        if self._loaded is not None and self._loaded[0] == name:
            return self._loaded[1]
        with _parsing():
            sheet = self._book.get_sheet_by_name(name)
        # the first that holds anything is most often the one that is read: it is parsed once
        if keep and sheet.height and (self._loaded is None or hasattr(self, "sheets")):
            self._loaded = (name, sheet)
        return sheet

    def lines(self, sheet: str) -> Iterator[tuple[int, Sequence[Cell]]]:
        loaded = self._sheet(sheet)
        start = loaded.start
        before: list[Cell] = [""] * (start[1] if start else 0)
        errors = self._error_cells(sheet)
        for number, line in enumerate(loaded.iter_rows(), start=1):
            cells = before + line if before else line
            for column, shown in errors[number].items() if number in errors else ():
                if column < len(cells):
                    cells[column] = shown
            if any(cell != "" for cell in cells):
                yield number, cells

    def _error_cells(self, sheet: str) -> Errors:
        if self.format != "XLSX":
            return {}
        if sheet not in self._errors:
            self._errors[sheet] = error_cells(self._content, sheet)
        return self._errors[sheet]

    def merged(self, sheet: str) -> Sequence[Range]:
        return sorted(self._sheet(sheet).merged_cell_ranges or ())[:MERGED_MOST]


@contextmanager
def _parsing() -> Iterator[None]:
    """A file on which the parser gives up is damaged, also where it panics, which is no Exception but a BaseException
    that would end the server's task."""
    try:
        yield
    except (CalamineError, PasswordError) as error:
        raise damaged() from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from error


def _counts_from_1904(content: bytes) -> bool:
    with ZipFile(BytesIO(content)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        return _1904.search(archive.read("xl/workbook.xml")) is not None


class _Csv(Workbook):
    def __init__(self, source: Decoded) -> None:
        self.format, self.encoding = "CSV", source.encoding
        self._source = source
        head = source.text[:10_000]
        if head.lstrip().lower().startswith(_HTML):
            raise invalid("file", "FILE_IS_HTML", "This is a web page with the name of a spreadsheet: save it as XLSX")
        self._delimiter = max(_DELIMITERS, key=head.count)
        self._broken: set[int] = set()
        rows = columns = 0
        for number, line in self.lines(CSV_SHEET):
            rows, columns = number, max(columns, len(line))
            if rows > MOST_ROWS:
                raise too_many_rows()
            if columns > MOST_COLUMNS:
                raise too_many_columns()
        self.sheets = (SheetInfo(CSV_SHEET, False, rows, columns),)

    def lines(self, sheet: str) -> Iterator[tuple[int, Sequence[Cell]]]:
        reader = csv.reader(StringIO(self._source.text, newline=""), delimiter=self._delimiter)
        before = 0
        try:
            for number, line in enumerate(reader, start=1):
                if self._source.broken:
                    before = self._note_broken(number, before, reader.line_num)
                if any(cell.strip() for cell in line):
                    yield number, line
        except csv.Error as error:
            found = reader.line_num
            raise invalid(
                "file", "CSV_SYNTAX", "Line {line} is no CSV: {reason}", line=found, reason=str(error)
            ) from error

    def broken(self) -> frozenset[int]:
        return frozenset(self._broken)

    def _note_broken(self, number: int, before: int, line: int) -> int:
        """A record of several lines is broken where one of them is."""
        if any(one in self._source.broken for one in range(before + 1, line + 1)):
            self._broken.add(number)
        return line
