"""Table of what was done for somebody else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT
from ..people.models import Person
from ..records.classes import internal, personal, public
from ..records.fields import Instant, Text
from ..records.record import MutableRecord
from ..records.visible import Visible

EVIDENCE_LENGTH = 500


class ActedFor(MutableRecord):
    """What an account did for a person: what, as what, how it was asked for and what shows that. 代办记录。

    `action` is the mutation, `subject` the record that it made or changed. It tells the person, who sees it once and
    marks it seen: `seen_at`, `seen_by` is the account that did.
    """

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    account_id: UUID = internal(fields.UUIDField())
    capacity = internal(Text(12))
    action = internal(Text(60))
    subject_type = internal(Text(60))
    subject_id: UUID = internal(fields.UUIDField())
    channel = internal(Text(10))
    evidence_kind = internal(Text(20, null=True))
    evidence = personal(Text(EVIDENCE_LENGTH, null=True))
    at: datetime = public(Instant())
    seen_at: datetime | None = internal(Instant(null=True))
    seen_by: UUID | None = internal(fields.UUIDField(null=True))

    visible = Visible(persons=("person_id",), accounts=("account_id",), everywhere=("core.audit.read",))

    class Meta:
        table = "core_acted_for"
        indexes = (
            Index(fields=("person_id", "at"), name="core_acted_for_person"),
            Index(fields=("account_id",), name="core_acted_for_account"),
            Index(fields=("subject_id",), name="core_acted_for_subject"),
        )
