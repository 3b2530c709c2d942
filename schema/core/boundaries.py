"""Outlines in GraphQL: as GeoJSON of an organisation, and the organisation around a point."""

from __future__ import annotations

import asyncio
from datetime import datetime

from linli.core import clock
from linli.core.errors import invalid
from linli.core.graph import queries
from linli.core.graph.checks import settle
from linli.core.graph.models import OrgBoundary, OrgNode
from linli.core.graph.outlines import written
from linli.core.graph.outlines.shapes import unpacked
from linli.core.graph.points import SHIFTED, Crs, Point, point_problems, stored

from ..context import Context, Info
from ..scalars import GeoJSON
from .past import PastOrg, seen

MOST_POSITIONS = 200_000
"""Corners of outlines in one answer, some five megabytes."""


async def boundary_of(row: OrgNode | PastOrg, info: Info, crs: Crs | None = None) -> GeoJSON | None:
    """The outline of an organisation, to whom its place is shown; each operation answers MOST_POSITIONS."""
    context = info.context
    if not await context.shows(OrgNode, row, "longitude"):
        return None
    found = await context.loaders.outlines.load((row.id, row.at if isinstance(row, PastOrg) else _now(context)))
    if found is None:
        return None
    context.positions += found.positions
    if context.positions > MOST_POSITIONS:
        raise invalid("boundary", "TOO_MANY_POSITIONS", "At most {most} corners in one answer", most=MOST_POSITIONS)
    if crs in SHIFTED:  # which takes a moment for each corner
        return GeoJSON(await asyncio.to_thread(_geojson, found, crs))
    return GeoJSON(_geojson(found, crs))


def _geojson(found: OrgBoundary, crs: Crs | None) -> dict[str, object]:
    return written(unpacked(found.shape), crs or Crs.CGCS2000)


async def org_at(context: Context, point: Point, kind: str | None, as_of: datetime | None) -> OrgNode | PastOrg | None:
    """The deepest organisation around a point of those whose place the viewer sees; ValidationError for the point."""
    settle(point_problems(point, path="point"))
    x, y = stored(point)
    around = await queries.nodes_around(x, y, as_of or clock.now(), kind=None if kind is None else str(kind))
    shown = context.district.sight.condition(OrgNode, context.viewer, column="longitude")
    known = {node.id: node for node in await OrgNode.filter(shown, id__in=around)}
    found = next((known[id_] for id_ in around if id_ in known), None)
    if found is None or as_of is None:
        return found
    then = await queries.node_as_of(found.id, as_of)
    return next(iter(await seen(context, [] if then is None else [then], as_of)), None)


def _now(context: Context) -> datetime:
    """One instant for all that an operation asks of the present."""
    if context.instant is None:
        context.instant = clock.now()
    return context.instant
