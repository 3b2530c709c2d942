"""The steps of an import: brought in, looked at, started, failed; each in a unit of work. 导入步骤。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from .. import clock
from ..errors import ConflictError, InvalidTransitionError, invalid, text
from ..graph.core_kinds import COMMUNITY
from ..graph.models import OrgNode
from ..records.encrypted import blind, blinds, encrypt
from ..records.record import new_id
from ..spreadsheets.field import SheetKind
from .applying import Report, change, keep_findings, place_held, tell
from .event_types import SHEET_FAILED, SHEET_STARTED, SHEET_UPLOADED
from .models import SheetFinding, SheetImport
from .words import AT_WORK, RowOutcome, SheetState

AT_COMMUNITIES = (SheetKind.PEOPLE, SheetKind.PREMISES)


def check_place(at: OrgNode, kind: SheetKind) -> None:
    """Raise ValidationError SHEET_PLACE where such a sheet is not brought in at this organisation."""
    if at.valid_to is not None:
        raise invalid("orgId", "ORG_ENDED", "The organisation has ended before")
    if kind in AT_COMMUNITIES and at.kind != COMMUNITY:
        raise invalid(
            "orgId", "SHEET_PLACE", "People and homes are brought in at a community, not at {found}", found=at.kind
        )


async def bring_in(
    at: OrgNode,
    kind: SheetKind,
    *,
    state: SheetState,
    name: str,
    sha256: str,
    sheet: str | None,
    columns: Sequence[Mapping[str, Any]] = (),
    mapping: Mapping[str, Any] | None = None,
    total: int | None = None,
    account_id: UUID | None = None,
    update: bool = False,
    create_places: bool = False,
) -> SheetImport:
    """Enter that somebody brings in a sheet."""
    id_ = new_id()
    now = clock.now()
    made = await SheetImport.create(
        id=id_,
        org_id=at.id,
        kind=kind.value,
        state=state.value,
        name=encrypt(SheetImport, "name", name, id_),
        sha256=encrypt(SheetImport, "sha256", sha256, id_),
        sha256_index=blind(SheetImport, "sha256", sha256),
        sheet=sheet,
        mapping=dict(mapping or {}),
        columns=[dict(column) for column in columns],
        total=total,
        account_id=account_id,
        update_differing=update,
        create_places=create_places,
        applied_by=account_id if state is SheetState.RUNNING else None,
        applied_at=now if state is SheetState.RUNNING else None,
    )
    await tell(SHEET_UPLOADED, made)
    if state is SheetState.RUNNING:
        await tell(SHEET_STARTED, made)
    return made


async def unfinished(at: OrgNode, kind: SheetKind, *, sha256: str, sheet: str | None) -> list[SheetImport]:
    """The imports of the same content at the same place that somebody began and did not finish, the newest first."""
    return (
        await SheetImport.filter(
            org_id=at.id,
            kind=kind.value,
            state=SheetState.RUNNING.value,
            sha256_index__in=blinds(SheetImport, "sha256", sha256),
            sheet=sheet,
        )
        .order_by("-created_at", "-id")
        .all()
    )


def begun_so(sheet: SheetImport, *, mapping: Mapping[str, Any], update: bool, create_places: bool) -> bool:
    """Whether an import was begun in this manner: only so it is gone on with, for the rows that are written stay."""
    manner = (dict(mapping), update, create_places)
    return (dict(sheet.mapping), sheet.update_differing, sheet.create_places) == manner


async def looked_at(sheet: SheetImport, report: Report) -> SheetImport:
    """Note what was found in a sheet that is CHECKING: it may be applied now."""
    held = await _held(sheet)
    if held.state != SheetState.CHECKING:
        return held
    await _forget(held)
    await keep_findings(held, report.findings)
    counts = {outcome.value.lower(): report.outcomes[outcome] for outcome in RowOutcome}
    await change(
        held, state=SheetState.PREVIEWED.value, done=0, total=report.rows, found=report.found, failure=None, **counts
    )
    return held


async def start(
    sheet: SheetImport, *, update: bool, create_places: bool, expected_version: int | None, account_id: UUID | None
) -> SheetImport:
    """Let a sheet that was looked at be written; one that failed midway goes on where it stopped.

    One that is being written stays so. Raises ConflictError for another version, InvalidTransitionError, RejectedError
    ORG_ENDED.
    """
    held = await _held(sheet)
    if held.state == SheetState.RUNNING:
        return held
    if expected_version is not None and expected_version != held.version:
        raise ConflictError(text("The record has changed since"), current=held, path=("expectedVersion",))
    taken_back = held.undone or held.left  # what failed while it was taken back is not written any further
    midway = held.state == SheetState.FAILED and held.applied_at is not None and not taken_back
    if held.state != SheetState.PREVIEWED and not midway:
        raise InvalidTransitionError(text("Only a sheet that was looked at can be written, once"), path=("importId",))
    await place_held(held)
    begun = {"state": SheetState.RUNNING.value, "failure": None, "applied_by": account_id, "applied_at": clock.now()}
    if midway:
        await change(held, **begun)
    else:
        await _forget(held)
        counts = dict.fromkeys((outcome.value.lower() for outcome in RowOutcome), 0)
        fresh = {"done": 0, "last_row": 0, "found": 0, **counts}
        await change(held, **begun, update_differing=update, create_places=create_places, **fresh)
    await tell(SHEET_STARTED, held)
    return held


async def fail(sheet: SheetImport, code: str) -> SheetImport:
    """Note that an import cannot go on, by a stable code; what it wrote stays, and can be taken back."""
    held = await _held(sheet)
    if held.state not in (*AT_WORK, SheetState.PREVIEWED):  # another process brought it to its end
        return held
    await change(held, state=SheetState.FAILED.value, failure=code)
    await tell(SHEET_FAILED, held)
    return held


async def _held(sheet: SheetImport) -> SheetImport:
    return await SheetImport.filter(id=sheet.id).select_for_update().get()


async def _forget(sheet: SheetImport) -> None:
    """What was found before is found anew."""
    await SheetFinding.filter(sheet_import_id=sheet.id).delete()
    sheet.found = 0
