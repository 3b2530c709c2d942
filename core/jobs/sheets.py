"""Imports of sheets go on behind, as jobs: looked at, written, taken back. 表格导入后台任务。"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel

from ..access.viewer import Viewer
from ..errors import RejectedError, Text, text
from ..files.attaching import admit, attach, attached_to, discard_all, files_of
from ..files.contents import content
from ..files.purposes import FileKind, FilePurpose
from ..files.receiving import Ready
from ..files.staging import Staged
from ..files.storage import ContentMissingError
from ..graph.models import OrgNode
from ..privacy.file_purposes import ANNOTATED_SPREADSHEET, SPREADSHEET
from ..records.event_types import Internal
from ..records.keys import current_keyring
from ..records.unit_of_work import UnitOfWork, transact
from ..sheet_imports import applying, mentions, opening, starting, undoing
from ..sheet_imports.applying import Report, Rows, StoppedError, Work
from ..sheet_imports.drafts import RowDraft
from ..sheet_imports.event_types import SHEET_IMPORT
from ..sheet_imports.models import IMPORT, SheetImport
from ..sheet_imports.planning import Options
from ..sheet_imports.words import SheetState
from ..spreadsheets.annotate import annotated
from ..spreadsheets.field import SheetKind
from ..spreadsheets.reading import Recognised
from ..spreadsheets.rows import SheetRow, rows
from .asking import ask
from .job_kinds import JobKind
from .models import OPEN, Job, JobState
from .runs import Run

if TYPE_CHECKING:
    from ..districts import District

LANGUAGE = "zh-CN"
"""In which copies of sheets are annotated: that of those who keep them."""


class SheetWork(BaseModel):
    """Which import goes on."""

    sheet_id: Internal[UUID]


async def set_to_work(sheet: SheetImport, account_id: UUID | None) -> Job:
    """Have an import, which is held, go on behind: what is done follows from its state. The job that does it."""
    kind = KIND_OF[SheetState(sheet.state)]
    waiting = await Job.filter(subject_id=sheet.id, kind=kind.name, state__in=OPEN).first()
    if waiting is not None:
        return waiting
    given, about = SheetWork(sheet_id=sheet.id), (SHEET_IMPORT, sheet.id)
    return await ask(kind, given, org_id=sheet.org_id, account_id=account_id, subject=about, total=sheet.total)


async def _go_on(run: Run) -> None:
    """Do what an import waits for; nothing where somebody did meanwhile."""
    sheet = await SheetImport.get(id=run.input.sheet_id)
    if KIND_OF.get(SheetState(sheet.state)) is not run.kind:
        return
    try:
        await STEPS[SheetState(sheet.state)](run, sheet)
    except StoppedError:
        return  # it was brought to its end elsewhere
    except ContentMissingError:
        raise RejectedError(text("The file is gone"), code="FILE_GONE") from None


async def _look(run: Run, sheet: SheetImport) -> None:
    at = await OrgNode.get(id=sheet.org_id)
    found = await _found(run.district, sheet)
    await transact(lambda _unit: mentions.forget(sheet.id))
    report = await applying.check(_work(run, sheet, found), at, sheet.total)
    if report.findings and sheet.account_id is not None:
        await _annotate(run.district, sheet, sheet.account_id, found, report)

    async def note(_unit: UnitOfWork) -> None:
        await starting.looked_at(sheet, report)
        run.note(report.rows, report.rows)

    await run.step(note)


async def _write(run: Run, sheet: SheetImport) -> None:
    await applying.apply(_work(run, sheet, await _found(run.district, sheet)), sheet)


async def _take_back(run: Run, sheet: SheetImport) -> None:
    await undoing.undo(run.district.kinds, sheet, progress=run.note, actor_id=run.job.account_id, alive=run.hold)


async def _ended(_district: District, job: Job) -> None:
    """An import whose job failed or was cancelled cannot go on; what it wrote stays, and can be taken back."""
    sheet = await SheetImport.get(id=job.subject_id)
    await starting.fail(sheet, job.failure or JobState.CANCELLED.value)


def _kind(name: str, title: Text, description: str) -> JobKind:
    return JobKind(name, title, SheetWork, _go_on, IMPORT, description, ended=_ended)


LOOK = _kind("core.sheet_check", text("A sheet is looked at"), "Looks at the rows of a sheet. 检查表格。")
WRITE = _kind("core.sheet_apply", text("A sheet is written"), "Writes the rows of a sheet. 写入表格。")
TAKE_BACK = _kind("core.sheet_undo", text("A sheet is taken back"), "Takes back what a sheet wrote. 撤销表格导入。")
KINDS = (LOOK, WRITE, TAKE_BACK)
KIND_OF = {SheetState.CHECKING: LOOK, SheetState.RUNNING: WRITE, SheetState.UNDOING: TAKE_BACK}
STEPS = {SheetState.CHECKING: _look, SheetState.RUNNING: _write, SheetState.UNDOING: _take_back}


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


def _work(run: Run, sheet: SheetImport, found: Recognised) -> Work:
    options = Options(
        SheetKind(sheet.kind),
        opening.fields_of(found),
        update=sheet.update_differing,
        create_places=sheet.create_places,
        zone=run.district.zone,
    )
    name = "" if sheet.name is None else sheet.name.decrypt()
    return Work(
        run.district.kinds,
        options,
        Rows(rows(found)),
        name,
        progress=run.note,
        alive=partial(_still_there, run, sheet),
        noted=partial(_note, sheet.id),
        findings=found.findings,
    )


async def _note(sheet_id: UUID, rows: Sequence[SheetRow], drafts: Sequence[RowDraft]) -> None:
    await transact(lambda _unit: mentions.note(sheet_id, rows, drafts))


async def _still_there(run: Run, sheet: SheetImport) -> None:
    """Keep the job; of a sheet that an erasure destroyed nothing more is written, for it names who was erased.

    Raises ContentMissingError and JobLostError.
    """
    if not await files_of(SPREADSHEET, sheet.id):
        raise ContentMissingError(f"the file of import {sheet.id} is gone")
    await run.hold()


async def content_of(district: District, purpose: FilePurpose, sheet: SheetImport) -> bytes:
    """The file that was brought in. Raises ContentMissingError."""
    files = await files_of(purpose, sheet.id)
    if not files:
        raise ContentMissingError(f"the file of import {sheet.id} is gone")
    return b"".join([piece async for piece in await content(district, files[0])])
