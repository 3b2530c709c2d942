"""Opening a file that somebody brings in: never on the event loop, few at a time, and not for ever. 打开表格文件。

Threads cannot be ended from outside. So files have an executor of their own, of few threads: one that does not come to
an end keeps its thread, and nothing else waits for it but other sheets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import Any, TypeVar

from ..errors import RejectedError, text
from ..spreadsheets.field import SheetKind
from ..spreadsheets.findings import Level
from ..spreadsheets.reading import Recognised, recognised
from ..spreadsheets.workbooks import open_workbook

T = TypeVar("T")
AT_ONCE = 2
SECONDS = 60.0
"""How long it may take to open a file, or to read some hundred rows of it."""

Mapped = Mapping[int | str, str | None]


@cache
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "linli-sheets")


async def aside(work: Callable[[], T], seconds: float = SECONDS) -> T:
    """Do what parses a file beside the event loop. Raises RejectedError SHEET_TOO_SLOW."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(_readers(), copy_context().run, work)
    except TimeoutError as error:
        told = text("It takes too long to read this file")
        raise RejectedError(told, code="SHEET_TOO_SLOW", path=("file",)) from error


async def recognise(
    content: bytes, *, kind: SheetKind | None, sheet: str | None = None, mapping: Mapped | None = None
) -> Recognised:
    """What a file is. Raises ValidationError for one that cannot be read, and as `recognised` does."""
    return await aside(partial(_recognise, content, kind, sheet, mapping))


def _recognise(content: bytes, kind: SheetKind | None, sheet: str | None, mapping: Mapped | None) -> Recognised:
    return recognised(open_workbook(content), sheet=sheet, kind=kind, mapping=mapping)


def readable(found: Recognised) -> bool:
    """Whether there are rows to read."""
    return all(one.level is not Level.ERROR for one in found.findings)


def fields_of(found: Recognised) -> dict[str, int]:
    """By the fields of a sheet their columns."""
    return {column.field: column.index for column in found.columns if column.field is not None}


def columns_of(found: Recognised) -> list[dict[str, Any]]:
    """The columns as they are kept and shown; samples are masked."""
    return [
        {
            "index": column.index,
            "letter": column.letter,
            "title": column.title,
            "field": column.field,
            "sure": column.sure,
            "guess": column.guess,
            "unkept": column.unkept,
            "sample": list(column.sample),
        }
        for column in found.columns
    ]


def mapped(kept: Mapping[str, Any]) -> Mapped:
    """What the importer said of columns, from how it is kept: JSON has no numbers for keys."""
    return {int(name) if name.isdecimal() else name: field for name, field in kept.items()}


def rows_of(found: Recognised) -> int:
    """About how many rows there are below the header."""
    info = next(one for one in found.workbook.sheets if one.name == found.sheet)
    return max(0, info.rows - found.first_row + 1)
