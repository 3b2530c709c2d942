"""What is wrong or remarkable in a sheet, cell by cell: a stable code and a text to translate. 问题清单。"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..errors import Text


class Level(StrEnum):
    """How much a finding weighs: with an ERROR the row is not imported. 错误、警告、提示。"""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the row as Excel counts (0 for the whole sheet), the column from 0, the field it concerns."""

    row: int
    column: int | None
    field: str | None
    level: Level
    code: str
    message: Text


class UnreadError(Exception):
    """A cell that holds no value of its field; `code` is stable."""

    def __init__(self, code: str, template: str, /, **params: object) -> None:
        self.code = code
        self.message = Text(template, params)
        super().__init__(code)
