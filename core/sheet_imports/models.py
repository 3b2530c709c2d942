"""Tables of imports of sheets: what was brought in, what was found in it, and what it wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, personal, public, sensitive
from ..records.encrypted import BlindIndex, Encrypted, EncryptedText
from ..records.fields import Instant, Json, Text
from ..records.record import MutableRecord, Record
from ..records.visible import Visible

IMPORT = "core.registry.import"
_AUDIT = "core.audit.read"


class SheetImport(MutableRecord):
    """A sheet that somebody brings in at an organisation: looked at, applied, undone. 表格导入。

    `name` is the file's; `sha256_index` finds the same content again. `columns` are those of the sheet as they were
    recognised, `mapping` what the importer said of them. Of `total` rows `done` are looked at or written, up to the
    row `last_row` as spreadsheets count; `undone` of the records written are taken back. `failure` is a stable code.
    """

    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    kind = internal(Text(12))
    state = internal(Text(12))
    name: Encrypted | None = personal(EncryptedText(null=True))
    sha256: Encrypted | None = personal(EncryptedText(null=True))
    sha256_index = internal(BlindIndex())
    sheet = internal(Text(200, null=True))
    mapping: dict[str, Any] = internal(Json(default=dict))
    columns: list[dict[str, Any]] = internal(Json(default=list))
    update_differing = internal(fields.BooleanField(default=False))
    create_places = internal(fields.BooleanField(default=False))
    total: int | None = internal(fields.IntField(null=True))
    done: int = internal(fields.IntField(default=0))
    last_row: int = internal(fields.IntField(default=0))
    created: int = internal(fields.IntField(default=0))
    changed: int = internal(fields.IntField(default=0))
    unchanged: int = internal(fields.IntField(default=0))
    refused: int = internal(fields.IntField(default=0))
    found: int = internal(fields.IntField(default=0))
    undone: int = internal(fields.IntField(default=0))
    left: int = internal(fields.IntField(default=0))
    failure = internal(Text(60, null=True))
    account_id: UUID | None = internal(fields.UUIDField(null=True))
    applied_by: UUID | None = internal(fields.UUIDField(null=True))
    applied_at: datetime | None = public(Instant(null=True))
    undone_at: datetime | None = public(Instant(null=True))

    visible = Visible(at={"org": IMPORT}, everywhere=(_AUDIT,))

    class Meta:
        table = "core_sheet_import"
        indexes = (
            Index(fields=("org_id", "state"), name="core_sheet_import_org"),
            Index(fields=("sha256_index",), name="core_sheet_import_sha256"),
            Index(fields=("state",), name="core_sheet_import_state"),
        )


class SheetFinding(Record):
    """What was found in a row or a cell of a sheet: a code, and in words that name nobody. 表格问题。

    `message` is JSON, a template with its parameters, and translated when it is shown.
    """

    sheet_import: fields.ForeignKeyRelation[SheetImport] = internal(
        fields.ForeignKeyField("core.SheetImport", on_delete=RESTRICT, related_name=False)
    )
    sheet_import_id: UUID
    position: int = internal(fields.IntField())
    row: int = internal(fields.IntField())
    column: int | None = internal(fields.IntField(null=True))
    field = internal(Text(40, null=True))
    level = internal(Text(10))
    code = internal(Text(60))
    message: Encrypted | None = sensitive(EncryptedText(null=True))
    created_at: datetime = public(Instant())

    visible = Visible(at={"sheet_import__org": IMPORT})

    class Meta:
        table = "core_sheet_finding"
        indexes = (Index(fields=("sheet_import_id", "position"), name="core_sheet_finding_import"),)


class SheetEntry(Record):
    """A record that an import wrote, for undoing: its version since, and what a changed one said before. 写入记录。"""

    sheet_import: fields.ForeignKeyRelation[SheetImport] = internal(
        fields.ForeignKeyField("core.SheetImport", on_delete=RESTRICT, related_name=False)
    )
    sheet_import_id: UUID
    position: int = internal(fields.BigIntField())
    row: int = internal(fields.IntField())
    subject_table = internal(Text(60))
    subject_id: UUID = internal(fields.UUIDField())
    action = internal(Text(8))
    version: int = internal(fields.IntField())
    before: Encrypted | None = sensitive(EncryptedText(null=True))
    person: fields.ForeignKeyNullableRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", null=True, on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID | None
    created_at: datetime = public(Instant())

    visible = Visible()

    class Meta:
        table = "core_sheet_entry"
        indexes = (
            Index(fields=("sheet_import_id", "position"), name="core_sheet_entry_import"),
            Index(fields=("person_id",), name="core_sheet_entry_person"),
        )


class SheetMention(Record):
    """That a sheet speaks of somebody, so that an erasure finds it: a blind index of who. 表格所涉人员。

    Written when a sheet is looked at, also of people whom nobody has entered yet; see `mentions`.
    """

    sheet_import: fields.ForeignKeyRelation[SheetImport] = internal(
        fields.ForeignKeyField("core.SheetImport", on_delete=RESTRICT, related_name=False)
    )
    sheet_import_id: UUID
    who = internal(BlindIndex())
    created_at: datetime = public(Instant())

    visible = Visible()

    class Meta:
        table = "core_sheet_mention"
        indexes = (
            Index(fields=("who",), name="core_sheet_mention_who"),
            Index(fields=("sheet_import_id",), name="core_sheet_mention_import"),
        )
