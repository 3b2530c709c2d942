"""A cell as a workbook holds it, and as plain text: half-width, without the spaces and marks around it. 单元格。"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ..errors import Text
from .findings import Level

Cell = str | int | float | bool | date | datetime | time | timedelta
"""What a workbook's cell holds; an empty one is the empty string."""

EXACT = 10**15  # spreadsheets keep 15 digits of a number


@dataclass(slots=True)
class Reading:
    """What a cell is read with: the present day, whether serials count from 1904, and what was noted meanwhile."""

    today: date
    from_1904: bool = False
    notes: list[tuple[Level, str, Text]] = field(default_factory=list)

    def warn(self, code: str, template: str, /, **params: object) -> None:
        """Note what somebody should look at although the value is taken."""
        self.notes.append((Level.WARNING, code, Text(template, params)))

    def note(self, code: str, template: str, /, **params: object) -> None:
        """Note what was understood otherwise than it is written."""
        self.notes.append((Level.NOTE, code, Text(template, params)))


def plain(cell: Cell) -> str:
    """The cell as text: NFKC, without marks of direction and width, without a leading apostrophe, spaces made one.

    A whole number is written without a point; a date as YYYY-MM-DD.
    """
    if isinstance(cell, str):
        return _plain_text(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _plain_text(cell: str) -> str:
    if cell.isalnum() and (cell.isascii() or unicodedata.is_normalized("NFKC", cell)):
        return cell
    written = unicodedata.normalize("NFKC", cell)
    if not written.isprintable():
        written = "".join(" " if sign.isspace() else sign for sign in written if sign.isspace() or sign.isprintable())
    return " ".join(written.strip().lstrip("'’‘`").split())


def squeezed(cell: Cell) -> str:
    """The plain text without any spaces."""
    return plain(cell).replace(" ", "")
