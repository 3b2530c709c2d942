"""What happens to imports of sheets, and to the records that undoing takes back."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

SHEET_IMPORT = "SheetImport"


class SheetTold(BaseModel):
    """What kind of sheet, and what became of its rows so far."""

    kind: Internal[str]
    total: Public[int | None]
    created: Public[int]
    changed: Public[int]
    unchanged: Public[int]
    refused: Public[int]


class SheetUndoneTold(BaseModel):
    """How many records went back, and how many stayed since somebody needs or changed them."""

    undone: Public[int]
    left: Public[int]


class RecordWithdrawn(BaseModel):
    """A record that came by an import is no more; what it said is not told again."""

    table: Public[str]


Type = EventType[Any]

SHEET_UPLOADED: Type = EventType(
    "core.sheet_uploaded", 1, SheetTold, "A sheet was brought in to be checked. 上传表格。"
)
SHEET_STARTED: Type = EventType("core.sheet_started", 1, SheetTold, "A sheet began to be written. 开始写入表格。")
SHEET_APPLIED: Type = EventType("core.sheet_applied", 1, SheetTold, "A sheet was written. 表格写入完成。")
SHEET_FAILED: Type = EventType("core.sheet_failed", 1, SheetTold, "A sheet could not be written. 表格导入失败。")
SHEET_UNDO_STARTED: Type = EventType(
    "core.sheet_undo_started", 1, SheetTold, "A sheet began to be taken back. 开始撤销导入。"
)
SHEET_UNDONE: Type = EventType("core.sheet_undone", 1, SheetUndoneTold, "A sheet was taken back. 表格导入已撤销。")
RECORD_WITHDRAWN: Type = EventType(
    "core.record_withdrawn", 1, RecordWithdrawn, "A record that came by a sheet was taken back. 撤回导入的记录。"
)

EVENT_TYPES = (
    *(SHEET_UPLOADED, SHEET_STARTED, SHEET_APPLIED, SHEET_FAILED),
    *(SHEET_UNDO_STARTED, SHEET_UNDONE, RECORD_WITHDRAWN),
)
