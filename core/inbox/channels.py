"""Channels: where a notification is sent beside the inbox, such as a gateway for SMS. 通知渠道。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from ..errors import RejectedError, text

if TYPE_CHECKING:
    from ..districts import District

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Message:
    """A notification as it leaves the district: `titles` and `texts` by language, `texts` null where not for there.

    It may come twice, with the same `id`. Who gets it is told by `person_id` alone: whoever may know a phone asks for
    it by a token of their own.
    """

    id: UUID
    district: str
    notification_id: UUID
    person_id: UUID
    kind: str
    needs_ack: bool
    created_at: datetime
    titles: Mapping[str, str]
    texts: Mapping[str, str] | None

    def as_json(self) -> dict[str, Any]:
        """As gateways get it: names in camelCase."""
        return {
            "id": str(self.id),
            "district": self.district,
            "notificationId": str(self.notification_id),
            "personId": str(self.person_id),
            "kind": self.kind,
            "needsAck": self.needs_ack,
            "createdAt": self.created_at.isoformat(),
            "titles": self.titles,
            "texts": self.texts,
        }


class Channel(Protocol):
    """A way to send messages. 渠道。"""

    @property
    def personal(self) -> bool:
        """Whether texts that tell about a person may be sent by it."""

    async def send(self, message: Message) -> None:
        """Send a message, within ten seconds and outside of any transaction.

        Whatever it raises is tried again later, and later messages to that person wait; then it is given up.
        """


Channels = Mapping[str, Channel]


class ChannelRefusedError(RejectedError):
    """The gateway answered something else than that it took the message; the code tells what."""

    def __init__(self, status: int) -> None:
        super().__init__(text("The receiver answers {status}", status=status), code=f"HTTP_{status}")


def channels_of(district: District) -> Channels:
    """The channels of a district, by name. Raises ValueError for a name of another shape, or one given twice."""
    found: dict[str, Channel] = {}
    for plugin, added in district.hooks.collect_now("linli_channels", district=district):
        for name, channel in added.items():
            if not NAME.fullmatch(name) or name in found:
                raise ValueError(f"plugin {plugin}: channel {name!r}: small letters, 40 at most, each name once")
            found[name] = channel
    return found
