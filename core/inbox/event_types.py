"""What is told of the inbox: which row, and nothing of what stands in it."""

from __future__ import annotations

from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

INBOX = "Inbox"


class Notified(BaseModel):
    """Which notification."""

    notification_id: Internal[UUID]


class ChannelsChosen(BaseModel):
    """Which channels are on and off from now on."""

    on: Internal[tuple[str, ...]]
    off: Internal[tuple[str, ...]]


NOTIFIED = EventType("core.notified", 1, Notified, "A person was told something. 已发送消息。")
ACKNOWLEDGED = EventType(
    "core.notification_acknowledged", 1, Notified, "Somebody took note of a notification. 已确认知悉。"
)
CHANNELS_CHOSEN = EventType(
    "core.notification_settings_changed", 1, ChannelsChosen, "A person chose channels. 更改通知设置。"
)

EVENT_TYPES = (NOTIFIED, ACKNOWLEDGED, CHANNELS_CHOSEN)


def inbox_of(person_id: UUID) -> UUID:
    """What stands for a person's inbox where events are about it: one subject, so that channels send in order.

    It is not the person, whose history others read.
    """
    return uuid5(NAMESPACE_OID, f"linli inbox {person_id}")
