"""A district's own workbook: where the rows go, and what stands around them. 台账模板。

One row of one sheet holds placeholders such as {{姓名}} or {{idNumber}}, or the headings alone, as the columns are
called; the rows of the ledger take the place of that row, or follow the headings. Elsewhere {{organisation}}, {{date}},
{{count}} and the like are filled in.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from linli.core.config.findings import nearest
from linli.core.errors import RejectedError, Text, text

from .declarations import Column, Ledger

if TYPE_CHECKING:
    from openpyxl.cell import Cell as Box
    from openpyxl.worksheet.worksheet import Worksheet

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
NUMBER = ("no", "序号", "No.")
AROUND: Mapping[str, str] = {
    "title": "title",
    "台账名称": "title",
    "organisation": "organisation",
    "单位": "organisation",
    "district": "district",
    "区县": "district",
    "date": "date",
    "日期": "date",
    "count": "count",
    "总数": "count",
    "exporter": "exporter",
    "导出人": "exporter",
    "purpose": "purpose",
    "用途": "purpose",
    "line": "line",
    "水印": "line",
}
"""What may stand around the rows, by every name."""
ENOUGH = 2
"""So many headings of a ledger in one row are a row of headings."""
MOST_ROWS = 20_000
"""Rows that go into a template: all of it is in memory then."""
MOST_BYTES = 5_000_000
_DAMAGED = (
    *(InvalidFileException, BadZipFile, zlib.error, EOFError, NotImplementedError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError),
)
"""What openpyxl raises for a file that is no workbook, or a damaged one: its XML is a SyntaxError where it is none."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a template, and in which cell: `Sheet1!B4`."""

    cell: str | None
    message: Text


class TemplateError(RejectedError):
    """A template that cannot be filled; every problem at once."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        where = f"{name}: {first.cell}" if first.cell else name
        told = text("The template cannot be filled: {where}: {what}", where=where, what=first.message)
        details = {"problems": [{"cell": one.cell, "message": str(one.message)} for one in problems]}
        super().__init__(told, code="TEMPLATE_INVALID", path=("template",), details=details)


@dataclass(frozen=True)
class Template:
    """A template that was understood: in `sheet` the rows begin at `row`, each cell of `columns` one value.

    `columns` are by the number of the sheet's column, None for the running number; `placeholders` tells whether the
    row holds placeholders, and is written over, or headings, and stays above.
    """

    book: Any
    sheet: str
    row: int
    columns: Mapping[int, Column | None]

    @property
    def wanted(self) -> list[Column]:
        """The columns that are read, in the order of the sheet."""
        return [column for _, column in sorted(self.columns.items()) if column is not None]


def read(name: str, file: Path, ledger: Ledger) -> Template:
    """Read and understand a template; raises TemplateError."""
    book = _opened(name, file)
    problems: list[Problem] = []
    found: list[Template] = []
    for sheet in book.worksheets:
        placed = _placed(sheet, ledger, problems)
        if placed is not None:
            found.append(Template(book, sheet.title, *placed))
    if not problems and len(found) != 1:
        told = text("One row of placeholders or headings is expected, and there are {count}", count=len(found))
        problems.append(Problem(None, told))
    if problems:
        raise TemplateError(name, problems)
    return found[0]


def _opened(name: str, file: Path) -> Any:
    try:
        if file.stat().st_size > MOST_BYTES:
            told = text("A template has at most {most} bytes", most=MOST_BYTES)
            raise TemplateError(name, [Problem(None, told)])
        return load_workbook(file)
    except OSError as error:
        raise TemplateError(name, [Problem(None, text("{file} cannot be read", file=file))]) from error
    except _DAMAGED as error:
        raise TemplateError(name, [Problem(None, text("{file} is no workbook (.xlsx)", file=file))]) from error


def boxes(sheet: Worksheet) -> Iterator[Box]:
    """The cells with a text in them."""
    for row in sheet.iter_rows():
        yield from (box for box in row if isinstance(box.value, str))


def _placed(sheet: Worksheet, ledger: Ledger, problems: list[Problem]) -> tuple[int, dict[int, Column | None]] | None:
    """The row where a sheet's rows begin, with its columns; None in a sheet without any."""
    by_row: dict[int, dict[int, Column | None]] = {}
    for box in boxes(sheet):
        for name in PLACEHOLDER.findall(box.value):
            if name in AROUND and not _is_column(ledger, name):
                continue
            column = _column(ledger, name)
            if column is _NONE:
                problems.append(_unknown(sheet, box, name, [*_names(ledger), *AROUND]))
            elif PLACEHOLDER.fullmatch(box.value.strip()) is None:
                told = text("The placeholder of a column stands alone in its cell")
                problems.append(Problem(_at(sheet, box), told))
            else:
                by_row.setdefault(box.row, {})[box.column] = column
    if len(by_row) > 1:
        told = text("Placeholders of columns stand in one row, and these are in {rows}", rows=_listed(by_row))
        problems.append(Problem(sheet.title, told))
    if by_row:
        row = min(by_row)
        problems += _merged_with_others(sheet, row)
        return row, by_row[row]
    return _beneath_headings(sheet, ledger, problems)


def _merged_with_others(sheet: Worksheet, row: int) -> Iterator[Problem]:
    """The row is written as often as there are rows, so that none of its cells reaches into another row."""
    for area in sheet.merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_row < area.max_row:
            told = text("The row of the columns is merged with another row")
            yield Problem(f"{sheet.title}!{area.coord}", told)


def _beneath_headings(
    sheet: Worksheet, ledger: Ledger, problems: list[Problem]
) -> tuple[int, dict[int, Column | None]] | None:
    """The row that follows the first one with headings of the ledger: then every text of that row must be one."""
    for row in sheet.iter_rows():
        texts = [box for box in row if isinstance(box.value, str) and box.value.strip()]
        known = {box.column: _column(ledger, _plain(box.value)) for box in texts}
        if sum(column is not _NONE for column in known.values()) < ENOUGH:
            continue
        for box in texts:
            if known[box.column] is _NONE:
                problems.append(_unknown(sheet, box, _plain(box.value), _names(ledger)))
        problems += _merged_with_others(sheet, row[0].row + 1)
        return row[0].row + 1, {place: column for place, column in known.items() if column is not _NONE}
    return None


_NONE: Any = object()


def _column(ledger: Ledger, name: str) -> Any:
    """The column that a name means; None is the running number, and _NONE no column at all."""
    if name in NUMBER:
        return None
    return next((column for column in ledger.columns if name in column.headings), _NONE)


def _is_column(ledger: Ledger, name: str) -> bool:
    """A column of the ledger goes before what stands around the rows, but in Chinese only by its heading."""
    return _column(ledger, name) is not _NONE and name not in ("date", "count", "organisation", "title")


def _names(ledger: Ledger) -> list[str]:
    return [*NUMBER, *(name for column in ledger.columns for name in column.headings)]


def _plain(heading: str) -> str:
    """A heading without the spaces and line breaks by which it is spread: 姓 名."""
    spread = "".join(heading.split())
    return spread if not spread.isascii() else " ".join(heading.split())


def _unknown(sheet: Worksheet, box: Box, name: str, known: Sequence[str]) -> Problem:
    near = nearest(name, known) or _sharing(name, known)
    if near is not None:
        told = text('There is no column "{found}"; did you mean "{near}"?', found=name, near=near)
    else:
        told = text('There is no column "{found}"; there are: {allowed}', found=name, allowed=", ".join(known))
    return Problem(_at(sheet, box), told)


def _sharing(name: str, known: Sequence[str]) -> str | None:
    """Of short Chinese names the one with the most characters in common."""
    scores = {one: len(set(one) & set(name)) for one in known if not one.isascii()}
    best = max(scores, key=lambda one: scores[one], default=None)
    return best if best is not None and scores[best] > 0 else None


def _at(sheet: Worksheet, box: Box) -> str:
    return f"{sheet.title}!{box.coordinate}"


def _listed(rows: Mapping[int, object]) -> str:
    return ", ".join(map(str, sorted(rows)))
