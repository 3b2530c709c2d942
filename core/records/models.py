"""Tables that every district keeps about its changes: events with their payloads, and requests already carried out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from .classes import internal, public, sensitive
from .fields import Instant, LongText, Text
from .record import Record
from .visible import Visible


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

    visible = Visible(at={"org": "core.org.read"}, vocabulary={"type": "event_type"})

    class Meta:
        table = "core_event"
        indexes = (
            Index(fields=("subject_id", "sequence"), name="core_event_subject"),
            Index(fields=("type", "sequence"), name="core_event_type"),
        )


class EventPayload(Record):
    """The values of an event, apart from the chain so that they can be erased; `id` is the event's. 事件内容。

    `suite` names how `payload` is kept, PLAIN being canonical JSON as it is. An erased row stays, as a tombstone
    without salt and payload: with the salt the digest would still let short values be guessed.
    """

    salt = sensitive(Text(64, null=True))
    suite = public(Text(20))
    payload: str | None = sensitive(LongText(null=True))
    erased_at: datetime | None = public(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_event_payload"


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
    refusal: str | None = sensitive(LongText(null=True))
    created_at: datetime = internal(Instant())

    visible = Visible()

    class Meta:
        table = "core_request"
        unique_together = (("account_id", "key"),)
        indexes = (Index(fields=("created_at",), name="core_request_created"),)
