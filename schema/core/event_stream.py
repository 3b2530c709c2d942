"""The events of a district as they come. 事件流。"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from linli.core.access.rows_seen import sees
from linli.core.access.viewer import Viewer
from linli.core.access.visibility import Sight
from linli.core.errors import NotFoundError, invalid, text
from linli.core.feed import Told
from linli.core.graph.models import OrgNode
from linli.core.records.models import Event

from ..context import Context, Info
from ..subscriptions.resuming import resumed
from ..subscriptions.source import Source

MAX_TYPES = 100


async def events_as_they_come(
    _root: Any, info: Info, types: list[str] | None = None, under: str | None = None, after: int | None = None
) -> Source:
    """The source of `events`. Raises ValidationError, and NotFoundError for a place that the viewer does not see."""
    context = info.context
    place = None if under is None else await place_of(context, under)
    return Source(
        _event,
        types=None if types is None else known_types(context, types),
        concerns=_anywhere if place is None else partial(_beneath, place),
        seen=_seen,
        after=await resumed(after),
    )


async def place_of(context: Context, under: str) -> UUID:
    """The id of an organisation that the viewer sees. Raises NotFoundError."""
    id_ = context.required_id(under, "OrgNode", "under")
    if await context.loaders.by_id(OrgNode).load(id_) is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("under",))
    return id_


def known_types(context: Context, types: list[str]) -> frozenset[str]:
    """These event types. Raises ValidationError for one that the district does not know."""
    if len(types) > MAX_TYPES:
        raise invalid("types", "OUT_OF_RANGE", "At most {limit} types", limit=MAX_TYPES)
    unknown = sorted(set(types) - {one.name for one in context.district.event_types})
    if unknown:
        raise invalid("types", "UNKNOWN", "There are no events of type {type}", type=unknown[0])
    return frozenset(types)


def _anywhere(_told: Told) -> bool:
    return True


def _beneath(place: UUID, told: Told) -> bool:
    return told.beneath(place)


def _seen(sight: Sight, viewer: Viewer, told: Told) -> bool | None:
    """What memory tells of whether the viewer sees it."""
    return sees(sight, viewer, told.event, {"org": told.path})


async def _event(context: Context, told: Told) -> Event | None:
    seen = _seen(context.district.sight, context.viewer, told)
    if seen is None:
        return await context.loaders.by_id(Event).load(told.event.id)  # type: ignore[no-any-return]
    return told.event if seen else None
