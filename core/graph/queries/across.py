"""Across the tree: who is reached over relations, in either direction, within a bounded number of steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ... import clock
from ...errors import invalid
from .. import sql
from ..models import OrgRelation
from ..spans import VALID_AT

FARTHEST = 10

_OTHER = "CASE WHEN r.source_id = reach.node_id THEN r.target_id ELSE r.source_id END"


def _reach(kinds: int) -> str:
    """`reach(node_id, distance)`; UNION drops what was reached at the same distance, so it ends in any graph."""
    return (
        "WITH RECURSIVE reach(node_id, distance) AS ("  # noqa: S608  names of ours
        "SELECT n.id, 0 FROM core_org_node AS n WHERE n.id = $1::uuid "
        f"UNION SELECT n.id, reach.distance + 1 FROM reach "
        "JOIN core_org_relation AS r ON (r.source_id = reach.node_id OR r.target_id = reach.node_id) "
        f"JOIN core_org_node AS n ON n.id = {_OTHER} "
        f"WHERE reach.distance < $3::int AND {_relation(kinds)} AND {VALID_AT.format(row='n', at=_AT)}), "
        "nearest(node_id, distance) AS (SELECT node_id, min(distance) FROM reach GROUP BY node_id) "
    )


_AT = "$2::timestamptz"
_FIRST_KIND = 5


def _relation(kinds: int) -> str:
    places = ", ".join(f"${place}::text" for place in range(_FIRST_KIND, _FIRST_KIND + kinds))
    return f"r.kind IN ({places}) AND {VALID_AT.format(row='r', at=_AT)}"


_NEIGHBOURHOOD = "SELECT node_id, distance FROM nearest WHERE node_id <> $4::uuid ORDER BY distance, node_id"


def _steps(kinds: int) -> str:
    """Every relation that leads one step nearer, up to the distance of the target."""
    return (
        "SELECT r.id, r.source_id, r.target_id, a.distance AS from_distance, b.distance AS to_distance "  # noqa: S608
        "FROM core_org_relation AS r JOIN nearest AS a ON a.node_id = r.source_id "
        "JOIN nearest AS b ON b.node_id = r.target_id JOIN nearest AS goal ON goal.node_id = $4::uuid "
        "WHERE abs(a.distance - b.distance) = 1 AND a.distance <= goal.distance AND b.distance <= goal.distance "
        f"AND {_relation(kinds)} ORDER BY r.id"
    )


async def neighbourhood(
    node_id: UUID, kinds: Collection[str], *, depth: int = 1, instant: datetime | None = None
) -> dict[UUID, int]:
    """The organisations within `depth` relations of these kinds and their distances, nearest first.

    Only relations and organisations count that are valid at `instant`, now when it is not given. Raises
    ValidationError for a depth outside 1 to FARTHEST.
    """
    _check(depth)
    if not kinds:
        return {}
    at = instant or clock.now()
    rows = await sql.fetch(_reach(len(kinds)) + _NEIGHBOURHOOD, node_id, at, depth, node_id, *kinds)
    return {_id(row["node_id"]): int(row["distance"]) for row in rows}


async def path_between(
    source_id: UUID,
    target_id: UUID,
    kinds: Collection[str],
    *,
    depth: int = FARTHEST,
    instant: datetime | None = None,
) -> list[OrgRelation] | None:
    """The relations of a shortest way from one organisation to another; None where there is none within `depth`.

    They are followed in either direction; of several shortest ways it is always the same one.
    """
    _check(depth)
    if source_id == target_id:
        return []
    if not kinds:
        return None
    at = instant or clock.now()
    rows = await sql.fetch(_reach(len(kinds)) + _steps(len(kinds)), source_id, at, depth, target_id, *kinds)
    way = _way_back(rows, source_id, target_id)
    found = {relation.id: relation for relation in await OrgRelation.filter(id__in=way)}
    return [found[step] for step in way] or None


def _way_back(rows: Sequence[Mapping[str, Any]], source_id: UUID, target_id: UUID) -> list[UUID]:
    nearer: dict[UUID, tuple[UUID, UUID]] = {}
    for row in rows:
        ends = _id(row["source_id"]), _id(row["target_id"])
        near, far = ends if row["from_distance"] < row["to_distance"] else ends[::-1]
        nearer.setdefault(far, (near, _id(row["id"])))
    way: list[UUID] = []
    here = target_id
    while here != source_id:
        if here not in nearer:
            return []
        here, step = nearer[here]
        way.append(step)
    return way[::-1]


def _check(depth: int) -> None:
    if not 1 <= depth <= FARTHEST:
        raise invalid("depth", "OUT_OF_RANGE", "{found} is out of range: 1 to {allowed}", found=depth, allowed=FARTHEST)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
