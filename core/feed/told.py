"""A sealed event as all who follow share it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

from ..graph.models import OrgNode
from ..graph.paths import SEGMENT, segment
from ..records.events import sealed_events
from ..records.models import Event

T = TypeVar("T")


@dataclass(eq=False)
class Told:
    """An event and the path of where it happened, None where that is nowhere."""

    event: Event
    path: str | None
    judged: dict[Any, bool | None] = field(default_factory=dict)
    """What memory tells of who sees it, kept by those who follow: for all who may do the same at the same places."""
    _facts: dict[Any, Any] = field(default_factory=dict)
    _finding: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def sequence(self) -> int:
        """Its place among the events of the district."""
        assert self.event.sequence is not None, "only sealed events are told"
        return self.event.sequence

    def beneath(self, org_id: UUID) -> bool:
        """Whether it happened at this organisation or beneath, wherever that stands now."""
        if self.path is None:
            return False
        found = self.path.find(segment(org_id))
        while found % SEGMENT > 0:  # -1 leaves 12: what is not there ends the search too
            if found < 0:
                return False
            found = self.path.find(segment(org_id), found + 1)
        return True

    async def fact(self, find: Callable[[Event], Awaitable[T]]) -> T:
        """What `find`, a function of a module, finds out about the event: asked once for all who follow.

        It must not depend on who asks.
        """
        async with self._finding:
            if find not in self._facts:
                self._facts[find] = await find(self.event)
        return cast("T", self._facts[find])


async def head() -> int:
    """The sequence of the newest sealed event, 0 where there is none; the district is entered."""
    found = await Event.filter(sequence__isnull=False).order_by("-sequence").limit(1).values_list("sequence", flat=True)
    return cast("int", found[0]) if found else 0


async def read(after: int, size: int, types: Collection[str] | None = None, until: int | None = None) -> list[Told]:
    """The first `size` sealed events beyond `after`, in order; two statements however many there are."""
    query = sealed_events(after=after, types=types).limit(size)
    events = list(await (query if until is None else query.filter(sequence__lte=until)))
    places = {event.org_id for event in events if event.org_id is not None}
    paths = dict(await OrgNode.filter(id__in=list(places)).values_list("id", "path")) if places else {}
    return [Told(event, paths.get(event.org_id)) for event in events]
