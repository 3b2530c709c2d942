"""Filling a template: rows in the style of the row they begin in, what stands beneath moved down. 填充台账模板。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.writer.excel import ExcelWriter

from .templates import AROUND, PLACEHOLDER, Template, boxes
from .values import Cell
from .workbooks import ACTIVE, Out

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def fill(template: Template, rows: Sequence[Sequence[Cell]], around: Mapping[str, str], out: Out) -> None:
    """Write the workbook; `around` are the values of what may stand around the rows, by their English names."""
    for sheet in template.book.worksheets:
        if sheet.title == template.sheet:
            _write(sheet, template, rows)
        for box in boxes(sheet):
            if not _is_of_rows(sheet, template, box.row, len(rows)) and PLACEHOLDER.search(box.value):
                _text(box, _filled(box.value, around))
    with ZipFile(cast("IO[bytes]", out), "w", ZIP_DEFLATED, allowZip64=True) as archive:
        _Writer(template.book, archive).save()


class _Writer(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
    """Writes sheets in memory: openpyxl would lay them in the clear into the system's folder for passing files, where
    a killed process leaves them."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        whole = BytesIO()
        writer = WorksheetWriter(ws, whole)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], whole.getvalue())
        self.manifest.append(ws)


def _is_of_rows(sheet: Worksheet, template: Template, row: int, count: int) -> bool:
    """Whether a cell holds a value of the ledger: nothing in it is a placeholder of ours."""
    return sheet.title == template.sheet and template.row <= row < template.row + count


def _filled(written: str, around: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: around[AROUND[found[1]]] if found[1] in AROUND else found[0], written)


def _write(sheet: Worksheet, template: Template, rows: Sequence[Sequence[Cell]]) -> None:
    """Rows from the template's row on; none leaves that row empty."""
    _make_room(sheet, template.row, max(0, len(rows) - 1))
    _merge_alike(sheet, template.row, len(rows))
    places = sorted(template.columns)
    style = {box.column: copy(box._style) for box in sheet[template.row]}
    height = sheet.row_dimensions[template.row].height
    if not rows:
        for place in places:
            sheet.cell(template.row, place).value = None
    for number, values in enumerate(rows):
        row, left = template.row + number, iter(values)
        if height is not None:
            sheet.row_dimensions[row].height = height
        for place, kept in style.items():
            sheet.cell(row, place)._style = copy(kept)
        for place in places:
            column = template.columns[place]
            _put(sheet.cell(row, place), number + 1 if column is None else next(left))
    sheet.print_title_rows = sheet.print_title_rows or f"{max(1, template.row - 1)}:{max(1, template.row - 1)}"


def _merge_alike(sheet: Worksheet, row: int, count: int) -> None:
    """Cells that are joined in the template's row are joined in each."""
    joined = [area for area in sheet.merged_cells.ranges if area.min_row == area.max_row == row]
    for at in range(row + 1, row + count):
        for area in joined:
            sheet.merge_cells(start_row=at, end_row=at, start_column=area.min_col, end_column=area.max_col)


def _put(box: Any, value: Cell) -> None:
    if isinstance(value, str):
        _text(box, value)
        return
    plain = box.number_format in ("General", "@")
    box.value = value
    if isinstance(value, date) and plain:
        box.number_format = "yyyy-mm-dd"


def _text(box: Any, value: str) -> None:
    """A text stays one, whatever it begins with."""
    box.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    box.data_type = "s"
    if value.startswith(ACTIVE):
        box.quotePrefix = True


def _make_room(sheet: Worksheet, row: int, more: int) -> None:
    """Move what stands beneath a row down: values, formulas, merged cells, heights, pictures."""
    last = sheet.max_row
    if more == 0 or last <= row:
        return
    merged = [area for area in sheet.merged_cells.ranges if area.min_row > row]
    for area in merged:
        sheet.merged_cells.remove(area)
    beneath = CellRange(min_col=1, max_col=sheet.max_column, min_row=row + 1, max_row=last)
    sheet.move_range(beneath.coord, rows=more, translate=True)
    for area in merged:
        area.shift(row_shift=more)
        sheet.merged_cells.add(area)
    heights = {at: sheet.row_dimensions[at].height for at in range(row + 1, last + 1)}
    for at in heights:
        sheet.row_dimensions[at].height = None
    for at, height in heights.items():
        sheet.row_dimensions[at + more].height = height
    for picture in getattr(sheet, "_images", ()):
        start = getattr(picture.anchor, "_from", None)
        if start is not None and start.row >= row:
            start.row += more
