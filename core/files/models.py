"""The table of files."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..access.models import Account
from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, personal, public, sensitive
from ..records.encrypted import Encrypted, EncryptedText
from ..records.fields import Instant, Text
from ..records.record import MutableRecord
from ..records.visible import Visible


class File(MutableRecord):
    """A file that was uploaded: what is known of it, and the key to its content. 文件。

    `sha256` is of what is kept, `given_sha256` of what came: images are made anew. `secret`, base64, is what the
    content's key is made from; without it the content cannot be read, wherever a copy of it is. A PENDING file is its
    account's until `expires_at`; an ATTACHED one belongs to the record `subject_id` of `subject_table`, tells of
    `person` where it tells of one, and stands at `org`. `lapsed_at` is when its record ended.
    """

    name: Encrypted | None = personal(EncryptedText(null=True))
    size: int = public(fields.IntField())
    media_type = public(Text(100))
    purpose = public(Text(100))
    field_class = public(Text(10))
    state = public(Text(10))
    sha256: Encrypted | None = personal(EncryptedText(null=True))
    given_sha256: Encrypted | None = personal(EncryptedText(null=True))
    secret: Encrypted | None = sensitive(EncryptedText(null=True))
    cipher = internal(Text(20))
    storage = internal(Text(20))
    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    person: fields.ForeignKeyNullableRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", null=True, on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID | None
    org: fields.ForeignKeyNullableRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID | None
    subject_table = internal(Text(60, null=True))
    subject_id: UUID | None = internal(fields.UUIDField(null=True))
    position: int = internal(fields.IntField(default=0))
    expires_at: datetime | None = public(Instant(null=True))
    attached_at: datetime | None = public(Instant(null=True))
    lapsed_at: datetime | None = internal(Instant(null=True))

    visible = Visible(
        accounts=("account_id",),
        owned_while={"state": ("PENDING",)},
        subject="subject_id",
        vocabulary={"purpose": "file_purpose"},
    )

    class Meta:
        table = "core_file"
        indexes = (
            Index(fields=("subject_id", "purpose"), name="core_file_subject"),
            Index(fields=("account_id", "state"), name="core_file_account"),
            Index(fields=("person_id",), name="core_file_person"),
            Index(fields=("state", "updated_at"), name="core_file_state"),
        )
