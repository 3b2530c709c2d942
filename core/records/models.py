"""Tables that every district keeps about its changes: events with their payloads, and requests already carried out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from .classes import internal, public, sensitive
from .encrypted import Encrypted, EncryptedText
from .fields import Instant, LongText, Text
from .record import Record
from .visible import Reserved, Visible

AUDIT = "core.audit.read"
AUDIT_TYPES = (
    "core.revealed",
    "core.searched",
    "core.file_opened",
    "core.denied",
    "core.signed_in",
    "core.session_ended",
    "core.login_failed",
)
"""What concerns the users of Linli rather than what it keeps: for auditors, and in the history of one's own account."""


class Event(Record):
    """The envelope of a change: what happened to which record, by whom, when; never its values. 事件。

    `sequence` and `chain` are given by the sealer, in order of commit and without a gap; until then the event is
    unsealed and nobody reads it. `digest` binds the payload, `chain` the event before. `ordinal` counts the events
    of one transaction from 0; `arrival` tells the sealer in which order transactions wrote theirs: microseconds of
    the database server's clock, one value per transaction, null where events are sealed as they are written.
    """

    sequence: int | None = public(fields.BigIntField(null=True, unique=True))
    type = public(Text(100))
    schema_version: int = public(fields.IntField(default=1))
    subject_type = public(Text(60))
    subject_id: UUID = public(fields.UUIDField())
    org: fields.ForeignKeyNullableRelation[Model] = public(
        fields.ForeignKeyField(
            "core.OrgNode", null=True, on_delete=fields.OnDelete.RESTRICT, related_name=False, db_constraint=False
        )
    )
    org_id: UUID | None
    actor_id: UUID | None = internal(fields.UUIDField(null=True))
    at: datetime = public(Instant())
    transaction_id: UUID = public(fields.UUIDField())
    ordinal: int = public(fields.IntField())
    arrival: int | None = internal(fields.BigIntField(null=True))
    suite = public(Text(20))
    digest = public(Text(64))
    chain = public(Text(64, null=True))

    visible = Visible(
        at={"org": "core.org.read"},
        vocabulary={"type": "event_type"},
        everywhere=(AUDIT,),
        reserved=Reserved("type", AUDIT_TYPES, AUDIT),
    )

    class Meta:
        table = "core_event"
        indexes = (
            Index(fields=("subject_id", "sequence"), name="core_event_subject"),
            Index(fields=("type", "sequence"), name="core_event_type"),
        )


class KeyEpoch(Record):
    """A span in which values are encrypted under one key; `retired_at` once none of them is left. 密钥期。

    `identity` is random, the same in all epochs, and what keys are derived by, so that a district may get another name.
    `proof` tells a master key of the right name and another content from the right one.
    """

    number: int = internal(fields.IntField(unique=True))
    identity = internal(Text(36))
    master = internal(Text(16))
    suite = internal(Text(20))
    proof = internal(Text(64))
    created_at: datetime = internal(Instant())
    retired_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_key_epoch"


class EventPayload(Record):
    """The values of an event, apart from the chain so that they can be erased; `id` is the event's. 事件内容。

    `suite` is PLAIN where `payload` is the whole of it, as canonical JSON. Values about a person are taken out of it
    and stand in `secret`, encrypted in that suite under the key of `person_id` together with a salt of their own: with
    that salt their hash, which stands before them, would let short values be guessed. Erasing a person destroys the
    key and leaves the row as it is, so that the rest can still be verified (`commitments`); `erased_at` is never set.
    """

    salt = sensitive(Text(64, null=True))
    suite = public(Text(20))
    payload: str | None = sensitive(LongText(null=True))
    secret: str | None = sensitive(LongText(null=True))
    person_id: UUID | None = internal(fields.UUIDField(null=True))
    erased_at: datetime | None = public(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_event_payload"


class PersonKey(Record):
    """The key under which values about one person are kept in events; `id` is the person's. 个人密钥。

    `secret` is random, base64, and itself encrypted under the district's key; destroyed it is null, for ever.
    """

    secret: Encrypted | None = sensitive(EncryptedText(null=True))
    created_at: datetime = internal(Instant())
    destroyed_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_person_key"


class Request(Record):
    """A request already carried out, so that the same one acts once. 幂等请求。

    Keeps the outcome as type, id and version, or as the refusal, never the response; kept 7 days.
    """

    account_id: UUID = internal(fields.UUIDField())
    key = internal(Text(255))
    body_hash = internal(Text(64))
    outcome_type = internal(Text(60, null=True))
    outcome_id: UUID | None = internal(fields.UUIDField(null=True))
    outcome_version: int | None = internal(fields.IntField(null=True))
    error_code = internal(Text(60, null=True))
    refusal: Encrypted | None = sensitive(EncryptedText(null=True))
    created_at: datetime = internal(Instant())

    visible = Visible()

    class Meta:
        table = "core_request"
        unique_together = (("account_id", "key"),)
        indexes = (Index(fields=("created_at",), name="core_request_created"),)
