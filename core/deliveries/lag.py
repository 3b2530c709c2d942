"""How far each handler is behind. 处理进度。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.functions import Count, Min

from .. import clock
from ..records.delivery_models import Delivery, DeliveryState
from ..records.models import Event


@dataclass(frozen=True)
class Lag:
    """How many events a handler was not told of yet, since when the oldest of them waits, how many were given up."""

    handler: str
    pending: int = 0
    dead: int = 0
    oldest: datetime | None = None

    @property
    def seconds(self) -> int:
        """For how long the oldest one has been waiting."""
        return 0 if self.oldest is None else max(0, int((clock.now() - self.oldest).total_seconds()))


async def lags(handlers: Iterable[str]) -> list[Lag]:
    """How far handlers are behind, in the order given; the district is entered."""
    waiting = await _counted(DeliveryState.PENDING)
    dead = await _counted(DeliveryState.DEAD)
    first = {row["first"] for row in waiting.values() if row["first"] is not None}
    since = dict(await Event.filter(sequence__in=list(first)).values_list("sequence", "at")) if first else {}
    return [_lag(name, waiting.get(name, {}), dead.get(name, {}), since) for name in handlers]


def _lag(name: str, waiting: Mapping[str, Any], dead: Mapping[str, Any], since: Mapping[int, datetime]) -> Lag:
    oldest = since.get(waiting["first"]) if waiting.get("first") else None
    return Lag(name, waiting.get("number", 0), dead.get("number", 0), oldest)


async def _counted(state: DeliveryState) -> dict[str, dict[str, Any]]:
    found = Delivery.filter(state=state.value).annotate(number=Count("id"), first=Min("sequence")).group_by("handler")
    return {row["handler"]: row for row in await found.values("handler", "number", "first")}
