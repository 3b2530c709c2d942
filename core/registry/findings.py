"""Where the rule of one officer per micro-grid is not kept, and what no micro-grid answers for. 微网格核查。

The three-level grid wants each micro-grid to have one officer, and each home to belong to one (微网格: 26 of them in
the community that the documents describe). That there are never two is kept by `people.officers`; that there is one,
and no more than one micro-grid each, nobody can be forced to, so that it is listed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

from .. import clock
from ..graph.beneath import within
from ..graph.core_kinds import GRID, MICRO_GRID
from ..graph.models import OrgNode
from ..graph.paths import subtree_range
from ..graph.queries import successions
from ..graph.spans import valid_now
from ..graph.successions import Successions
from ..people.models import Post
from ..people.officers import MICRO_GRID_OFFICER
from .models import Premises, Thing


@dataclass(frozen=True)
class Findings:
    """What was found beneath a place: ids of micro-grids without an officer, and of those of officers of several."""

    micro_grids: int
    without_officer: tuple[UUID, ...]
    of_several: dict[UUID, tuple[UUID, ...]]
    premises_without: int
    things_without: int


async def findings(path: str, things: Q) -> Findings:
    """The findings beneath a path, at this moment; `things` are those whose kind is known here."""
    low, high = subtree_range(path)
    at_grid = Q(kind=MICRO_GRID, path__gte=low, path__lt=high, valid_to=None)
    grids: Any = await OrgNode.filter(at_grid).order_by("code", "id").values_list("id", flat=True)
    held = Q(org__kind=MICRO_GRID, org__path__gte=low, org__path__lt=high, org__valid_to=None)
    posts: Any = await Post.filter(held, valid_now(), kind=MICRO_GRID_OFFICER).values_list("person_id", "org_id")
    officers: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, org_id in posts:
        officers[person_id].add(org_id)
    taken = {grid for grids_ in officers.values() for grid in grids_}
    order = {grid: place for place, grid in enumerate(grids)}
    several = {
        who: tuple(sorted(their, key=lambda grid: order.get(grid, len(order))))
        for who, their in officers.items()
        if len(their) > 1
    }
    without = tuple(grid for grid in grids if grid not in taken)
    known = await successions()
    lacking = Q(valid_now(), within("org", known.zones(path)), await _nobody_answers(known))
    return Findings(
        len(grids), without, several, await _count(Premises, lacking), await _count(Thing, Q(lacking, things))
    )


async def _nobody_answers(known: Successions) -> Q:
    """The rows that name no micro-grid, or one that has ended without a single successor."""
    ended = OrgNode.filter(kind__in=[MICRO_GRID, GRID], valid_to__lte=clock.now())
    ids: Any = await ended.values_list("id", flat=True)
    heirs = {id_: known.heir(id_) for id_ in ids}
    left = [id_ for id_, heir in heirs.items() if heir is None or heir in heirs]
    return Q(Q(micro_grid_id=None), Q(micro_grid_id__in=left), join_type=Q.OR) if left else Q(micro_grid_id=None)


async def _count(model: type[Model], rows: Q) -> int:
    return await model.filter(rows).count()
