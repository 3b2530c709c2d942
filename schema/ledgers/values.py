"""What stands in a cell: values as people read them, in the district's days and the reader's language. 单元格取值。"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from linli.core.errors import text
from linli.core.languages import translate

from ..core.labels import in_language
from .declarations import Column
from .paths import Step, choices

if TYPE_CHECKING:
    from ..context import Context

Cell = str | int | float | date | datetime | None
LONGEST = 32_767
"""Characters that a cell holds."""


class Values:
    """Turns values of one request into cells."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._labels: dict[str, dict[str, str]] = {}

    def cell(self, column: Column, step: Step | None, value: object) -> Cell:
        """A text, a number, a date, or nothing."""
        if value is None or isinstance(value, bool):
            return None if value is None else self._yes(value)
        if isinstance(value, datetime):
            there = value.astimezone(self._context.district.zone)
            return there.replace(tzinfo=None, second=0, microsecond=0) if column.timed else there.date()
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, int | float | date):
            return value
        written = str(value.value) if isinstance(value, Enum) else str(value)
        return (written if step is None else self._label(column, step, written))[:LONGEST]

    def _yes(self, value: bool) -> str:
        return translate(text("Yes") if value else text("No"), self._context.language)

    def _label(self, column: Column, step: Step, written: str) -> str:
        if column.key not in self._labels:
            known, language = choices(self._context, step, column.enum), self._context.language
            self._labels[column.key] = {value: in_language(told, language) for value, told in known.items()}
        return self._labels[column.key].get(written, written)
