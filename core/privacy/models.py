"""Tables of consents and of people's requests about their data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, personal, public
from ..records.encrypted import Encrypted, EncryptedText
from ..records.fields import Instant, Json, Text
from ..records.record import MutableRecord
from ..records.visible import Visible

EVIDENCE_LENGTH, DOCUMENT_LENGTH = 500, 200
_READ, _RECORD = "core.consent.read", "core.person.write"


class Consent(MutableRecord):
    """That a person's data may be used for a purpose, by consent or by law, until it is withdrawn. 同意记录。

    `channel` is how it was given, `evidence` what shows it; `document` names the law or paper where `basis` is
    STATUTORY_DUTY. `given_by` and `withdrawn_by` are accounts.
    """

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    purpose = internal(Text(100))
    basis = internal(Text(20))
    channel = internal(Text(10))
    evidence = personal(Text(EVIDENCE_LENGTH, null=True))
    document = internal(Text(DOCUMENT_LENGTH, null=True))
    given_at: datetime = public(Instant())
    given_by: UUID | None = internal(fields.UUIDField(null=True))
    withdrawn_at: datetime | None = public(Instant(null=True))
    withdrawn_by: UUID | None = internal(fields.UUIDField(null=True))
    withdrawn_evidence = personal(Text(EVIDENCE_LENGTH, null=True))

    visible = Visible(
        at={"person__registered_residence": _READ, "person__habitual_residence": _READ},
        also=(_RECORD,),
        persons=("person_id",),
        proxies="core.consent",
        everywhere=(_READ, _RECORD),
        vocabulary={"purpose": "purpose"},
    )

    class Meta:
        table = "core_consent"
        indexes = (Index(fields=("person_id", "purpose"), name="core_consent_person"),)


class PersonRequest(MutableRecord):
    """What somebody asks for about a person's data: to have it handed out, corrected or erased. 个人信息请求。

    `org` is where it is decided. `reason` is why it is asked for, `changes` what is to be corrected as JSON, `answer`
    what staff said; `outcome` tells what was erased and what is kept; `channel` is how it was asked for. `filed_by`
    and `decided_by` are accounts.
    """

    kind = internal(Text(20))
    state = internal(Text(20))
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    reason: Encrypted | None = personal(EncryptedText(null=True))
    changes: Encrypted | None = personal(EncryptedText(null=True))
    answer: Encrypted | None = personal(EncryptedText(null=True))
    outcome: dict[str, Any] = internal(Json(default=dict))
    channel = internal(Text(10, default="APP", db_default="APP"))
    filed_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_at: datetime | None = internal(Instant(null=True))

    visible = Visible(
        at={"org": "core.person_request.read"},
        persons=("person_id",),
        proxies="core.person_request",
        accounts=("filed_by",),
    )

    class Meta:
        table = "core_person_request"
        indexes = (
            Index(fields=("person_id", "kind"), name="core_person_request_person"),
            Index(fields=("org_id", "state"), name="core_person_request_org"),
        )
