"""The past: what was valid at an instant, from the states; subtrees by recursive statements with a bounded depth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import sql
from ..models import OrgNode, OrgState
from ..paths import DEEPEST
from ..spans import VALID_AT


@dataclass(frozen=True, slots=True)
class OrgAt:
    """An organisation as it was at an instant. 某一时点的组织。

    `id`, `kind`, `version`, `valid_from` and `valid_to` are the organisation's own; the rest is what its state said.
    """

    id: UUID
    kind: str
    code: str | None
    name: str
    parent_id: UUID | None
    attributes: dict[str, Any]
    longitude: int | None
    latitude: int | None
    location_given: dict[str, Any] | None
    valid_from: datetime | None
    valid_to: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


_OF_NODE = ("id", "kind", "valid_from", "valid_to", "version", "created_at", "updated_at")
_OF_STATE = ("parent_id", "code", "name", "attributes", "longitude", "latitude", "location_given")
_COLUMNS = ", ".join([*(f"n.{name}" for name in _OF_NODE), *(f"s.{name}" for name in _OF_STATE)])
_AT = "$2::timestamptz"
_VALID = VALID_AT.format(row="s", at=_AT)

_NODE = (
    f"SELECT {_COLUMNS} FROM core_org_state AS s JOIN core_org_node AS n ON n.id = s.node_id "  # noqa: S608
    f"WHERE s.node_id = $1::uuid AND {_VALID}"
)
_CHILDREN = (
    f"SELECT {_COLUMNS} FROM core_org_state AS s JOIN core_org_node AS n ON n.id = s.node_id "  # noqa: S608
    f"WHERE s.parent_id = $1::uuid AND {_VALID} ORDER BY s.code IS NULL, s.code, s.node_id"
)
_CODE = (
    f"SELECT {_COLUMNS} FROM core_org_node AS n JOIN core_org_state AS s ON n.id = s.node_id "  # noqa: S608
    f"WHERE s.code = $1::text AND {_VALID}"
)


def _recursive(join: str, order: str) -> str:
    return (
        "WITH RECURSIVE found(state_id, node_id, parent_id, distance) AS ("  # noqa: S608  names of ours
        f"SELECT s.id, s.node_id, s.parent_id, 0 FROM core_org_state AS s WHERE s.node_id = $1::uuid AND {_VALID} "
        "UNION ALL SELECT s.id, s.node_id, s.parent_id, found.distance + 1 "
        f"FROM found JOIN core_org_state AS s ON {join} WHERE found.distance < $3::int AND {_VALID}) "
        f"SELECT {_COLUMNS} FROM found JOIN core_org_state AS s ON s.id = found.state_id "
        f"JOIN core_org_node AS n ON n.id = s.node_id WHERE found.distance > 0 ORDER BY {order}"
    )


_ANCESTORS = _recursive("s.node_id = found.parent_id", "found.distance DESC")
_DESCENDANTS = _recursive("s.parent_id = found.node_id", "found.distance, s.code IS NULL, s.code, s.node_id")


async def node_as_of(node_id: UUID, instant: datetime) -> OrgAt | None:
    """The organisation at an instant; None when it was not valid then."""
    rows = await sql.fetch(_NODE, node_id, instant)
    return _org(rows[0]) if rows else None


async def org_by_code_as_of(code: str, kinds: Collection[str], instant: datetime) -> OrgAt | None:
    """The organisation of one of these kinds that had the code at an instant; of several the highest."""
    found = [org for row in await sql.fetch(_CODE, code, instant) if (org := _org(row)).kind in kinds]
    if len(found) <= 1:
        return found[0] if found else None
    depths = {org.id: await depth_as_of(org.id, instant) for org in found}
    return min(found, key=lambda org: (depths[org.id], org.id))


async def children_as_of(node_id: UUID, instant: datetime) -> list[OrgAt]:
    """What stood directly beneath at an instant, by code."""
    return [_org(row) for row in await sql.fetch(_CHILDREN, node_id, instant)]


async def ancestors_as_of(node_id: UUID, instant: datetime) -> list[OrgAt]:
    """What stood above at an instant, from the root down."""
    return [_org(row) for row in await sql.fetch(_ANCESTORS, node_id, instant, DEEPEST)]


async def descendants_as_of(node_id: UUID, instant: datetime, *, depth: int = DEEPEST) -> list[OrgAt]:
    """What stood beneath at an instant, at most `depth` levels down; level by level, by code."""
    return [_org(row) for row in await sql.fetch(_DESCENDANTS, node_id, instant, depth)]


async def depth_as_of(node_id: UUID, instant: datetime) -> int:
    """How many ancestors it had at an instant."""
    return len(await sql.fetch(_ANCESTORS, node_id, instant, DEEPEST))


def _org(row: Mapping[str, Any]) -> OrgAt:
    of_node, of_state = OrgNode._meta.fields_map, OrgState._meta.fields_map
    values = {name: of_node[name].to_python_value(row[name]) for name in _OF_NODE}
    values |= {name: of_state[name].to_python_value(row[name]) for name in _OF_STATE}
    return OrgAt(**values)
