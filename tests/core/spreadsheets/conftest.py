"""Sheets as communities keep them, built cell by cell; id numbers that are right. 测试表格。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import xlwt
from xlsxwriter import Workbook as Book

from linli.core.people.citizen_id import CHECKS, WEIGHTS
from linli.core.spreadsheets import Recognised, SheetRow, open_workbook, recognised, rows

ID = "11010519491231002X"
HEADER = ("序号", "姓名", "性别", "身份证号码", "出生日期", "联系电话", "政治面貌", "现住址")


def id_number(born: date, sequence: int = 1, region: str = "520103") -> str:
    """A right id number."""
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def xlsx(
    *sheets: tuple[str, Sequence[Sequence[Any]]] | Sequence[Sequence[Any]],
    merges: Iterable[tuple[int, int, int, int, Any]] = (),
    hidden: Iterable[str] = (),
    **options: Any,
) -> bytes:
    """An XLSX of sheets, each with a name or called 表; `merges` are of the first: rows and columns from 0, a value."""
    target = BytesIO()
    with Book(target, {"in_memory": True, "default_date_format": "yyyy/m/d", **options}) as book:
        for at, given in enumerate(sheets):
            name, lines = given if isinstance(given, tuple) and isinstance(given[0], str) else (f"表{at}", given)
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
            for row, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if cell is not None and cell != "":
                        _write(sheet, row, column, cell)
            for top, left, bottom, right, value in merges if at == 0 else ():
                sheet.merge_range(top, left, bottom, right, value)
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    write: Callable[..., Any] = sheet.write_string if isinstance(cell, str) else sheet.write
    write(row, column, cell)


def xls(lines: Sequence[Sequence[Any]]) -> bytes:
    """An XLS (BIFF8) of one sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    shown = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if isinstance(cell, date | datetime):
                sheet.write(row, column, cell, shown)
            else:
                sheet.write(row, column, cell)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def ods(lines: Sequence[Sequence[str]], after: str = "") -> bytes:
    """An ODS of one sheet of texts, and what follows its rows."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    written = "".join(
        f"<table:table-row>{''.join(cell.format(one) for one in line)}</table:table-row>" for line in lines
    )
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", _ODS.format(rows=written + after))
    return target.getvalue()


def csv(lines: Sequence[Sequence[str]], encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """A text file of lines."""
    return "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)


def read(content: bytes, **options: Any) -> tuple[Recognised, list[SheetRow]]:
    """What a file is recognised as, and its rows."""
    found = recognised(open_workbook(content), **options)
    return found, list(rows(found))


def data(content: bytes, **options: Any) -> list[Mapping[str, Any]]:
    """The values of the rows that hold any."""
    return [row.values for row in read(content, **options)[1] if not row.skipped]


def codes(row: SheetRow) -> list[str]:
    """What was found in a row."""
    return [one.code for one in row.findings]


def taken(found: Recognised) -> dict[str, str | None]:
    """The field of every column, by its title."""
    return {one.title: one.field for one in found.columns}
