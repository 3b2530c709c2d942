"""Telling a person something. 发送消息。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from ..people.merged import hold
from ..people.models import Person
from ..records import events
from ..records.encrypted import decrypted, encrypt
from ..records.record import new_id
from ..records.unit_of_work import current_unit
from .event_types import INBOX, NOTIFIED, Notified, inbox_of
from .kinds import NoticeKind
from .models import Notification

Params = Mapping[str, str | int]


@dataclass(frozen=True)
class About:
    """The record that a notification is about: the name of its type in GraphQL, its id, the place where it is."""

    type: str
    id: UUID
    org_id: UUID | None = None


async def notify(person_id: UUID, kind: NoticeKind, about: About, params: Params | None = None) -> Notification | None:
    """Tell a person something, in the open unit of work: both happen or neither.

    Whoever was merged into another is told there; nobody is told who was erased, and the answer is None. Raises
    ValueError where `params` are not the values in the kind's text.
    """
    current_unit()
    given = dict(params or {})
    if given.keys() != kind.places:
        raise ValueError(f"{kind.name} wants {sorted(kind.places)}, found {sorted(given)}")
    kept = await hold(person_id)
    if not await Person.filter(id=kept, erased_at=None).exists():
        return None
    made = await _create(kept, kind, about, given)
    await events.append(NOTIFIED, INBOX, inbox_of(kept), Notified(notification_id=made.id))
    return made


async def _create(person_id: UUID, kind: NoticeKind, about: About, params: Params) -> Notification:
    id_ = new_id()
    return await Notification.create(
        id=id_,
        person_id=person_id,
        kind=kind.name,
        subject_type=about.type,
        subject_id=about.id,
        org_id=about.org_id,
        params=encrypt(Notification, "params", orjson.dumps(params).decode(), id_) if params else None,
        needs_ack=kind.needs_ack,
    )


def params_of(notification: Notification) -> Params:
    """The values in its words; none where they were erased."""
    found = decrypted(notification.params)
    return {} if found is None else orjson.loads(found)
