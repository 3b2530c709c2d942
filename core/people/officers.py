"""One officer for each micro-grid: whoever is responsible for some households is one person. 微网格员。

The three-level grid of the documents gives each of a community's micro-grids (26 in one of them) one officer, who is
known by name to its households. Two at once is refused; a micro-grid without any is listed (`registry.findings`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from ..errors import RejectedError, text
from ..graph.core_kinds import MICRO_GRID
from ..graph.models import OrgNode
from .models import Post

MICRO_GRID_OFFICER = "MICRO_GRID_OFFICER"


async def check_only_officer(org_id: UUID, kind: str, start: datetime | None, end: datetime | None) -> None:
    """Raise RejectedError MICRO_GRID_HAS_OFFICER where the micro-grid has an officer during a part of this time.

    The micro-grid's row is kept from others until the unit of work ends, so that two clients at once are one.
    """
    if kind != MICRO_GRID_OFFICER:
        return
    node = await OrgNode.filter(id=org_id).select_for_update(no_key=True).get()
    if node.kind == MICRO_GRID and await Post.filter(_during(start, end), org_id=org_id, kind=kind).exists():
        told = text("This micro-grid has an officer already during this time: end that post first")
        raise RejectedError(told, code="MICRO_GRID_HAS_OFFICER", path=("orgId",))


def _during(start: datetime | None, end: datetime | None) -> Q:
    found = Q()
    if end is not None:
        found &= Q(valid_from=None) | Q(valid_from__lt=end)
    if start is not None:
        found &= Q(valid_to=None) | Q(valid_to__gt=start)
    return found
