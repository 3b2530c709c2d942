"""Reading one's notifications and taking note of them. 阅读与确认消息。"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from .. import clock
from ..access.viewer import Viewer, unconfirmed
from ..errors import NotFoundError, RejectedError, text
from ..records import events
from ..records.unit_of_work import current_unit
from .event_types import ACKNOWLEDGED, INBOX, Notified, inbox_of
from .kinds import NoticeKinds
from .models import Notification


def readers_of(viewer: Viewer) -> list[UUID]:
    """Whose notifications the viewer reads: the own ones and those of wards."""
    mine = [viewer.person_id] if viewer.person_id is not None else []
    return [*mine, *sorted(viewer.acts.wards)]


def told_to(viewer: Viewer, kinds: NoticeKinds) -> QuerySet[Notification]:
    """What the viewer and the viewer's wards were told, of the kinds that are known here."""
    return Notification.filter(person_id__in=readers_of(viewer), kind__in=list(kinds))


async def unread(viewer: Viewer, kinds: NoticeKinds) -> int:
    """How much of it nobody has read; one statement, and none for an account without a person."""
    return await told_to(viewer, kinds).filter(read_at=None).count() if readers_of(viewer) else 0


async def mark_read(viewer: Viewer, kinds: NoticeKinds, ids: Sequence[UUID] | None = None) -> None:
    """Note that these are read, or all of them; what is read already stays as it was.

    Raises NotFoundError for one that the viewer was not told, PERSON_UNCONFIRMED.
    """
    _speaks(viewer, "ids")
    told = told_to(viewer, kinds)
    if ids is not None:
        told = told.filter(id__in=list(ids))
        if await told.count() != len(set(ids)):
            raise _unknown("ids")
    await told.filter(read_at=None).update(read_at=clock.now(), updated_at=clock.now(), version=F("version") + 1)


async def acknowledge(viewer: Viewer, kinds: NoticeKinds, id_: UUID) -> Notification:
    """Take note of one that asks for it, which is on record from then on; a second time changes nothing.

    Raises NotFoundError, PERSON_UNCONFIRMED, NOTHING_TO_ACKNOWLEDGE for one that asks for nothing.
    """
    _speaks(viewer, "id")
    found = await told_to(viewer, kinds).get_or_none(id=id_)
    if found is None:
        raise _unknown("id")
    if not found.needs_ack:
        told = text("This notification asks for no acknowledgement")
        raise RejectedError(told, code="NOTHING_TO_ACKNOWLEDGE", path=("id",))
    now, open_ = clock.now(), Notification.filter(id=id_, acknowledged_at=None)
    changes = {"acknowledged_at": now, "acknowledged_by": current_unit().actor_id, "read_at": found.read_at or now}
    if await open_.update(**changes, updated_at=now, version=F("version") + 1):
        await events.append(ACKNOWLEDGED, INBOX, inbox_of(found.person_id), Notified(notification_id=id_))
    return await Notification.get(id=id_)


def _speaks(viewer: Viewer, path: str) -> None:
    """Whoever made the account may not be the person."""
    if not viewer.person_confirmed:
        raise unconfirmed((path,))


def _unknown(path: str) -> NotFoundError:
    return NotFoundError(text("There is no such record, or you may not see it"), path=(path,))
