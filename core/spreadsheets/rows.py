"""The rows of a recognised sheet as values by field, each with what was found in it. 数据行。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import clock
from ..errors import Text, text
from ..people.document_rules import spelt
from .cells import Cell, Reading, squeezed
from .columns import normal
from .field import SheetField, SheetKind
from .fields import FIELDS
from .findings import Finding, Level, UnreadError
from .lines import SKIPPED, Lines
from .merges import FillDown, wide_rows
from .reading import Recognised, texts_above
from .row_rules import Judged, RowRules

_BLANKS = frozenset(
    (
        "",
        "无",
        "/",
        "//",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "不详",
        "暂无",
        "N/A",
        "n/a",
        "NA",
        "空",
        "未知",
        "没有",
        "'",
    )
)
_OPEN = frozenset(("至今", "长期", "永久", "现在", "今"))
_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "########"))
_LONGEST_BLANK = 8


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: its number as Excel counts, values by field key (blank ones absent), findings.

    `skipped` rows hold no data, such as totals and repeated headers; their one finding tells which. A row with a
    finding of level ERROR is not to be imported.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    skipped: bool = False

    @property
    def importable(self) -> bool:
        """Whether the row holds data and no error."""
        return not self.skipped and all(one.level is not Level.ERROR for one in self.findings)


def rows(recognised: Recognised) -> Iterator[SheetRow]:
    """The rows below the header, one after the other; begins anew with every call. Empty lines are passed over.

    Cells that are merged over several rows count for each of them. After the heading of a second table nothing is read.
    """
    if not recognised.readable:
        return
    reader = _Reader(recognised)
    for number, cells in recognised.workbook.lines(recognised.sheet):
        if number < recognised.first_row:
            continue
        row = reader.row(number, cells)
        yield row
        if row.skipped and row.findings[0].code == "SECOND_TABLE":
            return


class _Reader:
    """Reads rows one after the other; remembers the values of merged cells and the id numbers that were there."""

    def __init__(self, recognised: Recognised) -> None:
        book, first = recognised.workbook, recognised.first_row
        merged = book.merged(recognised.sheet)
        taken = [(one.index, FIELDS[one.field]) for one in recognised.columns if one.field]
        self._plan: Sequence[tuple[int, SheetField]] = [one for one in taken if one[1].kept]
        self._kind = recognised.kind
        self._before = first - 1
        self._fill = FillDown(merged, first)
        self._broken = book.broken()
        headings = {normal(part) for one in recognised.columns for part in one.title.split("/") if part}
        columns = frozenset(index for index, _ in self._plan)
        self._lines = Lines(frozenset(headings), texts_above(recognised), columns, wide_rows(merged, first))
        self._reading = Reading(clock.now().date(), book.from_1904)
        self._rules = RowRules(recognised, self._reading.today)

    def row(self, number: int, cells: Sequence[Cell]) -> SheetRow:
        code = self._lines.code(number, cells, self._before)
        self._before = number
        if code is not None:
            level = Level.ERROR if code == "SECOND_TABLE" else Level.NOTE
            return SheetRow(number, {}, (Finding(number, None, None, level, code, SKIPPED[code]),), skipped=True)
        cells = self._fill.filled(number, cells)
        judged = Judged(number)
        if number in self._broken:
            judged.add(None, None, Level.ERROR, "ENCODING", text("This line has characters that cannot be read"))
        for index, one in self._plan:
            cell = cells[index] if index < len(cells) else ""
            if cell != "":
                self._read(judged, index, one, cell)
        self._rules.judge(judged)
        return SheetRow(number, judged.values, tuple(judged.findings))

    def _read(self, judged: Judged, index: int, one: SheetField, cell: Cell) -> None:
        if isinstance(cell, str) and len(cell) <= _LONGEST_BLANK:
            short = cell.strip()
            if short in _BLANKS or (one.key == "validTo" and short in _OPEN):
                return
            if short in _ERRORS:
                told = text("The program shows an error here instead of a value")
                judged.add(index, one.key, Level.ERROR, "CELL_ERROR", told)
                return
        elif isinstance(cell, str) and not cell.strip():
            return
        try:
            judged.values[one.key] = one.read(cell, self._reading)
        except UnreadError as error:
            self._unread(judged, index, one, cell, error)
        if self._reading.notes:
            for level, code, message in self._reading.notes:
                judged.add(index, one.key, level, code, message)
            self._reading.notes.clear()

    def _unread(self, judged: Judged, index: int, one: SheetField, cell: Cell, error: UnreadError) -> None:
        level = Level.WARNING if one.key == "person.documentCountry" else Level.ERROR
        if one.key == "person.idNumber" and self._kind is SheetKind.PEOPLE:
            judged.instead = None if error.code == "ID_NUMBER_ROUNDED" else spelt(squeezed(cell))
            level = Level.WARNING if error.code == "OTHER_DOCUMENT" else level
        message: Text = error.message
        judged.add(index, one.key, level, error.code, message)
