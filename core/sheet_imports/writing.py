"""Writing the drafts of a batch in the open unit of work: rows, events and entries for undoing, all by sets. 批量写入。

What is kept, told and traced of each record is what the services of people and of the registry keep, tell and trace:
the columns come from the same functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import orjson
from tortoise.models import Model

from .. import clock
from ..people.document_models import IdentityDocument
from ..people.documents import number_columns
from ..people.event_types import PERSON, PERSON_CREATED, PERSON_UPDATED, PersonChanged
from ..people.models import Person
from ..people.relation_events import DOCUMENT, DOCUMENT_ADDED, DocumentTold
from ..people.services import encrypted_columns, place_of, told_of
from ..records import events
from ..records.archive import neutral
from ..records.bulk import insert_rows
from ..records.encrypted import Encrypted, decrypted, encrypt, update_row
from ..records.provenance import Source, Stated, TracedRecord, begun, corrected
from ..records.record import new_id
from ..registry import households, premises, tenures
from ..registry.event_types import (
    HOUSEHOLD,
    HOUSEHOLD_CREATED,
    HOUSEHOLD_MEMBER,
    MEMBER_ADDED,
    PREMISES,
    PREMISES_CREATED,
    PREMISES_UPDATED,
    TENURE,
    TENURE_CREATED,
    TENURE_UPDATED,
)
from ..registry.models import Household, HouseholdMember, Premises, Tenure
from ..registry.writing import write as write_changed
from .book import COLUMNS, ChangedMeanwhileError
from .drafts import Changed, Home, NewDocument, RowDraft, Someone
from .models import SheetEntry, SheetImport
from .words import EntryAction

ENTRIES_OF_A_ROW = 1000
"""Positions that each row has for its entries: they order what an import wrote, across all batches."""
_SEARCH_KEYS = ("name_key", "name_initials")
_DETAIL = 200


class Writer:
    """Writes the drafts of one batch of an import."""

    def __init__(self, sheet: SheetImport, file_name: str) -> None:
        self._sheet, self._name, self._now = sheet, file_name, clock.now()
        self._entries: list[dict[str, Any]] = []
        self._of_row: Counter[int] = Counter()
        self._told: list[events.Told] = []

    async def write(self, drafts: Sequence[RowDraft]) -> None:
        """Write all that is not refused, in an order in which nothing points at what is not there yet."""
        good = [draft for draft in drafts if not draft.refused]
        for draft in good:  # first, for what they enter is pointed at by all the rest
            for made in draft.made:
                self._note(
                    draft, made.model, made.id, version=made.version, person_id=made.person_id, before=made.before
                )
        await insert_rows("core_person", [self._person(draft, *one) for draft in good for one in draft.people])
        await insert_rows(
            "core_identity_document", [self._document(draft, *one) for draft in good for one in draft.documents]
        )
        await insert_rows("core_premises", [self._home(draft, *one) for draft in good for one in draft.homes])
        await insert_rows("core_tenure", [self._tenure(draft, *one) for draft in good for one in draft.tenures])
        await insert_rows(
            "core_household", [self._household(draft, *one) for draft in good for one in draft.households]
        )
        await insert_rows(
            "core_household_member", [self._member(draft, *one) for draft in good for one in draft.members]
        )
        for draft in good:
            for changed in draft.changed:
                await self._change(draft, changed)
        await events.append_many(self._told)
        await insert_rows("core_sheet_entry", self._entries)

    def _stated(self, draft: RowDraft) -> Stated:
        ending = f" 第{draft.row}行"
        return Stated(Source.IMPORTED, self._name[: _DETAIL - len(ending)] + ending)

    def _begun(self, id_: UUID) -> dict[str, Any]:
        return {"id": id_, "version": 1, "created_at": self._now, "updated_at": self._now}

    def _enter(self, draft: RowDraft, model: type[Model], id_: UUID, person_id: UUID | None = None) -> None:
        self._note(draft, model, id_, person_id=person_id)

    def _note(
        self,
        draft: RowDraft,
        model: type[Model],
        id_: UUID,
        *,
        version: int = 1,
        person_id: UUID | None = None,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        entry_id = new_id()
        self._of_row[draft.row] += 1
        kept = None if before is None else encrypt(SheetEntry, "before", _json(before), entry_id)
        self._entries.append(
            {
                "id": entry_id,
                "sheet_import_id": self._sheet.id,
                "position": draft.row * ENTRIES_OF_A_ROW + self._of_row[draft.row],
                "row": draft.row,
                "subject_table": str(model._meta.db_table),
                "subject_id": id_,
                "action": (EntryAction.CREATED if before is None else EntryAction.CHANGED).value,
                "version": version,
                "before": kept,
                "person_id": person_id,
                "created_at": self._now,
            }
        )

    def _tell(self, event_type: Any, subject: str, id_: UUID, payload: Any, org_id: UUID | None) -> None:
        self._told.append(events.Told(event_type, subject, id_, payload, org_id))

    # ── what is entered ──

    def _person(self, draft: RowDraft, one: Someone, derived: frozenset[str]) -> dict[str, Any]:
        values = one.values
        columns = {name: values[name] for name in COLUMNS} | {name: values[name] for name in _SEARCH_KEYS}
        given = tuple(sorted(name for name in COLUMNS if values[name] is not None))
        self._tell(PERSON_CREATED, PERSON, one.id, PersonChanged(fields=given), _place(one))
        self._enter(draft, Person, one.id, one.id)
        told = [name for name in derived if values[name] is not None]
        return {
            **self._begun(one.id),
            "provenance": begun(Person, self._stated(draft), told),
            **encrypted_columns(one.id, columns),
        }

    def _document(self, draft: RowDraft, made: NewDocument, holder: Someone) -> dict[str, Any]:
        told = DocumentTold(person_id=holder.id, kind=made.kind)
        self._tell(DOCUMENT_ADDED, DOCUMENT, made.id, told, _place(holder))
        self._enter(draft, IdentityDocument, made.id, holder.id)
        return {
            **self._begun(made.id),
            "provenance": begun(IdentityDocument, self._stated(draft)),
            "person_id": holder.id,
            "kind": made.kind,
            **number_columns(made.id, made.number),
            "country": made.country,
            "valid_until": None,
            "counts": True,
            "ended_at": None,
        }

    def _home(self, draft: RowDraft, home: Home, derived: bool) -> dict[str, Any]:
        values = home.values
        given = {name for name, value in values.items() if value is not None}
        row = cast("Premises", SimpleNamespace(org_id=home.org_id, **values))  # a record costs too much to make
        self._tell(PREMISES_CREATED, PREMISES, home.id, premises.told_of(row, None, given), home.org_id)
        self._enter(draft, Premises, home.id)
        return {
            **self._begun(home.id),
            "provenance": begun(Premises, self._stated(draft), ["micro_grid_id"] if derived else ()),
            "org_id": home.org_id,
            **premises.kept_columns(home.id, values),
            "valid_from": self._now,
            "valid_to": None,
        }

    def _tenure(self, draft: RowDraft, tenure: Tenure, home: Home) -> dict[str, Any]:
        given = {"kind", *(("share",) if tenures.share_of(tenure) else ())}
        self._tell(TENURE_CREATED, TENURE, tenure.id, tenures.told_of(tenure, None, given), home.org_id)
        self._enter(draft, Tenure, tenure.id, tenure.person_id)
        names = ("premises_id", "person_id", "org_id", "kind", "share_numerator", "share_denominator", "evidence")
        return self._traced(draft, Tenure, tenure, names)

    def _household(self, draft: RowDraft, household: Household, home: Home) -> dict[str, Any]:
        told = households.household_told(household, None, ["premises_id", "kind"])
        self._tell(HOUSEHOLD_CREATED, HOUSEHOLD, household.id, told, home.org_id)
        self._enter(draft, Household, household.id)
        return self._traced(draft, Household, household, ("premises_id", "kind"))

    def _member(self, draft: RowDraft, member: HouseholdMember, home: Home) -> dict[str, Any]:
        told = households.member_told(member, None, ["relation", "valid_from", "valid_to"])
        self._tell(MEMBER_ADDED, HOUSEHOLD_MEMBER, member.id, told, home.org_id)
        self._enter(draft, HouseholdMember, member.id, member.person_id)
        return self._traced(draft, HouseholdMember, member, ("household_id", "person_id", "relation"))

    def _traced(self, draft: RowDraft, model: type[TracedRecord], row: Any, names: Iterable[str]) -> dict[str, Any]:
        """A row of the registry that is valid from its own start on."""
        return {
            **self._begun(row.id),
            "provenance": begun(model, self._stated(draft)),
            **{name: getattr(row, name) for name in names},
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }

    # ── what is changed ──

    async def _change(self, draft: RowDraft, changed: Changed) -> None:
        record = changed.record
        if isinstance(record, Someone):
            if record.stored is not None:
                await self._change_person(draft, record.stored, changed.columns)
        elif isinstance(record, Home):
            if record.stored is not None:
                await self._change_home(draft, record.stored, changed.columns)
        elif changed.home is not None:
            await self._change_tenure(draft, record, changed.columns, changed.home)

    async def _change_person(self, draft: RowDraft, person: Person, columns: Mapping[str, Any]) -> None:
        told = told_of(person, columns)
        before = {name: decrypted_or_plain(getattr(person, name)) for name in columns}
        values = {**encrypted_columns(person.id, columns)}
        before["provenance"] = person.provenance
        values |= {
            "provenance": corrected(person, columns, self._stated(draft)),
            "version": person.version + 1,
            "updated_at": self._now,
        }
        if not await update_row(Person.filter(version=person.version), person.id, **values):
            raise ChangedMeanwhileError
        person.update_from_dict(values)
        self._tell(PERSON_UPDATED, PERSON, person.id, told, place_of(person))
        self._note(draft, Person, person.id, version=person.version, person_id=person.id, before=before)

    async def _change_home(self, draft: RowDraft, home: Premises, columns: Mapping[str, Any]) -> None:
        told_before = premises.told_values(home, columns)
        before = {name: decrypted_or_plain(getattr(home, name)) for name in columns} | {"provenance": home.provenance}
        await write_changed(home, self._stated(draft), **premises.kept_columns(home.id, columns))
        told = premises.told_of(home, told_before, columns)
        self._tell(PREMISES_UPDATED, PREMISES, home.id, told, home.org_id)
        self._note(draft, Premises, home.id, version=home.version, before=before)

    async def _change_tenure(self, draft: RowDraft, tenure: Tenure, columns: Mapping[str, Any], home: Home) -> None:
        told_before = tenures.told_values(tenure, columns)
        before = {name: getattr(tenure, name) for name in columns} | {"provenance": tenure.provenance}
        await write_changed(tenure, self._stated(draft), **columns)
        self._tell(TENURE_UPDATED, TENURE, tenure.id, tenures.told_of(tenure, told_before, columns), home.org_id)
        person_id = tenure.person_id
        self._note(draft, Tenure, tenure.id, version=tenure.version, person_id=person_id, before=before)


def _place(one: Someone) -> UUID | None:
    """Where it may be seen what happened to somebody."""
    values = one.values
    found: UUID | None = values["habitual_residence_id"] or values["registered_residence_id"] or values["employer_id"]
    return found


def decrypted_or_plain(value: Any) -> Any:
    """A column's value in plain."""
    return decrypted(value) if isinstance(value, Encrypted) else value


def _json(values: Mapping[str, Any]) -> str:
    return orjson.dumps({name: neutral(value) for name, value in values.items()}).decode()
