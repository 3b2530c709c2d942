"""The table."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from linli.core.graph.models import RESTRICT, OrgNode
from linli.core.records.classes import public
from linli.core.records.fields import Text
from linli.core.records.record import MutableRecord
from linli.core.records.visible import Visible


class Notice(MutableRecord):
    """Something that a community tells everybody. 公告。"""

    org: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    words = public(Text(1000))

    visible = Visible(public={}, vocabulary={"org__kind": "org_kind"})

    class Meta:
        table = "notices_notice"
        indexes = (Index(fields=("org_id", "created_at"), name="notices_notice_org"),)
