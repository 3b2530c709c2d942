"""A copy of a sheet with what was found in it: coloured cells, notes, a last column, a sheet that sums up. 标注副本。

What stood in a cell is written as text or as a number and never as a formula, so that a value that begins with an
equals sign does nothing where the copy is opened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from math import isfinite
from typing import Any

from xlsxwriter import Workbook as Book
from xlsxwriter.exceptions import OverlappingRange

from ..errors import Text
from ..languages import translate
from . import wording
from .archives import column_letters
from .cells import Cell
from .fields import FIELDS
from .findings import Finding, Level
from .reading import Recognised

NOTES_MOST = 2000
MERGED_UNTIL = 20_000
MERGED_CELLS = 200_000
"""Cells that stay merged, all together: for each of them one is written, and a small file may merge a whole sheet."""
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_LONGEST_CELL = 32_767
# in memory, since what the writer puts on a disk meanwhile would be personal values in the clear
_SAFE = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}
_COLOURS = {Level.ERROR: "#FFC7CE", Level.WARNING: "#FFEB9C", Level.NOTE: "#DDEBF7"}
_ORDER = list(Level)

Findings = Mapping[int, Sequence[Finding]]


def annotated(recognised: Recognised, findings: Iterable[Finding], language: str) -> bytes:
    """The sheet as XLSX with its findings; those of the recognition are told too. `language` is zh-CN or en.

    Merged cells stay merged in sheets of up to 20,000 rows; larger ones are written row by row, each forgotten then.
    """
    told = [*recognised.findings, *findings]
    everything = tuple({(one.row, one.column, one.field, one.code): one for one in told}.values())
    target = BytesIO()
    large = _info_rows(recognised) > MERGED_UNTIL
    with Book(target, {**_SAFE, "constant_memory": large}) as book:
        copy = _Copy(book, recognised, language)
        copy.explain(everything)
        copy.write(_by_row(everything), merged=not large)
    return target.getvalue()


def _info_rows(recognised: Recognised) -> int:
    return next(one.rows for one in recognised.workbook.sheets if one.name == recognised.sheet)


def _by_row(findings: Iterable[Finding]) -> Findings:
    found: dict[int, list[Finding]] = defaultdict(list)
    for one in findings:
        found[one.row].append(one)
    return found


class _Copy:
    """A copy while it is written."""

    def __init__(self, book: Any, recognised: Recognised, language: str) -> None:
        self._book, self._recognised, self._language = book, recognised, language
        self._width = next(one.columns for one in recognised.workbook.sheets if one.name == recognised.sheet)
        self._bold = book.add_format({"bold": True, "text_wrap": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[tuple[Level | None, str], Any] = {}
        self._notes = 0

    def _told(self, message: Text) -> str:
        return translate(message, self._language)

    def explain(self, findings: Sequence[Finding]) -> None:
        """The first sheet: what was read, which column is what, and how often what was found."""
        sheet = self._book.add_worksheet(self._told(wording.EXPLANATION))
        sheet.set_column(0, 3, 18)
        sheet.set_column(4, 4, 70)
        row = 0
        header = ", ".join(str(number) for number in self._recognised.header_rows)
        kind = self._told(wording.KINDS[self._recognised.kind])
        for label, value in (
            (wording.SHEET, self._recognised.sheet),
            (wording.KIND, kind),
            (wording.HEADER, header),
        ):
            sheet.write_string(row, 0, self._told(label), self._bold)
            sheet.write_string(row, 1, value)
            row += 1
        for label in (wording.LEGEND, wording.MORE):
            sheet.write_string(row, 0, self._told(label))
            row += 1
        row = self._counts(sheet, row + 1, findings)
        self._columns(sheet, row + 1)

    def _counts(self, sheet: Any, row: int, findings: Sequence[Finding]) -> int:
        labels = (wording.LEVEL, wording.CODE, wording.COUNT, wording.COLUMN, wording.MEANING)
        self._labels(sheet, row, labels)
        counted = Counter((one.level, one.code, one.column) for one in findings)
        first = {(one.level, one.code, one.column): one for one in reversed(findings)}
        for key in sorted(counted, key=lambda it: (_ORDER.index(it[0]), it[1], it[2] is not None, it[2] or 0)):
            row += 1
            level, code, column = key
            sheet.write_string(row, 0, self._told(wording.LEVELS[level]), self._format(level, ""))
            sheet.write_string(row, 1, code)
            sheet.write_number(row, 2, counted[key])
            sheet.write_string(row, 3, "" if column is None else column_letters(column))
            sheet.write_string(row, 4, self._told(first[key].message), self._wrapped)
        return row + 1

    def _columns(self, sheet: Any, row: int) -> None:
        self._labels(sheet, row, (wording.COLUMN, wording.TITLE, wording.TAKEN_FOR))
        for column in self._recognised.columns:
            row += 1
            sheet.write_string(row, 0, column.letter)
            sheet.write_string(row, 1, column.title)
            sheet.write_string(row, 2, self._field(column.field))

    def _field(self, key: str | None) -> str:
        if key is None:
            return self._told(wording.NOT_IMPORTED)
        return FIELDS[key].title if self._language.startswith("zh") else FIELDS[key].title_en

    def _labels(self, sheet: Any, row: int, labels: Sequence[Text]) -> None:
        for column, label in enumerate(labels):
            sheet.write_string(row, column, self._told(label), self._bold)

    def write(self, findings: Findings, *, merged: bool) -> None:
        """The sheet itself; findings about a whole column stand at its heading."""
        # of ODS or of a crafted file, a sheet may be called what XLSX does not take
        name = self._recognised.sheet.translate(_NOT_IN_NAMES)[:31].strip("'") or "_"
        taken = self._told(wording.EXPLANATION)
        sheet = self._book.add_worksheet(name if name.lower() != taken.lower() else f"{name[:29]}_1")
        sheet.freeze_panes(self._recognised.first_row - 1, 0)
        sheet.set_column(0, max(self._width - 1, 0), 14)
        sheet.set_column(self._width, self._width, 60)
        if merged:
            self._merge(sheet)
        heading = self._recognised.header_rows[0] if self._recognised.header_rows else None
        for number, cells in self._recognised.workbook.lines(self._recognised.sheet):
            if number == heading:
                sheet.write_string(number - 1, self._width, self._told(wording.PROBLEMS), self._bold)
            own = [*findings.get(number, ()), *(findings.get(0, ()) if number == heading else ())]
            self._row(sheet, number, cells, own)

    def _merge(self, sheet: Any) -> None:
        left_over = MERGED_CELLS
        for (top, left), (bottom, right) in self._recognised.workbook.merged(self._recognised.sheet):
            bottom, right = min(bottom, _info_rows(self._recognised) - 1), min(right, self._width - 1)  # noqa: PLW2901
            cells = (bottom - top + 1) * (right - left + 1)
            if bottom < top or right < left or not 1 < cells <= left_over:
                continue
            left_over -= cells
            try:
                sheet.merge_range(top, left, bottom, right, "")
            except OverlappingRange:  # a damaged file says so; its cells are there all the same
                continue

    def _row(self, sheet: Any, number: int, cells: Sequence[Cell], found: Sequence[Finding]) -> None:
        worst: dict[int, Level] = {}
        notes: dict[int, list[str]] = defaultdict(list)
        for one in sorted(found, key=lambda it: _ORDER.index(it.level)):
            if one.column is not None:
                worst.setdefault(one.column, one.level)
                notes[one.column].append(self._told(one.message))
        for column in range(max(len(cells), *(at + 1 for at in worst), 0)):
            value = cells[column] if column < len(cells) else ""
            self._cell(sheet, number - 1, column, value, worst.get(column))
        if found and number not in self._recognised.header_rows:
            told = "\n".join(self._line(one) for one in found)
            sheet.write_string(number - 1, self._width, told[:_LONGEST_CELL], self._wrapped)
        for column, texts in notes.items():
            if self._notes < NOTES_MOST:
                self._notes += 1
                sheet.write_comment(number - 1, column, "\n".join(texts), {"author": "Linli"})

    def _line(self, one: Finding) -> str:
        where = "" if one.column is None else f"{column_letters(one.column)}{one.row} "
        return f"{where}{self._told(wording.LEVELS[one.level])}: {self._told(one.message)}"

    def _cell(self, sheet: Any, row: int, column: int, value: Cell, level: Level | None) -> None:
        if isinstance(value, str):
            if value:
                sheet.write_string(row, column, value[:_LONGEST_CELL], self._format(level, ""))
            elif level is not None:
                sheet.write_blank(row, column, None, self._format(level, ""))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self._format(level, ""))
        elif isinstance(value, int | float) and isfinite(value):
            sheet.write_number(row, column, value, self._format(level, "0" if float(value).is_integer() else ""))
        elif isinstance(value, date) and value.year >= 1900:  # noqa: PLR2004  where serials begin
            shown = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
            sheet.write_datetime(row, column, value, self._format(level, shown))
        else:
            shown = value.isoformat() if isinstance(value, date | time) else str(value)
            sheet.write_string(row, column, shown, self._format(level, ""))

    def _format(self, level: Level | None, shown: str) -> Any:
        if level is None and not shown:
            return None
        key = (level, shown)
        if key not in self._formats:
            look = {"num_format": shown} if shown else {}
            self._formats[key] = self._book.add_format(look | ({"bg_color": _COLOURS[level]} if level else {}))
        return self._formats[key]
