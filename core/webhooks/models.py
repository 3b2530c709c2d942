"""The table of webhooks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..records.classes import internal, public
from ..records.encrypted import Encrypted, EncryptedText
from ..records.fields import Instant, Json, Text
from ..records.record import MutableRecord
from ..records.visible import Visible

MANAGE = "core.webhook.manage"
ADDRESS_LENGTH = 500


class Webhook(MutableRecord):
    """An address that is told of events of some types at an organisation and beneath. 网络钩子。

    `told_to` is the sequence of the last event that was looked at for it; null until the event of its making is sealed,
    after which it begins. While `previous_until` has not come, what is
    sent is signed with the secret before as well. `ended_at` is for good.
    """

    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    url = internal(Text(ADDRESS_LENGTH))
    types: list[str] = internal(Json(default=list))
    secret: Encrypted = internal(EncryptedText())
    previous_secret: Encrypted | None = internal(EncryptedText(null=True))
    previous_until: datetime | None = internal(Instant(null=True))
    paused_at: datetime | None = public(Instant(null=True))
    ended_at: datetime | None = public(Instant(null=True))
    told_to: int | None = internal(fields.BigIntField(null=True))
    made_by: UUID | None = internal(fields.UUIDField(null=True))

    visible = Visible(at={"org": MANAGE})

    class Meta:
        table = "core_webhook"
        indexes = (
            Index(fields=("org_id",), name="core_webhook_org"),
            Index(fields=("ended_at",), name="core_webhook_ended"),
        )
