"""A ledger as a workbook: written row by row, to be printed on A4. 台账工作簿。

Rows go to the disk as they come, so that memory does not grow with them; they lie there in the clear, in a folder of
the caller's, until the workbook is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .values import Cell

A4 = 9
MOST_ROWS = 1_048_000
"""Rows of a sheet, with room for headings; Excel takes 1,048,576."""
NAME_LENGTH = 31
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
ACTIVE = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that would be a formula, were it typed; such a cell says that it is text."""


class Out(Protocol):
    """Where the bytes of a workbook go, one after the other."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class Layout(StrEnum):
    """How groups are told apart."""

    HEADINGS = "HEADINGS"
    SHEETS = "SHEETS"


@dataclass(frozen=True)
class Page:
    """What stands around the rows: the title, a line beneath it, headings with widths, and what it ends with."""

    title: str
    line: str
    headings: Sequence[str]
    widths: Sequence[int]
    number: str


class Written:
    """A workbook that is being written; every call may be made from a thread, one after the other."""

    def __init__(self, out: Out, folder: Path, page: Page, layout: Layout) -> None:
        options = {"constant_memory": True, "tmpdir": str(folder), "strings_to_formulas": False}
        self._book = Workbook(out, {**options, "strings_to_urls": False, "strings_to_numbers": False})
        self._page, self._layout = page, layout
        self._formats = _formats(self._book)
        self._names: set[str] = set()
        self._sheet: Worksheet | None = None
        self._row = 0
        self._number = 0

    def group(self, title: str | None, rows: int) -> None:
        """Begin a group with a title and so many rows; without a title what follows belongs to no group."""
        if self._sheet is None or (self._layout is Layout.SHEETS and title is not None):
            self._begin(self._page.title if self._layout is Layout.HEADINGS or title is None else title)
        if title is not None:
            self._sheet_now.merge_range(self._row, 0, self._row, len(self._page.headings), "", self._formats["group"])
            self._text(0, f"{title} ({rows})", "group")
            self._row += 1

    def rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Write some rows."""
        for row in rows:
            self._number += 1
            self._sheet_now.write_number(self._row, 0, self._number, self._formats["text"])
            for place, value in enumerate(row, 1):
                self._cell(place, value)
            self._row += 1

    def finish(self) -> None:
        """That was all."""
        if self._sheet is None:
            self._begin(self._page.title)
        self._book.close()

    @property
    def _sheet_now(self) -> Worksheet:
        assert self._sheet is not None, "rows belong to a group"
        return self._sheet

    def _begin(self, title: str) -> None:
        """A new sheet with title, line and headings, which stay in sight and are printed on each page."""
        sheet = self._sheet = self._book.add_worksheet(self._name(title))
        last = len(self._page.headings)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{_printed(self._page.line)}&R&P / &N")
        sheet.set_column(0, 0, 6)
        for place, width in enumerate(self._page.widths, 1):
            sheet.set_column(place, place, width)
        sheet.merge_range(0, 0, 0, last, "", self._formats["title"])
        self._row = 0
        self._text(0, self._page.title if title == self._page.title else f"{self._page.title} {title}", "title")
        sheet.merge_range(1, 0, 1, last, "", self._formats["line"])
        self._row = 1
        self._text(0, self._page.line, "line")
        self._row = 2
        for place, heading in enumerate([self._page.number, *self._page.headings]):
            self._text(place, heading, "heading")
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        self._row = 3

    def _cell(self, place: int, value: Cell) -> None:
        sheet, at = self._sheet_now, (self._row, place)
        if value is None:
            sheet.write_blank(*at, None, self._formats["text"])
        elif isinstance(value, datetime):
            sheet.write_datetime(*at, value, self._formats["instant"])
        elif isinstance(value, date):
            sheet.write_datetime(*at, datetime(value.year, value.month, value.day), self._formats["date"])  # noqa: DTZ001
        elif isinstance(value, str):
            self._text(place, value, "quoted" if value.startswith(ACTIVE) else "text")
        else:
            sheet.write_number(*at, value, self._formats["text"])

    def _text(self, place: int, value: str, form: str) -> None:
        self._sheet_now.write_string(self._row, place, value, self._formats[form])

    def _name(self, title: str) -> str:
        """A name that Excel takes and that no other sheet has."""
        plain = title.translate(NOT_IN_NAMES).strip()[:NAME_LENGTH].strip() or "-"
        name, number = plain, 1
        while name.lower() in self._names:
            number += 1
            name = f"{plain[: NAME_LENGTH - len(str(number)) - 1]} {number}"
        self._names.add(name.lower())
        return name


def _printed(line: str) -> str:
    """A text as a footer takes it: `&` begins a code there, and 255 characters are all."""
    return line.replace("&", "&&")[:200]


def _formats(book: Workbook) -> dict[str, Format]:
    cell: dict[str, Any] = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "line": book.add_format({"font_size": 9, "font_color": "#606060", "align": "left"}),
        "heading": book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#EDEDED"}),
        "group": book.add_format({**cell, "bold": True, "align": "left", "bg_color": "#F7F7F7"}),
        "text": book.add_format(cell),
        "quoted": book.add_format({**cell, "quote_prefix": True}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm"}),
    }
