"""Imports of sheets go on behind: one task for each, and a timer that begins another where it died. 表格导入后台任务。

Whoever sets an import to work schedules its timer too, and every batch that is written puts the timer off. So it falls
due only where the process that did the work is gone, or hangs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from .. import clock
from ..access.viewer import Viewer
from ..errors import RejectedError
from ..files.attaching import admit, attach, attached_to, discard_all, files_of
from ..files.contents import content
from ..files.purposes import FileKind, FilePurpose
from ..files.receiving import Ready
from ..files.staging import Staged
from ..files.storage import ContentMissingError
from ..graph.models import OrgNode
from ..privacy.file_purposes import ANNOTATED_SPREADSHEET, SPREADSHEET
from ..records.keys import current_keyring
from ..records.unit_of_work import UnitOfWork, current_unit, transact
from ..sheet_imports import applying, mentions, opening, starting, undoing
from ..sheet_imports.applying import Report, Rows, StoppedError, Work
from ..sheet_imports.drafts import RowDraft
from ..sheet_imports.models import SheetImport
from ..sheet_imports.planning import Options
from ..sheet_imports.words import AT_WORK, SheetState
from ..spreadsheets.annotate import annotated
from ..spreadsheets.fields import SheetKind
from ..spreadsheets.reading import Recognised
from ..spreadsheets.rows import SheetRow, rows
from ..tasks import spawn
from .models import Timer
from .timers import SHEET_WATCH, cancel, schedule

if TYPE_CHECKING:
    from ..districts import District

LEASE = timedelta(seconds=60)
"""How long after its last batch an import counts as abandoned."""

LANGUAGE = "zh-CN"
"""In which copies of sheets are annotated: that of those who keep them."""

log = structlog.get_logger(__name__)
_running: set[tuple[str, UUID]] = set()


async def set_to_work(district: District, sheet_id: UUID) -> None:
    """Have an import go on behind once the open unit of work is committed."""
    await schedule(SHEET_WATCH, sheet_id, clock.now() + LEASE)
    current_unit().after_commit.append(partial(_begin, district, sheet_id))


async def watch(district: District, timer: Timer) -> None:
    """Begin anew what nobody carries on any more."""
    sheet = await SheetImport.get_or_none(id=timer.subject_id)
    if sheet is not None and sheet.state in AT_WORK:
        await set_to_work(district, sheet.id)


def _begin(district: District, sheet_id: UUID) -> None:
    if (district.key, sheet_id) not in _running:
        _running.add((district.key, sheet_id))
        spawn(partial(_carry_on, district, sheet_id), name=f"import of sheet {sheet_id}")


async def _carry_on(district: District, sheet_id: UUID) -> None:
    try:
        with district.scope():
            await _to_its_end(district, sheet_id)
    finally:
        _running.discard((district.key, sheet_id))
        checked.pop((district.key, sheet_id), None)


async def _to_its_end(district: District, sheet_id: UUID) -> None:
    while await _carried(district, sheet_id):
        pass


async def _carried(district: District, sheet_id: UUID) -> bool:
    """Do what an import waits for; whether it waits again, since somebody wanted more at that moment."""
    sheet = await SheetImport.get(id=sheet_id)
    try:
        await _step(district, sheet)
    except StoppedError:
        return False  # another process does it
    except ContentMissingError:
        await transact(lambda _unit: starting.fail(sheet, "FILE_GONE"))
    except RejectedError as error:
        code = error.code
        await transact(lambda _unit: starting.fail(sheet, code))
    except Exception as error:
        log.error("sheet_import_failed", district=district.key, sheet=str(sheet_id), exc_info=error)
        await transact(lambda _unit: starting.fail(sheet, "INTERNAL_ERROR"))
    return await transact(lambda _unit: _at_rest(sheet_id))


async def _at_rest(sheet_id: UUID) -> bool:
    """Nobody needs to watch an import any more, unless it was set to work anew; whether it was."""
    held = await SheetImport.filter(id=sheet_id).select_for_update().get()
    if held.state in AT_WORK:
        return True
    await cancel(SHEET_WATCH, sheet_id)
    return False


async def _step(district: District, sheet: SheetImport) -> None:
    if sheet.state == SheetState.UNDOING:
        await undoing.undo(district.kinds, sheet, actor_id=sheet.applied_by, alive=partial(_put_off, sheet.id))
    elif sheet.state == SheetState.RUNNING:
        await applying.apply(_work(district, sheet, await _found(district, sheet)), sheet)
    elif sheet.state == SheetState.CHECKING:
        at = await OrgNode.get(id=sheet.org_id)
        found = await _found(district, sheet)
        await transact(lambda _unit: mentions.forget(sheet.id))
        report = await applying.check(_work(district, sheet, found), at)
        if report.findings and sheet.account_id is not None:
            await _annotate(district, sheet, sheet.account_id, found, report)
        await transact(lambda _unit: starting.looked_at(sheet, report))


async def _found(district: District, sheet: SheetImport) -> Recognised:
    return await opening.recognise(
        await content_of(district, SPREADSHEET, sheet),
        kind=SheetKind(sheet.kind),
        sheet=sheet.sheet,
        mapping=opening.mapped(sheet.mapping),
    )


async def _annotate(
    district: District, sheet: SheetImport, account_id: UUID, found: Recognised, report: Report
) -> None:
    """Keep a copy of the sheet with what was found in its cells; first the content, then its row."""
    made = await opening.aside(partial(annotated, found, list(report.findings), LANGUAGE))
    staged = await asyncio.to_thread(_staged, district, made)
    try:
        await district.storage.keep(staged.seal.id, staged.file)
    finally:
        await asyncio.to_thread(staged.file.unlink, missing_ok=True)
    name = "" if sheet.name is None else sheet.name.decrypt()
    ready = Ready(f"标注 {name.rpartition('.')[0]}.xlsx", FileKind.XLSX, staged, staged.sha256)
    await transact(partial(_enter_annotated, district, sheet, account_id, ready), account_id)


def _staged(district: District, made: bytes) -> Staged:
    return district.staging.put(current_keyring().present.suite.cipher, made, len(made))


async def _enter_annotated(
    district: District, sheet: SheetImport, account_id: UUID, ready: Ready, _unit: UnitOfWork
) -> None:
    """In the place of the copy that an earlier look may have left; none of a sheet that was destroyed meanwhile."""
    held = await SheetImport.filter(id=sheet.id).select_for_update().get()
    if held.state != SheetState.CHECKING:
        return
    await discard_all(district, attached_to(ANNOTATED_SPREADSHEET, sheet.id), "REPLACED")
    file = await admit(district, ANNOTATED_SPREADSHEET, ready, account_id)
    viewer = Viewer(account_id=account_id)
    await attach(viewer, [file.id], ANNOTATED_SPREADSHEET, sheet, org_id=sheet.org_id)


def _work(district: District, sheet: SheetImport, found: Recognised) -> Work:
    options = Options(
        SheetKind(sheet.kind),
        opening.fields_of(found),
        update=sheet.update_differing,
        create_places=sheet.create_places,
        zone=district.zone,
    )
    name = "" if sheet.name is None else sheet.name.decrypt()
    return Work(
        district.kinds,
        options,
        Rows(rows(found)),
        name,
        progress=_Told(district, sheet),
        alive=partial(_still_there, sheet),
        noted=partial(_note, sheet.id),
        findings=found.findings,
    )


class _Told:
    """How far the check of a sheet is, for whoever asks; it is kept in memory alone until it is over."""

    def __init__(self, district: District, sheet: SheetImport) -> None:
        self._key = (district.key, sheet.id)

    def __call__(self, done: int, _total: int | None) -> None:
        checked[self._key] = done


checked: dict[tuple[str, UUID], int] = {}
"""How many rows of sheets that are being looked at in this process are done."""


async def _note(sheet_id: UUID, rows: Sequence[SheetRow], drafts: Sequence[RowDraft]) -> None:
    await transact(lambda _unit: mentions.note(sheet_id, rows, drafts))


async def _still_there(sheet: SheetImport) -> None:
    """Put the timer off; of a sheet that an erasure destroyed nothing more is written, for it names who was erased.

    Raises ContentMissingError.
    """
    if not await files_of(SPREADSHEET, sheet.id):
        raise ContentMissingError(f"the file of import {sheet.id} is gone")
    await _put_off(sheet.id)


async def _put_off(sheet_id: UUID) -> None:
    await schedule(SHEET_WATCH, sheet_id, clock.now() + LEASE)


async def content_of(district: District, purpose: FilePurpose, sheet: SheetImport) -> bytes:
    """The file that was brought in. Raises ContentMissingError."""
    files = await files_of(purpose, sheet.id)
    if not files:
        raise ContentMissingError(f"the file of import {sheet.id} is gone")
    return b"".join([piece async for piece in await content(district, files[0])])
