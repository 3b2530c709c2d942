"""By which channels a person wants to be told. 通知渠道设置。"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from tortoise.expressions import F

from .. import clock
from ..access.viewer import Viewer, unconfirmed
from ..errors import RejectedError, invalid, text
from ..people.merged import hold
from ..records import events
from .event_types import CHANNELS_CHOSEN, INBOX, ChannelsChosen, inbox_of
from .models import ChannelChoice


async def turned_off(person_id: UUID) -> frozenset[str]:
    """The channels that a person does not want."""
    rows = ChannelChoice.filter(person_id=person_id, off_at__isnull=False)
    found: list[str] = await rows.values_list("channel", flat=True)  # type: ignore[assignment]
    return frozenset(found)


async def choose(viewer: Viewer, wanted: Mapping[str, bool], channels: Collection[str]) -> None:
    """Turn channels on and off for oneself, in the open unit of work.

    Raises RejectedError NO_PERSON for an account without a person, PERSON_UNCONFIRMED, ValidationError NO_CHANNEL.
    """
    if viewer.person_id is None:
        raise RejectedError(text("This account belongs to no person, and has no inbox"), code="NO_PERSON")
    if not viewer.person_confirmed:
        raise unconfirmed(("channels",))
    unknown = sorted(set(wanted) - set(channels))
    if unknown:
        known = ", ".join(sorted(channels)) or "-"
        raise invalid(
            "channels", "NO_CHANNEL", "No channel {found}; there are: {allowed}", found=unknown[0], allowed=known
        )
    person_id = await hold(viewer.person_id)
    for name, on in wanted.items():
        await _set(person_id, name, on=on)
    chosen = ChannelsChosen(
        on=tuple(sorted(name for name, on in wanted.items() if on)),
        off=tuple(sorted(name for name, on in wanted.items() if not on)),
    )
    await events.append(CHANNELS_CHOSEN, INBOX, inbox_of(person_id), chosen)


async def _set(person_id: UUID, channel: str, *, on: bool) -> None:
    now = clock.now()
    rows = ChannelChoice.filter(person_id=person_id, channel=channel)
    changed = {"off_at": None if on else now, "updated_at": now, "version": F("version") + 1}
    if not await rows.update(**changed):
        await ChannelChoice.create(person_id=person_id, channel=channel, off_at=changed["off_at"])
