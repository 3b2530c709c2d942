"""Table of people who had been entered twice."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..records.classes import internal, personal, public, sensitive
from ..records.encrypted import Encrypted, EncryptedText
from ..records.fields import Instant, Json, Text
from ..records.record import MutableRecord
from ..records.visible import Visible
from .models import Person

REASON_LENGTH = 500
_MERGE = "core.person.merge"


class MergeState(StrEnum):
    """Where a merge stands. 合并状态。"""

    PROPOSED = "PROPOSED"  # 待确认
    MERGED = "MERGED"  # 已合并
    REFUSED = "REFUSED"  # 不予合并
    UNDONE = "UNDONE"  # 已撤销


class PersonMerge(MutableRecord):
    """That two people are one: proposed by somebody, confirmed by somebody else, and undone within 30 days. 人员合并。

    `taken` are the columns of which the merged row's values count from then on. `moved` are the references that were
    led to the kept person, `[{"plugin", "table", "column", "ids"}]`; `before` is what undoing gives back, as JSON.
    `org` is where it is decided; `proposed_by`, `decided_by` and `undone_by` are accounts.
    """

    kept: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    kept_id: UUID
    merged: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    merged_id: UUID
    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    state = internal(Text(12))
    taken: list[str] = internal(Json(default=list))
    reason = personal(Text(REASON_LENGTH, null=True))
    answer = personal(Text(REASON_LENGTH, null=True))
    moved: list[dict[str, Any]] = internal(Json(default=list))
    before: Encrypted | None = sensitive(EncryptedText(null=True))
    proposed_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_at: datetime | None = public(Instant(null=True))
    undone_by: UUID | None = internal(fields.UUIDField(null=True))
    undone_at: datetime | None = public(Instant(null=True))

    visible = Visible(at={"org": _MERGE}, everywhere=("core.audit.read",))

    class Meta:
        table = "core_person_merge"
        indexes = (
            Index(fields=("kept_id", "state"), name="core_person_merge_kept"),
            Index(fields=("merged_id", "state"), name="core_person_merge_merged"),
            Index(fields=("org_id", "state"), name="core_person_merge_org"),
        )
