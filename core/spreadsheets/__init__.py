"""Spreadsheets as communities keep them, read without a database. 社区表格识别与读取。

`open_workbook` opens a file, `recognised` tells what a sheet is and which column is which field, `rows` reads it;
`annotated` writes a copy with what was found, `template` an empty sheet to fill in.
"""

from __future__ import annotations

from .annotate import annotated
from .field import SheetField, SheetKind
from .fields import FIELDS
from .findings import Finding, Level
from .places import bare_building
from .reading import Column, Recognised, recognised
from .rows import SheetRow, rows
from .templates import template
from .workbooks import SheetInfo, Workbook, open_workbook

__all__ = [
    "FIELDS",
    "Column",
    "Finding",
    "Level",
    "Recognised",
    "SheetField",
    "SheetInfo",
    "SheetKind",
    "SheetRow",
    "Workbook",
    "annotated",
    "bare_building",
    "open_workbook",
    "recognised",
    "rows",
    "template",
]
