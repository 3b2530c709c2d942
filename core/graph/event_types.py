"""What happens to organisations, as events. 组织事件。"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

ORG = "OrgNode"
RELATION = "OrgRelation"


class OrgValues(BaseModel):
    """The values of an organisation that an update changes; coordinates are integers of 1e-7 degree in CGCS2000."""

    name: Public[str | None] = None
    code: Public[str | None] = None
    attributes: Internal[dict[str, Any] | None] = None
    longitude: Public[int | None] = None
    latitude: Public[int | None] = None


class OrgCreatedPayload(BaseModel):
    """A new organisation; `valid_from` None means since ever."""

    kind: Public[str]
    parent_id: Public[UUID | None]
    valid_from: Public[datetime | None]
    values: OrgValues


class OrgUpdatedPayload(BaseModel):
    """An organisation's values before and after; only those named in `changed` are given."""

    kind: Public[str]
    changed: Public[list[str]]
    before: OrgValues
    after: OrgValues


class OrgMovedPayload(BaseModel):
    """An organisation's parent before and after."""

    kind: Public[str]
    from_parent_id: Public[UUID | None]
    to_parent_id: Public[UUID | None]


class OrgEndedPayload(BaseModel):
    """The instant from which the organisation is no longer valid."""

    kind: Public[str]
    valid_to: Public[datetime]


class OrgBoundaryPayload(BaseModel):
    """The instant from which an organisation has an outline, None for since ever; its corners, its area in square
    metres and its box in integers of 1e-7 degree, west, south, east, north; all empty where it has none any more."""

    kind: Public[str]
    valid_from: Public[datetime | None]
    positions: Public[int]
    area: Public[int | None]
    box: Public[list[int]]


class RelationPayload(BaseModel):
    """A relation between two organisations and its time."""

    kind: Public[str]
    source_id: Public[UUID]
    target_id: Public[UUID]
    valid_from: Public[datetime | None]
    valid_to: Public[datetime | None]
    attributes: Internal[dict[str, Any]]


class SuccessionRecords(BaseModel):
    """How many records of a kind hung on what was merged or split, and what became of them."""

    plugin: Public[str]
    what: Public[str]
    fate: Public[str]
    count: Internal[int]


class SuccessionPayload(BaseModel):
    """A merge of several organisations into one, or a split of one: since when, of what, into what.

    `heir_id` is the successor that takes what names no part, `moved_ids` are the organisations that stood beneath.
    """

    at: Public[datetime]
    source_ids: Public[list[UUID]]
    target_ids: Public[list[UUID]]
    heir_id: Public[UUID | None]
    moved_ids: Public[list[UUID]]
    records: list[SuccessionRecords]


class OrgsImportedPayload(BaseModel):
    """How many organisations an import added and changed; `scope` is the code beneath which missing ones ended."""

    rows: Public[int]
    added: Public[int]
    renamed: Public[int]
    moved: Public[int]
    located: Public[int]
    gone: Public[int]
    scope: Public[str | None]


ORG_CREATED = EventType("core.org_created", 1, OrgCreatedPayload, "An organisation was created. 组织新建。")
ORG_UPDATED = EventType(
    "core.org_updated",
    1,
    OrgUpdatedPayload,
    "An organisation's name, code, attributes or location changed. 组织信息变更。",
)
ORG_MOVED = EventType("core.org_moved", 1, OrgMovedPayload, "An organisation was put under another parent. 组织划转。")
ORG_ENDED = EventType("core.org_ended", 1, OrgEndedPayload, "An organisation ceased to be valid. 组织终止。")
ORG_BOUNDARY_SET = EventType(
    "core.org_boundary_set",
    1,
    OrgBoundaryPayload,
    "The outline of an organisation's place was drawn or taken away. 组织范围变更。",
)
RELATION_CREATED = EventType(
    "core.relation_created", 1, RelationPayload, "A relation between organisations was made. 组织关系建立。"
)
RELATION_ENDED = EventType(
    "core.relation_ended", 1, RelationPayload, "A relation between organisations was given an end. 组织关系终止。"
)
ORGS_IMPORTED = EventType(
    "core.orgs_imported", 1, OrgsImportedPayload, "A file of organisations was imported, as one change. 批量导入组织。"
)
ORGS_MERGED = EventType("core.orgs_merged", 1, SuccessionPayload, "Organisations were merged into one. 组织合并。")
ORG_SPLIT = EventType("core.org_split", 1, SuccessionPayload, "An organisation was split into several. 组织拆分。")

EVENT_TYPES = (
    ORG_CREATED,
    ORG_UPDATED,
    ORG_MOVED,
    ORG_ENDED,
    ORG_BOUNDARY_SET,
    RELATION_CREATED,
    RELATION_ENDED,
    ORGS_IMPORTED,
    ORGS_MERGED,
    ORG_SPLIT,
)
"""All of them, for the catalogue."""
