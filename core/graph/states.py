"""The states of nodes over time: what was valid is closed at an instant, what is valid now begins there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from ..records.record import new_id
from . import sql
from .models import OrgState

VALUES = ("parent_id", "code", "name", "attributes", "longitude", "latitude", "location_given")

_FROM_NODE = ", ".join(f"n.{column}" for column in VALUES)
_OPEN = (
    f"INSERT INTO core_org_state (id, node_id, {', '.join(VALUES)}, valid_from) "  # noqa: S608  names of ours
    f"SELECT $1::uuid, n.id, {_FROM_NODE}, $3::timestamptz FROM core_org_node AS n WHERE n.id = $2::uuid "
    "AND NOT EXISTS (SELECT 1 FROM core_org_state AS s WHERE s.node_id = n.id AND s.valid_to IS NULL)"
)
_CORRECT = (
    f"UPDATE core_org_state AS s SET {', '.join(f'{column} = n.{column}' for column in VALUES)} "  # noqa: S608
    "FROM core_org_node AS n WHERE n.id = s.node_id AND s.node_id = $1::uuid "
    "AND s.valid_to IS NULL AND s.valid_from >= $2::timestamptz"
)
_CLOSE = (
    "UPDATE core_org_state SET valid_to = $2::timestamptz WHERE node_id = $1::uuid AND valid_to IS NULL "
    "AND (valid_from IS NULL OR valid_from < $2::timestamptz)"
)
_END = (
    "UPDATE core_org_state SET valid_to = CASE WHEN valid_from > $2::timestamptz THEN valid_from "
    "ELSE $2::timestamptz END WHERE node_id = $1::uuid AND valid_to IS NULL"
)


async def change(node_ids: Collection[UUID], at: datetime) -> None:
    """Write what these nodes' rows say as their states from `at` on.

    A state that began at `at` (or after it, where the clock was set back) is corrected in place: spans never overlap
    and none is empty.
    """
    spans = [(node_id, at) for node_id in node_ids]
    await sql.execute_many(_CORRECT, spans)
    await sql.execute_many(_CLOSE, spans)
    await sql.execute_many(_OPEN, [(new_id(), node_id, at) for node_id in node_ids])


async def end(node_ids: Collection[UUID], at: datetime) -> None:
    """Close the last state of these nodes at `at`."""
    await sql.execute_many(_END, [(node_id, at) for node_id in node_ids])


async def since(node_id: UUID) -> datetime | None:
    """When the last state of a node began; None for since ever."""
    state = await OrgState.filter(node_id=node_id, valid_to=None).first()
    return state.valid_from if state else None
