"""Tables of the inbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT
from ..people.models import Person
from ..records.classes import internal, personal, public
from ..records.encrypted import Encrypted, EncryptedText
from ..records.fields import Instant, Text
from ..records.record import MutableRecord
from ..records.visible import Visible

KIND_LENGTH, CHANNEL_LENGTH = 100, 40


class Notification(MutableRecord):
    """Something that a person is told, of a kind that says its words; the place is `org_id`. 消息。

    `params` are the values in its words as JSON. It is the person's alone, and the guardian's: no permission shows it.
    """

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    kind = internal(Text(KIND_LENGTH))
    subject_type = internal(Text(60))
    subject_id: UUID = internal(fields.UUIDField())
    org_id: UUID | None = internal(fields.UUIDField(null=True))
    params: Encrypted | None = personal(EncryptedText(null=True))
    needs_ack = public(fields.BooleanField())
    read_at: datetime | None = internal(Instant(null=True))
    acknowledged_at: datetime | None = internal(Instant(null=True))
    acknowledged_by: UUID | None = internal(fields.UUIDField(null=True))

    visible = Visible(persons=("person_id",), vocabulary={"kind": "notice_kind"})

    class Meta:
        table = "core_notification"
        indexes = (
            Index(fields=("person_id", "created_at", "id"), name="core_notification_person"),
            Index(fields=("person_id", "read_at"), name="core_notification_unread"),
            Index(fields=("needs_ack", "created_at"), name="core_notification_kept"),
        )


class ChannelChoice(MutableRecord):
    """Whether a person wants to be told by a channel too: not while `off_at` says since when. 通知渠道选择。

    A person who was entered twice may have two rows of one channel: one that is off counts.
    """

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    channel = internal(Text(CHANNEL_LENGTH))
    off_at: datetime | None = internal(Instant(null=True))

    visible = Visible(persons=("person_id",))

    class Meta:
        table = "core_channel_choice"
        indexes = (Index(fields=("person_id", "channel"), name="core_channel_choice_person"),)
