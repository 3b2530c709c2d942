"""Telling what a sheet is: its kind, its header, and which column is which field. 表格识别。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .fields import SheetKind
from .findings import Finding
from .workbooks import Workbook


@dataclass(frozen=True, slots=True)
class Column:
    """A column: index from 0, letter, title (both levels joined by /), and the field it is taken for.

    `sure` is False where somebody should look; `guess` is a field with a heading alike, which is not taken; `unkept`
    means known and not imported. `sample` has up to three values as they are shown, personal and unknown ones masked.
    """

    index: int
    letter: str
    title: str
    field: str | None
    sure: bool
    guess: str | None
    unkept: bool
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a sheet was recognised as. With an ERROR among `findings` there are no rows to read."""

    workbook: Workbook
    sheet: str
    kind: SheetKind
    header_rows: tuple[int, ...]
    first_row: int
    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]


def recognised(
    workbook: Workbook,
    *,
    sheet: str | None = None,
    kind: SheetKind | None = None,
    mapping: Mapping[int | str, str | None] | None = None,
) -> Recognised:
    """Recognise a sheet: the named one, or the visible one that reads most like a table.

    `mapping` overrides what columns are taken for: by index from 0, letter or title; None for not imported.
    Raises ValidationError SHEET_UNKNOWN, FIELD_UNKNOWN, COLUMN_UNKNOWN.
    """
    raise NotImplementedError
