"""How the outlines of a district will fit together once an import is written."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from ... import clock
from ..core_kinds import GRID, MICRO_GRID
from ..models import ADMINISTRATIVE, OrgNode
from ..outlines.fit import misfits
from ..outlines.shapes import Shape, unpacked
from ..points import UNITS_PER_DEGREE
from ..queries import boundaries_at
from .boundary_report import BoundaryReport, Fit
from .report import Progress, Stage

TILING = frozenset({*ADMINISTRATIVE, GRID, MICRO_GRID})
"""Kinds that divide their parent without a rest: divisions and grids; compounds and units stand in a community."""


async def look_at_fits(drawn: Mapping[UUID, Shape | None], report: BoundaryReport, progress: Progress) -> None:
    """Tell how the drawn outlines will fit their siblings and parents, and those beneath them fit into them."""
    named = await OrgNode.filter(id__in=list(drawn))
    parents = {node.parent_id for node in named if node.parent_id is not None} | set(drawn)
    groups = await _groups(parents)
    wanted = {id_ for parent, children in groups for id_ in (parent.id, *(child.id for child in children))}
    shapes = await _shapes(wanted, drawn)
    for done, (parent, children) in enumerate(groups, start=1):
        await _look_at(parent, children, shapes, report)
        progress(Stage.CHECKING, done, len(groups))
    report.fits.sort(key=lambda fit: -fit.area)


async def _groups(parents: Collection[UUID]) -> list[tuple[OrgNode, list[OrgNode]]]:
    """Each parent with its valid children, once for each kind of them."""
    known = {node.id: node for node in await OrgNode.filter(id__in=list(parents))}
    found: dict[tuple[UUID, str], list[OrgNode]] = defaultdict(list)
    for child in await OrgNode.filter(parent_id__in=list(parents), valid_to=None).order_by("code", "id"):
        assert child.parent_id is not None, "it was found by its parent"
        found[child.parent_id, child.kind].append(child)
    return [(known[parent_id], children) for (parent_id, _), children in found.items()]


async def _shapes(wanted: Collection[UUID], drawn: Mapping[UUID, Shape | None]) -> dict[UUID, Shape]:
    """The outlines as they will be."""
    kept = await boundaries_at([id_ for id_ in wanted if id_ not in drawn], clock.now())
    shapes = {id_: unpacked(row.shape) for id_, row in kept.items()}
    return shapes | {id_: shape for id_, shape in drawn.items() if shape is not None}


async def _look_at(
    parent: OrgNode, children: Sequence[OrgNode], shapes: Mapping[UUID, Shape], report: BoundaryReport
) -> None:
    outlined = [child for child in children if child.id in shapes]
    if not outlined:
        return
    tiling = outlined[0].kind in TILING
    if tiling and parent.id in shapes and len(outlined) < len(children):
        tiling = False
        report.unchecked += 1
    around = shapes.get(parent.id)
    inner = [shapes[child.id] for child in outlined]
    for it in await asyncio.to_thread(misfits, around, inner, tiling=tiling):
        places = tuple(_label(outlined[number]) for number in it.children)
        lon, lat = it.x / UNITS_PER_DEGREE, it.y / UNITS_PER_DEGREE
        report.fits.append(Fit(it.misfit, outlined[0].kind, _label(parent), places, it.area, lon, lat))


def _label(node: OrgNode) -> str:
    return node.code or node.name
