"""Sheets in which an erased person stands: their files go, and what is said about them. 删除时的表格清理。"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..files.attaching import discard_all
from ..sheet_imports import mentions, starting
from ..sheet_imports.models import SheetEntry, SheetFinding, SheetImport, SheetMention
from ..sheet_imports.words import SheetState
from .file_purposes import ANNOTATED_SPREADSHEET, SPREADSHEET

if TYPE_CHECKING:
    from ..districts import District

FILE_GONE = "FILE_GONE"
"""Why an import cannot be written: its sheet is destroyed."""


async def erase_sheets(district: District, person_id: UUID) -> None:
    """Destroy every sheet that speaks of a person, written or only looked at; before the person's values go.

    A sheet that is being looked at at this moment goes too: of whom it speaks is not known before that is over.
    """
    ids = await _imports(person_id)
    if not ids:
        return
    purposes = [SPREADSHEET.name, ANNOTATED_SPREADSHEET.name]
    await discard_all(district, Q(purpose__in=purposes, subject_table=SPREADSHEET.table, subject_id__in=ids), "ERASED")
    await SheetFinding.filter(sheet_import_id__in=ids).update(message=None)
    await SheetMention.filter(sheet_import_id__in=ids).delete()
    for sheet in await SheetImport.filter(id__in=ids).order_by("id").select_for_update():
        await _empty(sheet)


async def _imports(person_id: UUID) -> list[UUID]:
    found = await mentions.speaking_of(person_id)
    entered = SheetEntry.filter(person_id=person_id)
    found |= {one.sheet_import_id for one in await entered.only("id", "sheet_import_id")}
    found |= {one.id for one in await SheetImport.filter(state=SheetState.CHECKING.value).only("id")}
    return sorted(found)


async def _empty(sheet: SheetImport) -> None:
    """What a sheet was called, and examples of its cells, may tell of the person; nothing of it can be written now."""
    columns = [{**column, "sample": []} for column in sheet.columns]
    emptied = {"name": None, "sha256": None, "sha256_index": None, "columns": columns, "updated_at": clock.now()}
    await SheetImport.filter(id=sheet.id).update(**emptied)
    if sheet.state in (SheetState.CHECKING, SheetState.PREVIEWED):
        await starting.fail(await SheetImport.get(id=sheet.id), FILE_GONE)
