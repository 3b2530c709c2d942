"""What happens to deliveries by somebody's hand."""

from __future__ import annotations

from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

HANDLER = "EventHandler"


class Replayed(BaseModel):
    """Which handler is told again of which events, and how many those are."""

    handler: Internal[str]
    first: Internal[int]
    last: Internal[int]
    count: Internal[int]


class Retried(BaseModel):
    """How many deliveries that were given up are tried anew."""

    handler: Internal[str]
    count: Internal[int]


REPLAYED = EventType(
    "core.deliveries_replayed", 1, Replayed, "A handler is to be told of past events again. 事件重放。"
)
RETRIED = EventType("core.deliveries_retried", 1, Retried, "Deliveries that were given up are tried anew. 重试投递。")

EVENT_TYPES = (REPLAYED, RETRIED)


def subject_of(handler: str) -> UUID:
    """What stands for a handler where events are about it."""
    return uuid5(NAMESPACE_OID, f"linli event handler {handler}")
