"""Table of what people are to each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT
from ..records.classes import internal, personal, public
from ..records.fields import Instant, Text
from ..records.record import MutableRecord
from ..records.visible import Visible
from .models import Person

EVIDENCE_LENGTH, SCOPE_LENGTH = 500, 500
_READ, _WRITE, _CONFIRM = "core.person_relation.read", "core.person_relation.write", "core.person_relation.confirm"


class PersonRelation(MutableRecord):
    """What `relative` is to `person`: the guardian, next of kin or proxy. One row, read from both ends. 人员关系。

    `basis` tells why somebody has a guardian; `scope` are the areas, parted by spaces, in which a proxy acts.
    `claimed_by`, `decided_by` and `ended_by` are accounts; `claim_evidence` is what was shown by whoever claims it,
    `decision_evidence` what whoever confirmed or refused it went by.
    """

    kind = internal(Text(20))
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    relative: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    relative_id: UUID
    state = internal(Text(12))
    basis = internal(Text(12, null=True))
    scope = internal(Text(SCOPE_LENGTH, null=True))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))
    claimed_by: UUID | None = internal(fields.UUIDField(null=True))
    claim_evidence = personal(Text(EVIDENCE_LENGTH, null=True))
    decided_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_at: datetime | None = internal(Instant(null=True))
    decision_evidence = personal(Text(EVIDENCE_LENGTH, null=True))
    ended_by: UUID | None = internal(fields.UUIDField(null=True))
    ended_at: datetime | None = internal(Instant(null=True))

    visible = Visible(
        at={
            "person__registered_residence": _READ,
            "person__habitual_residence": _READ,
            "relative__habitual_residence": _READ,
        },
        also=(_WRITE, _CONFIRM),
        persons=("person_id", "relative_id"),
        everywhere=(_READ, _WRITE, _CONFIRM),
    )

    class Meta:
        table = "core_person_relation"
        indexes = (
            Index(fields=("person_id", "kind"), name="core_person_relation_person"),
            Index(fields=("relative_id", "kind"), name="core_person_relation_relative"),
        )
