"""Separation of duties: whoever did the work never confirms it (domain R9). 职责分离。"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from ..errors import RejectedError, Text, text
from ..records.event_types import EventType
from ..records.models import Event
from .acted_for_models import ActedFor
from .models import Account
from .viewer import Viewer

SELF_VERIFICATION = "SELF_VERIFICATION"


async def doers(record_id: UUID, *types: EventType[Any]) -> frozenset[UUID]:
    """The accounts that did these things to a record, as its events tell; what the system did has no doer."""
    told = await Event.filter(subject_id=record_id, type__in=[one.name for one in types], actor_id__isnull=False)
    return frozenset([event.actor_id for event in told if event.actor_id is not None])


async def is_same(
    viewer: Viewer, *, accounts: Collection[UUID | None] = (), persons: Collection[UUID | None] = ()
) -> bool:
    """Whether the viewer is one of these, by whatever account, or holds a role that one of these delegated."""
    if viewer.persons & set(persons) or viewer.accounts & set(accounts):
        return True
    others = [account for account in accounts if account is not None]
    if not others or not viewer.persons:
        return False
    return await Account.filter(id__in=others, person_id__in=list(viewer.persons)).exists()


async def require_other(
    viewer: Viewer,
    record_id: UUID,
    *types: EventType[Any],
    accounts: Collection[UUID | None] = (),
    persons: Collection[UUID | None] = (),
    message: Text | None = None,
    path: Sequence[str] = (),
    plugin: str = "core",
) -> None:
    """Raise SELF_VERIFICATION where the viewer did one of these things to the record, or a delegator of theirs did.

    `accounts` and `persons` are others who may not decide either: who asked, whose matter it is. Whoever acted for
    somebody on the record did it, and so did that person.
    """
    done = await doers(record_id, *types) if types else frozenset()
    acted = await ActedFor.filter(subject_id=record_id)
    accounts = [*done, *accounts, *(one.account_id for one in acted)]
    if await is_same(viewer, accounts=accounts, persons=[*persons, *(one.person_id for one in acted)]):
        told = message or text("Whoever did the work does not confirm it")
        raise RejectedError(told, code=SELF_VERIFICATION, path=path, plugin=plugin)
