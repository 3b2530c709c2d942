"""Organisations as they were: the same type, answered from their states."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from linli.core.errors import invalid
from linli.core.graph import queries
from linli.core.graph.models import OrgNode

from ..declare.pages import Edge, PageInfo, Slice
from ..scalars import global_id, parse_global_id

if TYPE_CHECKING:
    from ..context import Context


@dataclass(frozen=True)
class PastOrg:
    """An organisation at an instant; its columns are those of `OrgNode`."""

    org: queries.OrgAt
    at: datetime

    def __getattr__(self, name: str) -> Any:
        return getattr(self.org, name)

    @property
    def id(self) -> UUID:
        return self.org.id

    @property
    def depth(self) -> Coroutine[Any, Any, int]:
        """How many levels beneath the root it stood; awaited when it is asked for."""
        return queries.depth_as_of(self.org.id, self.at)


async def seen(context: Context, found: Sequence[queries.OrgAt], at: datetime) -> list[PastOrg]:
    """Those of these organisations that the viewer may see today: who may see the present may see the past."""
    ids = [org.id for org in found]
    known = set(await OrgNode.filter(context.sees(OrgNode), id__in=ids).values_list("id", flat=True))
    return [PastOrg(org, at) for org in found if org.id in known]


async def one(context: Context, org: queries.OrgAt | None, at: datetime) -> PastOrg | None:
    """One organisation of the past, where the viewer may see it."""
    found = [] if org is None else await seen(context, [org], at)
    return found[0] if found else None


async def parent(context: Context, row: PastOrg) -> PastOrg | None:
    """What stood above it then."""
    id_ = row.org.parent_id
    return None if id_ is None else await one(context, await queries.node_as_of(id_, row.at), row.at)


class PastPage:
    """A page of a list that is at hand as a whole; the past is neither filtered nor ordered otherwise."""

    def __init__(
        self,
        context: Context,
        rows: Sequence[PastOrg],
        *,
        filter: Any = None,  # noqa: A002  the argument's name in the API
        order_by: Any = None,
        **part: Any,
    ) -> None:
        if filter or order_by:
            raise invalid("filter", "NOT_IN_THE_PAST", "Lists of the past are neither filtered nor ordered")
        self._rows = list(rows)
        self._slice = Slice(**part)
        self._slice.check(context.district.settings.limits.page_size)

    def _bounds(self) -> tuple[int, int]:
        low, high = self._slice.offset or 0, len(self._rows)
        if self._slice.after is not None:
            low = self._place(self._slice.after, "after") + 1
        if self._slice.before is not None:
            high = self._place(self._slice.before, "before")
        if self._slice.backwards:
            return max(low, high - self._slice.size), high
        return low, min(high, low + self._slice.size)

    def _place(self, cursor: str, argument: str) -> int:
        parsed = parse_global_id(cursor)
        for place, row in enumerate(self._rows):
            if parsed is not None and parsed[1] == row.id:
                return place
        raise invalid(argument, "INVALID_CURSOR", "This cursor does not belong to this list in this order")

    async def total(self) -> int:
        return len(self._rows)

    async def nodes(self) -> list[PastOrg]:
        low, high = self._bounds()
        return self._rows[low:high]

    async def edges(self) -> list[Edge]:
        return [Edge(global_id("OrgNode", row.id), row) for row in await self.nodes()]

    async def page_info(self) -> PageInfo:
        low, high = self._bounds()
        edges = await self.edges()
        return PageInfo(
            has_next_page=high < len(self._rows),
            has_previous_page=low > 0,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
