"""Looking at a sheet and writing it: batch after batch, each in a short transaction. 检查与写入。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError

from .. import clock, kept_texts
from ..errors import ConflictError, RejectedError, Text, text
from ..graph.kinds import Kinds
from ..graph.models import OrgNode
from ..records import events
from ..records.bulk import insert_rows
from ..records.encrypted import encrypt
from ..records.record import new_id
from ..records.unit_of_work import UnitOfWork, current_unit, transact
from ..spreadsheets.field import SheetKind
from ..spreadsheets.findings import Finding, Level
from ..spreadsheets.rows import SheetRow
from .book import ChangedMeanwhileError
from .drafts import RowDraft
from .event_types import SHEET_APPLIED, SHEET_IMPORT, SheetTold
from .models import SheetFinding, SheetImport
from .one_by_one import OneByOne
from .opening import aside
from .places import places_beneath
from .planning import Options, Planner, Seen
from .words import RowOutcome, SheetState
from .writing import Writer

BATCH = 300
"""Rows of one transaction: some tenths of a second in which others on SQLite wait to write."""
CHECKED_AT_ONCE = 1000
MOST_FINDINGS = 10_000
"""Findings that are kept of one import; all of them are counted."""
ATTEMPTS = 5

Progress = Callable[[int, int | None], None]
Alive = Callable[[], Awaitable[None]]
Noted = Callable[[Sequence[SheetRow], Sequence[RowDraft]], Awaitable[None]]


class StoppedError(Exception):
    """Somebody else carries the import on, or has ended it."""


@dataclass
class Report:
    """What came, or would come, of the rows of a sheet. 导入报告。"""

    rows: int = 0
    outcomes: Counter[RowOutcome] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    def note(self, drafts: Sequence[RowDraft]) -> None:
        """Count a batch."""
        self.rows += len(drafts)
        for draft in drafts:
            if draft.outcome is not None:
                self.outcomes[draft.outcome] += 1
            self.found += len(draft.findings)
            self.findings += draft.findings[: max(0, MOST_FINDINGS - len(self.findings))]


class Rows:
    """The rows of a sheet, read in a thread, some at a time."""

    def __init__(self, rows: Iterator[SheetRow]) -> None:
        self._rows = rows

    async def next(self, most: int) -> list[SheetRow]:
        """The next ones; none at the end of the sheet."""
        return await aside(lambda: list(islice(self._rows, most)))

    async def skip(self, last_row: int, seen: Seen) -> list[SheetRow]:
        """Pass over the rows up to one that were written before, and keep in mind which they were; the rest of the
        rows that were read with them."""
        while rows := await self.next(CHECKED_AT_ONCE):
            for place, row in enumerate(rows):
                if row.number > last_row:
                    return rows[place:]
                seen.before(row)
        return []


def silent(_done: int, _total: int | None) -> None:
    """Tell nobody how far it is."""


@dataclass
class Work:
    """What an import works with: the rows of a sheet, what the importer wants, whom it tells how far it is.

    `alive` is done in each transaction that writes, `noted` after a batch was looked at; `findings` were there before
    the first row.
    """

    kinds: Kinds
    options: Options
    rows: Rows
    file_name: str = ""
    progress: Progress = silent
    alive: Alive | None = None
    noted: Noted | None = None
    seen: Seen = field(default_factory=Seen)
    findings: Sequence[Finding] = ()


async def check(work: Work, at: OrgNode, total: int | None = None) -> Report:
    """What would come of a sheet, as things stand; nothing is written."""
    report = Report(findings=list(work.findings), found=len(work.findings))
    planner = await _planner(work, at, writing=False)
    while batch := await work.rows.next(CHECKED_AT_ONCE):
        drafts = await planner.plan(batch)
        report.note(drafts)
        if work.noted is not None:
            await work.noted(batch, drafts)
        work.progress(report.rows, total)
    return report


async def _planner(work: Work, at: OrgNode, *, writing: bool) -> Planner | OneByOne:
    many = work.options.kind in (SheetKind.PEOPLE, SheetKind.PREMISES)
    places = await places_beneath(at, work.options.kind)
    return (Planner if many else OneByOne)(work.kinds, places, work.options, work.seen, writing=writing)


async def apply(work: Work, sheet: SheetImport) -> SheetImport:
    """Write a sheet that is RUNNING from where it stands, and note that it is APPLIED.

    A kill at any moment leaves whole batches, and whoever calls this again goes on after the last one. Raises
    StoppedError where another process does so meanwhile.
    """
    batch = await work.rows.skip(sheet.last_row, work.seen) if sheet.last_row else []
    while True:
        batch += await work.rows.next(BATCH - len(batch)) if len(batch) < BATCH else []
        if not batch:
            break
        sheet = await _write(work, sheet, batch[:BATCH])
        batch = batch[BATCH:]
        work.progress(sheet.done, sheet.total)
    return await transact(lambda _unit: _finish(sheet), sheet.applied_by)


async def _write(work: Work, sheet: SheetImport, rows: Sequence[SheetRow]) -> SheetImport:
    async def once(_unit: UnitOfWork) -> SheetImport:
        if work.alive is not None:
            await work.alive()
        return await _write_batch(work, sheet, rows)

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await transact(once, sheet.applied_by)
        except (IntegrityError, ChangedMeanwhileError, ConflictError):
            # somebody entered or changed the same at this moment: it is looked up anew
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


async def _write_batch(work: Work, sheet: SheetImport, rows: Sequence[SheetRow]) -> SheetImport:
    held = await _held(sheet)
    at = await place_held(held)
    planner = await _planner(work, at, writing=True)
    drafts = await planner.plan(rows)
    await Writer(held, work.file_name).write(drafts)
    report = Report()
    if not held.done:
        report = Report(findings=list(work.findings), found=len(work.findings))
    report.note(drafts)
    await keep_findings(held, report.findings)
    counted = {outcome.value.lower(): report.outcomes[outcome] for outcome in RowOutcome}
    await change(
        held,
        done=held.done + len(rows),
        last_row=rows[-1].number,
        found=held.found + report.found,
        **{name: getattr(held, name) + count for name, count in counted.items()},
    )
    return held


async def place_held(sheet: SheetImport) -> OrgNode:
    """Where a sheet is brought in, kept from others: two imports at one place write one after the other, so that
    neither enters whom the other is just entering, and the place does not end meanwhile. Raises RejectedError
    ORG_ENDED."""
    at = await OrgNode.filter(id=sheet.org_id).select_for_update(no_key=True).get()
    if at.valid_to is not None and at.valid_to <= clock.now():
        raise RejectedError(text("The organisation has ended before"), code="ORG_ENDED", path=("importId",))
    return at


async def _held(sheet: SheetImport) -> SheetImport:
    """The row as it is now; StoppedError where it is not as this run left it."""
    found = SheetImport.filter(id=sheet.id, state=SheetState.RUNNING.value, done=sheet.done)
    held = await found.select_for_update().first()
    if held is None:
        raise StoppedError
    return held


async def _finish(sheet: SheetImport) -> SheetImport:
    held = await _held(sheet)
    await change(held, state=SheetState.APPLIED.value, applied_at=clock.now(), total=held.done)
    await tell(SHEET_APPLIED, held)
    return held


async def keep_findings(sheet: SheetImport, findings: Sequence[Finding]) -> None:
    """Keep what was found, encrypted, as long as there is room."""
    now = clock.now()
    room = max(0, MOST_FINDINGS - sheet.found)
    rows = [_finding(sheet.id, sheet.found + place, one, now) for place, one in enumerate(findings[:room], start=1)]
    await insert_rows("core_sheet_finding", rows)


def _finding(sheet_id: UUID, position: int, one: Finding, now: Any) -> dict[str, Any]:
    id_ = new_id()
    return {
        "id": id_,
        "sheet_import_id": sheet_id,
        "position": position,
        "row": one.row,
        "column": one.column,
        "field": one.field,
        "level": str(one.level.value),
        "code": one.code,
        "message": encrypt(SheetFinding, "message", written(one.message), id_),
        "created_at": now,
    }


async def kept_findings(sheet: SheetImport, after: int = 0) -> list[Finding]:
    """What was found in a sheet, as far as it is kept, in order; `after` passes over the first ones."""
    rows = await SheetFinding.filter(sheet_import_id=sheet.id, position__gt=after).order_by("position")
    return [
        Finding(row.row, row.column, row.field, Level(row.level), row.code, read(row.message.decrypt()))
        for row in rows
        if row.message is not None
    ]


def written(message: Text) -> str:
    """A text as it is kept, to be translated when it is shown."""
    return orjson.dumps(kept_texts.plain(message)).decode()


def read(kept: str) -> Text:
    """The text again."""
    return kept_texts.read(orjson.loads(kept))


async def change(sheet: SheetImport, **columns: Any) -> None:
    """Change a row that is held."""
    current_unit()
    changed = {**columns, "version": sheet.version + 1, "updated_at": clock.now()}
    if not await SheetImport.filter(id=sheet.id, version=sheet.version).update(**changed):
        raise StoppedError
    sheet.update_from_dict(changed)


async def tell(event_type: Any, sheet: SheetImport) -> None:
    """Append the event that tells of an import."""
    told = SheetTold(
        kind=sheet.kind,
        total=sheet.total,
        created=sheet.created,
        changed=sheet.changed,
        unchanged=sheet.unchanged,
        refused=sheet.refused,
    )
    await events.append(event_type, SHEET_IMPORT, sheet.id, told, org_id=sheet.org_id)


def too_late(hours: int) -> RejectedError:
    """What was written longer ago stays."""
    told = text("A sheet can be taken back for {hours} hours", hours=hours)
    return RejectedError(told, code="UNDO_TOO_LATE", path=("importId",), details={"hours": hours})
