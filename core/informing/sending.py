"""Sending notifications by the channels of a district: one handler for each, so that none waits for another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..deliveries.handlers import EventHandler
from ..inbox.channels import Channel, Message
from ..inbox.choosing import turned_off
from ..inbox.event_types import NOTIFIED, Notified
from ..inbox.kinds import NoticeKind
from ..inbox.models import Notification
from ..inbox.notifying import params_of
from ..languages import LANGUAGES
from ..records.models import Event

if TYPE_CHECKING:
    from ..districts import District

SECONDS = 10.0
ATTEMPTS = 300
"""With five minutes between them about a day, after which somebody has to look."""


def handlers(district: District) -> Iterator[EventHandler]:
    """A handler for each channel, `core.send_by_<channel>`."""
    for name, channel in district.channels.items():
        yield EventHandler(
            f"core.send_by_{name}",
            {NOTIFIED.name: 1},
            _Sender(name, channel).handle,
            f"Sends notifications by the channel {name}. 通过渠道 {name} 发送消息。",
            attempts=ATTEMPTS,
            seconds=SECONDS,
            outside=True,
        )


class _Sender:
    """Sends what a person was told by one channel, unless the person chose otherwise."""

    def __init__(self, name: str, channel: Channel) -> None:
        self._name, self._channel = name, channel

    async def handle(self, district: District, event: Event, payload: Notified) -> None:
        """Send it; nothing of what is gone, erased, or of a plugin that is off."""
        row = await Notification.get_or_none(id=payload.notification_id, person__erased_at=None)
        kind = None if row is None else district.notice_kinds.get(row.kind)
        if row is None or kind is None:
            return
        if not kind.always_sent and self._name in await turned_off(row.person_id):
            return
        await self._channel.send(_message(district, event, row, kind, personal=self._channel.personal))


def _message(district: District, event: Event, row: Notification, kind: NoticeKind, *, personal: bool) -> Message:
    params = params_of(row)
    return Message(
        id=event.id,
        district=district.key,
        notification_id=row.id,
        person_id=row.person_id,
        kind=row.kind,
        needs_ack=row.needs_ack,
        created_at=row.created_at,
        titles={language: kind.titled(language) for language in LANGUAGES},
        texts=None
        if kind.private and not personal
        else {language: kind.told(params, language) for language in LANGUAGES},
    )
