"""Venues in the search of all kinds."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.expressions import Q

from linli.core.graph.models import OrgNode
from linli.core.graph.paths import subtree_range
from linli.core.records.conditions import Unindexed
from linli.schema.context import Context
from linli.schema.searching import Found, Searchable, found_by_name

from ..models import Venue


async def _venues(context: Context, text: str, under: OrgNode | None, count: int) -> Sequence[Found]:
    narrowed = [context.sees(Venue)]
    if under is not None:
        low, high = subtree_range(under.path)
        narrowed.append(Unindexed(Q(community__path__gte=low, community__path__lt=high)))
    return await found_by_name(Venue, text, Q(*narrowed), count)


VENUES = Searchable("VENUE", "Venues, by name or pinyin. 场所：名称或拼音。", _venues)
