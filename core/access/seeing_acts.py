"""Seeing what was done for oneself or a ward. 查看代办记录。"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from .. import clock
from ..errors import NotFoundError, RejectedError, text
from ..records.unit_of_work import current_unit
from .acted_for_models import ActedFor
from .duties import SELF_VERIFICATION, is_same
from .viewer import Viewer, unconfirmed


def told_persons(viewer: Viewer) -> list[UUID]:
    """Who the viewer is told about: the own person and the wards."""
    mine = [viewer.person_id] if viewer.person_id is not None else []
    return [*mine, *sorted(viewer.acts.wards)]


def told_to(viewer: Viewer) -> QuerySet[ActedFor]:
    """What was done for the viewer, and for the viewer's wards."""
    return ActedFor.filter(person_id__in=told_persons(viewer))


async def unseen(viewer: Viewer) -> int:
    """How much of it nobody has seen yet; what the viewer did for a ward is not news."""
    return await told_to(viewer).filter(seen_at=None).exclude(account_id=viewer.account_id).count()


async def mark_seen(viewer: Viewer, ids: Sequence[UUID]) -> None:
    """Note that the person, or the guardian, has seen these, in a unit of work; what is seen already stays as it was.

    Raises NotFoundError for one that is not told to the viewer, PERSON_UNCONFIRMED, SELF_VERIFICATION for what the
    viewer did, by whatever account.
    """
    found = {one.id: one for one in await told_to(viewer).filter(id__in=list(ids))}
    if found.keys() != set(ids):
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("ids",))
    if not viewer.person_confirmed:
        raise unconfirmed(("ids",))  # whoever made the account may be who acted
    if await is_same(viewer, accounts=[one.account_id for one in found.values()]):
        raise RejectedError(text("Whoever acted does not mark it seen"), code=SELF_VERIFICATION, path=("ids",))
    fresh = ActedFor.filter(id__in=list(ids), seen_at=None)
    await fresh.update(seen_at=clock.now(), seen_by=current_unit().actor_id, updated_at=clock.now())
