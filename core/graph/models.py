"""Tables of the organisation graph: identity with the row valid now, its states over time, and relations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..records.classes import internal, public
from ..records.fields import Instant, Json, Text
from ..records.indexes import OrderIndex
from ..records.record import MutableRecord, Record
from ..records.visible import Visible

RESTRICT = fields.OnDelete.RESTRICT

ADMINISTRATIVE = ("PROVINCE", "CITY", "DISTRICT", "SUBDISTRICT", "COMMUNITY")


class OrgNode(MutableRecord):
    """An organisation's identity, together with what is valid of it now. 组织节点。

    Everything points here; `path` is the present ancestry, one segment per level, each ending in a slash. A node
    that has ended keeps its row; `valid_from` None means since ever, `valid_to` is exclusive. `name_key` (pinyin, then
    the name) and `name_initials` are what names are ordered and searched by.
    """

    kind = public(Text(40))
    code = public(Text(64, null=True))
    name = public(Text(200))
    name_key = public(Text(600))
    name_initials = public(Text(64, default=""))
    parent: fields.ForeignKeyNullableRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    parent_id: UUID | None
    path = public(Text(400, unique=True))
    depth: int = public(fields.IntField())
    attributes: dict[str, Any] = internal(Json(default=dict))
    longitude: int | None = public(fields.BigIntField(null=True))
    latitude: int | None = public(fields.BigIntField(null=True))
    location_given: dict[str, Any] | None = internal(Json(null=True))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"": "core.org.read"}, public={"kind": ADMINISTRATIVE}, vocabulary={"kind": "org_kind"})

    class Meta:
        table = "core_org_node"
        indexes = (
            Index(fields=("code", "kind"), name="core_org_node_code_kind"),
            Index(fields=("parent_id", "name_key", "id"), name="core_org_node_children"),
            Index(fields=("kind", "path"), name="core_org_node_kind_path"),
            Index(fields=("name_key", "id"), name="core_org_node_name"),
            Index(fields=("name_initials",), name="core_org_node_initials"),
            Index(fields=("name",), name="core_org_node_name_text"),
            OrderIndex(fields=("code", "id"), name="core_org_node_by_code"),
        )


class OrgState(Record):
    """What an organisation was called and where it stood during a span; spans of one node never overlap. 组织状态。"""

    node: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    node_id: UUID
    parent: fields.ForeignKeyNullableRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    parent_id: UUID | None
    code = public(Text(64, null=True))
    name = public(Text(200))
    attributes: dict[str, Any] = internal(Json(default=dict))
    longitude: int | None = public(fields.BigIntField(null=True))
    latitude: int | None = public(fields.BigIntField(null=True))
    location_given: dict[str, Any] | None = internal(Json(null=True))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"node": "core.org.read"}, public={"node__kind": ADMINISTRATIVE})

    class Meta:
        table = "core_org_state"
        indexes = (
            Index(fields=("node_id", "valid_from"), name="core_org_state_node"),
            Index(fields=("parent_id",), name="core_org_state_parent"),
            Index(fields=("code",), name="core_org_state_code"),
        )


class OrgBoundary(Record):
    """The outline of an organisation's place during a span; spans of one node never overlap. 组织边界。

    `shape` is packed (`outlines.shapes`), in CGCS2000; `west` to `north` are its box, integers of 1e-7 degree; `crs` is
    the datum in which it was given, `area` in square metres.
    """

    node: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    node_id: UUID
    shape: bytes = public(fields.BinaryField())
    west: int = public(fields.BigIntField())
    south: int = public(fields.BigIntField())
    east: int = public(fields.BigIntField())
    north: int = public(fields.BigIntField())
    positions: int = public(fields.IntField())
    area: int = public(fields.BigIntField())
    crs = public(Text(10))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"node": "core.org.read"}, public={"node__kind": ADMINISTRATIVE})

    class Meta:
        table = "core_org_boundary"
        indexes = (Index(fields=("node_id", "valid_from"), name="core_org_boundary_node"),)


class OrgBoundaryCell(Record):
    """A square of the grid under which an outline is found (`outlines.cells`). 边界索引格。"""

    boundary: fields.ForeignKeyRelation[OrgBoundary] = public(
        fields.ForeignKeyField("core.OrgBoundary", on_delete=RESTRICT, related_name=False)
    )
    boundary_id: UUID
    cell: int = public(fields.BigIntField())

    visible = Visible(at={"boundary__node": "core.org.read"}, public={"boundary__node__kind": ADMINISTRATIVE})

    class Meta:
        table = "core_org_boundary_cell"
        indexes = (
            Index(fields=("cell", "boundary_id"), name="core_org_boundary_cell_cell"),
            Index(fields=("boundary_id",), name="core_org_boundary_cell_of"),
        )


class OrgRelation(MutableRecord):
    """A typed, directed, dated relation between two organisations across the tree. 组织关系。"""

    kind = public(Text(40))
    source: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    source_id: UUID
    target: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    target_id: UUID
    attributes: dict[str, Any] = internal(Json(default=dict))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"source": "core.org.read", "target": "core.org.read"}, vocabulary={"kind": "relation_kind"})

    class Meta:
        table = "core_org_relation"
        indexes = (
            Index(fields=("source_id", "kind"), name="core_org_relation_source"),
            Index(fields=("target_id", "kind"), name="core_org_relation_target"),
            Index(fields=("kind", "target_id"), name="core_org_relation_kind"),
        )
