"""Places on the map: the outline of an organisation at an instant, and which outlines lie around a point."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import sql
from ..models import OrgBoundary
from ..outlines.cells import LEVELS, cells_at
from ..outlines.shapes import unpacked
from ..spans import VALID_AT, valid_at

_AT = "$3::timestamptz"
_PLACES = ", ".join(f"${number}::bigint" for number in range(4, 4 + len(LEVELS)))
_AROUND = (
    "SELECT n.id, n.kind, n.depth, b.area, b.shape FROM core_org_boundary_cell AS c "  # noqa: S608  names of ours
    "JOIN core_org_boundary AS b ON b.id = c.boundary_id JOIN core_org_node AS n ON n.id = b.node_id "
    f"WHERE c.cell IN ({_PLACES}) AND b.west <= $1::bigint AND b.east >= $1::bigint "
    "AND b.south <= $2::bigint AND b.north >= $2::bigint "
    f"AND {VALID_AT.format(row='b', at=_AT)} AND {VALID_AT.format(row='n', at=_AT)}"
)


async def nodes_around(x: int, y: int, instant: datetime, *, kind: str | None = None) -> list[UUID]:
    """The organisations, valid at an instant, whose outline then contains a point: the deepest first, of those on one
    level the one with the smaller area. `x`, `y` are integers of 1e-7 degree in CGCS2000; with a `kind` only of it."""
    rows = await sql.fetch(_AROUND, x, y, instant, *cells_at(x, y))
    found = [row for row in rows if kind in (None, row["kind"]) and unpacked(row["shape"]).contains(x, y)]
    return [_uuid(row["id"]) for row in sorted(found, key=_innermost)]


def _innermost(row: Any) -> tuple[int, int, str]:
    return -row["depth"], row["area"], str(row["id"])


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


async def boundaries_at(node_ids: Collection[UUID], instant: datetime) -> dict[UUID, OrgBoundary]:
    """The outlines that these organisations had at an instant."""
    return {row.node_id: row for row in await OrgBoundary.filter(valid_at(instant), node_id__in=list(node_ids))}
