"""Taking a sheet back: what it wrote last goes first, in short transactions; what others need stays. 撤销导入。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from .. import clock
from ..errors import InvalidTransitionError, RejectedError, Text, text
from ..files.models import File
from ..graph.event_types import ORG
from ..graph.kinds import Kinds
from ..graph.models import OrgNode, OrgRelation, OrgState
from ..graph.services import update_org
from ..people.document_models import IdentityDocument
from ..people.event_types import PERSON, PERSON_UPDATED, POST
from ..people.models import Person, Post
from ..people.relation_events import DOCUMENT
from ..people.services import encrypted_columns, place_of, told_of
from ..records import events
from ..records.encrypted import update_row
from ..records.unit_of_work import UnitOfWork, transact
from ..registry import premises, tenures
from ..registry.event_types import (
    HOUSEHOLD,
    HOUSEHOLD_MEMBER,
    PREMISES,
    PREMISES_UPDATED,
    TENURE,
    TENURE_UPDATED,
)
from ..registry.models import Household, HouseholdMember, Premises, Tenure
from ..spreadsheets.findings import Finding, Level
from .applying import Alive, Progress, StoppedError, change, keep_findings, silent, tell, too_late
from .event_types import (
    RECORD_WITHDRAWN,
    SHEET_IMPORT,
    SHEET_UNDO_STARTED,
    SHEET_UNDONE,
    RecordWithdrawn,
    SheetUndoneTold,
)
from .models import SheetEntry, SheetImport
from .words import EntryAction, SheetState

BATCH = 300
ORG_TABLE = "core_org_node"
_ORDER: tuple[tuple[Any, str], ...] = (
    *((HouseholdMember, HOUSEHOLD_MEMBER), (Household, HOUSEHOLD), (Tenure, TENURE), (Post, POST)),
    *(
        (Premises, PREMISES),
        (IdentityDocument, DOCUMENT),
        (Person, PERSON),
        (OrgRelation, "OrgRelation"),
        (OrgNode, ORG),
    ),
)
"""The tables of which an import enters rows, those that point at others first, each with what events call it."""
_IDS = ("registered_residence_id", "habitual_residence_id", "employer_id", "micro_grid_id")


async def begin(sheet: SheetImport, hours: int) -> SheetImport:
    """Let a sheet that was written be taken back; in a unit of work.

    One of a command that was stopped midway is taken back too, and is written no further should it still go on. Raises
    InvalidTransitionError where nothing was written or it is being written, RejectedError UNDO_TOO_LATE.
    """
    held = await SheetImport.filter(id=sheet.id).select_for_update().get()
    if held.state == SheetState.UNDOING:
        return held
    of_a_command = held.state == SheetState.RUNNING and held.account_id is None
    if not of_a_command and (held.state not in (SheetState.APPLIED, SheetState.FAILED) or not held.done):
        raise InvalidTransitionError(text("Only a sheet that was written can be taken back"), path=("importId",))
    if held.applied_at is None or clock.now() - held.applied_at > timedelta(hours=hours):
        raise too_late(hours)
    await change(held, state=SheetState.UNDOING.value, failure=None)
    await tell(SHEET_UNDO_STARTED, held)
    return held


async def undo(
    kinds: Kinds,
    sheet: SheetImport,
    *,
    progress: Progress = silent,
    actor_id: UUID | None = None,
    alive: Alive | None = None,
) -> SheetImport:
    """Take back what is left of a sheet that is UNDOING; whoever calls this again goes on where it stopped."""
    total = await SheetEntry.filter(sheet_import_id=sheet.id).count() + sheet.undone + sheet.left
    while True:
        sheet, more = await transact(partial(_batch, kinds, sheet, alive), actor_id)
        progress(sheet.undone + sheet.left, total)
        if not more:
            return sheet


async def _batch(kinds: Kinds, sheet: SheetImport, alive: Alive | None, _unit: UnitOfWork) -> tuple[SheetImport, bool]:
    if alive is not None:
        await alive()
    held = await SheetImport.filter(id=sheet.id, state=SheetState.UNDOING.value).select_for_update().first()
    if held is None:
        raise StoppedError
    entries = await SheetEntry.filter(sheet_import_id=held.id).order_by("-position").limit(BATCH)
    if not entries:
        await change(held, state=SheetState.UNDONE.value, undone_at=clock.now())
        told = SheetUndoneTold(undone=held.undone, left=held.left)
        await events.append(SHEET_UNDONE, SHEET_IMPORT, held.id, told, org_id=held.org_id)
        return held, False
    await SheetEntry.filter(id__in=[one.id for one in entries]).delete()
    left = await _take_back(kinds, held, entries)
    findings = [_left(entry, code) for entry, code in left]
    await keep_findings(held, findings)
    done = len(entries) - len(left)
    await change(held, undone=held.undone + done, left=held.left + len(left), found=held.found + len(left))
    return held, True


Left = list[tuple[SheetEntry, str]]


async def _take_back(kinds: Kinds, sheet: SheetImport, entries: Sequence[SheetEntry]) -> Left:
    left: Left = []
    for entry in entries:  # values first: a record that got one more after it was entered is as it was then
        if entry.action == EntryAction.CHANGED and not await _restore(kinds, sheet, entry, entries):
            left.append((entry, "CHANGED_SINCE"))
    created: dict[str, list[SheetEntry]] = defaultdict(list)
    for entry in entries:
        if entry.action == EntryAction.CREATED:
            created[entry.subject_table].append(entry)
    for model, subject in _ORDER:
        some = created.pop(str(model._meta.db_table), [])
        if some:
            left += await _withdraw(model, subject, some)
    return left


async def _withdraw(model: Any, subject: str, entries: Sequence[SheetEntry]) -> Left:
    ids = [entry.subject_id for entry in entries]
    rows = {row.id: row for row in await model.filter(id__in=ids).select_for_update()}
    filed: Any = File.filter(subject_table=str(model._meta.db_table), subject_id__in=ids).values_list(
        "subject_id", flat=True
    )
    used = set(await filed)
    left: Left = []
    free = []
    for entry in entries:
        row = rows.get(entry.subject_id)
        if row is None or row.version != entry.version:
            left.append((entry, "CHANGED_SINCE"))
        elif row.id in used:
            left.append((entry, "IN_USE"))
        else:
            free.append(entry)
    places = await _places(model, [rows[entry.subject_id] for entry in free])
    gone = await _delete(model, free)
    left += [(entry, "IN_USE") for entry in free if entry.id not in gone]
    told = RecordWithdrawn(table=str(model._meta.db_table))
    await events.append_many(
        events.Told(RECORD_WITHDRAWN, subject, entry.subject_id, told, places.get(entry.subject_id))
        for entry in free
        if entry.id in gone
    )
    return left


async def _delete(model: Any, entries: Sequence[SheetEntry]) -> set[UUID]:
    """Delete rows as far as nothing points at them, which the database knows best; the entries of those that went."""
    if not entries:
        return set()
    ids = [entry.subject_id for entry in entries]
    try:
        async with in_transaction():
            if model is OrgNode:
                await OrgState.filter(node_id__in=ids).delete()
            await model.filter(id__in=ids).delete()
    except IntegrityError:
        if len(entries) == 1:
            return set()
        middle = len(entries) // 2
        return await _delete(model, entries[:middle]) | await _delete(model, entries[middle:])
    return {entry.id for entry in entries}


async def _places(model: Any, rows: Sequence[Any]) -> dict[UUID, UUID | None]:
    """Where it may be seen that records are no more: where they stood."""
    if model is Person:
        return {row.id: place_of(row) for row in rows}
    if model is IdentityDocument:
        holders = {one.id: place_of(one) for one in await Person.filter(id__in=[row.person_id for row in rows])}
        return {row.id: holders.get(row.person_id) for row in rows}
    if model is OrgNode:
        return {row.id: row.parent_id for row in rows}
    if model is OrgRelation:
        return {row.id: row.target_id for row in rows}
    if model in (Premises, Post):
        return {row.id: row.org_id for row in rows}
    if model is HouseholdMember:
        households: Any = Household.filter(id__in=[row.household_id for row in rows])
        led = dict(await households.values_list("id", "premises_id"))
        premises_of = {row.id: led.get(row.household_id) for row in rows}
    else:
        premises_of = {row.id: row.premises_id for row in rows}
    orgs: dict[Any, Any] = dict(
        await Premises.filter(id__in=[one for one in premises_of.values() if one]).values_list("id", "org_id")
    )
    return {id_: orgs.get(one) for id_, one in premises_of.items()}


# ── values that go back ──


async def _restore(kinds: Kinds, sheet: SheetImport, entry: SheetEntry, batch: Sequence[SheetEntry]) -> bool:
    if entry.before is None:
        return False
    values = _typed(orjson.loads(entry.before.decrypt()))
    if entry.subject_table == ORG_TABLE:
        version = await _restore_org(kinds, entry, values)
    else:
        sources = values.pop("provenance", None)
        version = await _RESTORE[entry.subject_table](entry, values, sources)
    if version is None:
        return False
    # what the import did to the record before is compared with the version that it has now
    await SheetEntry.filter(sheet_import_id=sheet.id, subject_id=entry.subject_id).update(version=version)
    for other in batch:
        if other.subject_id == entry.subject_id:
            other.version = version
    return True


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("birth_date") is not None:
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    for name in values.keys() & set(_IDS):
        values[name] = None if values[name] is None else UUID(values[name])
    return values


async def _restore_person(entry: SheetEntry, values: dict[str, Any], sources: str | None) -> int | None:
    person = await Person.filter(id=entry.subject_id, version=entry.version).select_for_update().first()
    if person is None or person.erased_at is not None or person.merged_into is not None:
        return None
    told = told_of(person, values)
    kept = {**encrypted_columns(person.id, values), **_counted(person, sources)}
    if not await update_row(Person.filter(version=person.version), person.id, **kept):
        return None
    person.update_from_dict(kept)
    await events.append(PERSON_UPDATED, PERSON, person.id, told, org_id=place_of(person))
    return person.version


async def _restore_premises(entry: SheetEntry, values: dict[str, Any], sources: str | None) -> int | None:
    home = await Premises.filter(id=entry.subject_id, version=entry.version).select_for_update().first()
    if home is None:
        return None
    before = premises.told_values(home, values)
    kept = {**premises.kept_columns(home.id, values), **_counted(home, sources)}
    await update_row(Premises.filter(version=home.version), home.id, **kept)
    home.update_from_dict(kept)
    told = premises.told_of(home, before, values)
    await events.append(PREMISES_UPDATED, PREMISES, home.id, told, org_id=home.org_id)
    return home.version


async def _restore_tenure(entry: SheetEntry, values: dict[str, Any], sources: str | None) -> int | None:
    tenure = await Tenure.filter(id=entry.subject_id, version=entry.version).select_for_update().first()
    if tenure is None:
        return None
    home = await Premises.get(id=tenure.premises_id)
    before = tenures.told_values(tenure, values)
    kept = {**values, **_counted(tenure, sources)}
    await update_row(Tenure.filter(version=tenure.version), tenure.id, **kept)
    tenure.update_from_dict(kept)
    await events.append(TENURE_UPDATED, TENURE, tenure.id, tenures.told_of(tenure, before, values), org_id=home.org_id)
    return tenure.version


async def _restore_org(kinds: Kinds, entry: SheetEntry, values: dict[str, Any]) -> int | None:
    node = await OrgNode.filter(id=entry.subject_id, version=entry.version, valid_to=None).first()
    if node is None:
        return None
    try:
        async with in_transaction():
            changed = await update_org(kinds, node.id, **values)
    except RejectedError:  # another unit has the credit code by now
        return None
    return changed.version


_RESTORE: Mapping[str, Callable[..., Any]] = {
    "core_person": _restore_person,
    "core_premises": _restore_premises,
    "core_tenure": _restore_tenure,
}


def _counted(row: Any, sources: str | None) -> dict[str, Any]:
    return {"provenance": sources, "version": row.version + 1, "updated_at": clock.now()}


def _left(entry: SheetEntry, code: str) -> Finding:
    message: Text = (
        text("Something else refers to what this row entered: it stays")
        if code == "IN_USE"
        else text("What this row wrote was changed since: it stays")
    )
    return Finding(entry.row, None, None, Level.WARNING, code, message)
