"""Which micro-grid answers for a home or a thing: one each. 责任微网格。

The documents want the whole territory cut into micro-grids, each with one officer (26 of them in one community), so
that no household is without; where a community has none, its grids stand in their place. What stands at an organisation
that was merged or split is answered for by the micro-grids of those that succeeded it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from tortoise.expressions import Q

from ..errors import FieldProblem, text
from ..graph.core_kinds import COMMUNITY, COMPOUND, COVERS, GRID, MICRO_GRID
from ..graph.models import OrgNode, OrgRelation
from ..graph.paths import ancestor_paths, subtree_range
from ..graph.queries import heirs_of, successors_of
from ..graph.spans import valid_now

PATH = "microGridId"


async def answering_for(place: OrgNode) -> UUID | None:
    """The micro-grid that covers the compound of a place, where that is exactly one; None where nobody can tell."""
    compound = next((one for one in await _above(place) if one.kind == COMPOUND), None)
    if compound is None:
        return None
    compound = (await heirs_of([compound]))[compound.id]
    covering = OrgRelation.filter(valid_now(), kind=COVERS, target_id=compound.id, source__valid_to=None)
    kinds = [MICRO_GRID] if await _has_micro_grids(place) else [GRID]
    found = {relation.source_id for relation in await covering.filter(source__kind__in=kinds)}
    return found.pop() if len(found) == 1 else None


async def micro_grid_problems(place: OrgNode, micro_grid: OrgNode) -> list[FieldProblem]:
    """Whether an organisation may answer for what stands at a place."""
    areas, has_micro_grids = await _areas(place), await _has_micro_grids(place)
    return list(grid_problems(areas, micro_grid, has_micro_grids=has_micro_grids))


def grid_problems(areas: Sequence[OrgNode], micro_grid: OrgNode, *, has_micro_grids: bool) -> Iterator[FieldProblem]:
    """What stands against an organisation that is to answer for what stands in one of these areas."""
    if micro_grid.kind == GRID and has_micro_grids:
        message = text("This community has micro-grids: one of them answers for it, not the grid")
        yield FieldProblem(PATH, "NOT_A_MICRO_GRID", message)
    elif micro_grid.kind not in (MICRO_GRID, GRID):
        message = text("{found} is no micro-grid", found=micro_grid.kind)
        yield FieldProblem(PATH, "NOT_A_MICRO_GRID", message)
    elif micro_grid.valid_to is not None:
        yield FieldProblem(PATH, "MICRO_GRID_ENDED", text("This micro-grid has ended"))
    elif not micro_grid.path.startswith(tuple(area.path for area in areas)):
        yield FieldProblem(PATH, "MICRO_GRID_ELSEWHERE", text("This micro-grid is not of the same community"))


async def _above(place: OrgNode) -> list[OrgNode]:
    """The place and what it stands under, the nearest first."""
    above = await OrgNode.filter(path__in=ancestor_paths(place.path)).order_by("-depth")
    return [place, *above]


async def _areas(place: OrgNode) -> list[OrgNode]:
    """The community of a place, or the place where it has none; what succeeded it, where that has ended."""
    area = next((one for one in await _above(place) if one.kind == COMMUNITY), place)
    return (await successors_of([area]))[area.id]


async def _has_micro_grids(place: OrgNode) -> bool:
    ranges = [subtree_range(area.path) for area in await _areas(place)]
    beneath = Q(*(Q(path__gte=low, path__lt=high) for low, high in ranges), join_type=Q.OR)
    return await OrgNode.filter(beneath, kind=MICRO_GRID, valid_to=None).exists()
