"""Looking which events each webhook is to be told of: sealed ones, in order, none left out. 事件跟进。"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

import structlog
from tortoise.expressions import Q

from ..graph import paths
from ..graph.models import OrgNode
from ..records import outbox
from ..records.events import newest_sequence, sealed_events
from ..records.models import AUDIT_TYPES, Event
from ..records.unit_of_work import UnitOfWork, transact
from .models import Webhook

BATCH = 500
PREFIX = "core.webhook_"
ACTIVE = Q(ended_at=None, paused_at=None)

log = structlog.get_logger(__name__)


def handler_name(webhook_id: UUID) -> str:
    """By which name deliveries are a webhook's."""
    return f"{PREFIX}{webhook_id.hex}"


async def follow(types: Collection[str]) -> list[Webhook]:
    """Write down what active webhooks are to be told of, and answer them; `types` are known here.

    Each webhook is followed in units of work of its own that hold its row, so that of several processes one does it.
    """
    head = await newest_sequence()
    active = await Webhook.filter(ACTIVE).order_by("created_at", "id")
    for webhook in active:
        try:
            await _followed(webhook, sorted((set(webhook.types) & set(types)) - set(AUDIT_TYPES)), head)
        except Exception as error:  # what keeps one from being followed must not keep the others
            log.error("webhook_not_followed", webhook=str(webhook.id), exc_info=error)
    return active


async def _followed(webhook: Webhook, wanted: Sequence[str], head: int) -> None:
    told_to = await _begun(webhook) if webhook.told_to is None else webhook.told_to
    while told_to is not None and told_to < head:
        told_to = await transact(partial(_batch, webhook.id, wanted, told_to, head))


async def _begun(webhook: Webhook) -> int | None:
    """The event of its making; None while that is not sealed."""
    made = await Event.filter(subject_id=webhook.id, sequence__isnull=False).order_by("sequence").first()
    return None if made is None else made.sequence


async def _batch(webhook_id: UUID, types: Sequence[str], begun: int, head: int, unit: UnitOfWork) -> int:
    """One batch; how far the webhook is then."""
    webhook = await Webhook.filter(id=webhook_id).select_for_update(no_key=True).get()
    told_to = begun if webhook.told_to is None else webhook.told_to
    if told_to >= head or webhook.ended_at is not None:
        return head
    found = await sealed_events(after=told_to, types=types).filter(sequence__lte=head).limit(BATCH)
    told = [event for event, beneath in zip(found, await _beneath(webhook, found), strict=True) if beneath]
    rows = [{"id": it.id, "type": it.type, "subject_id": it.subject_id, "sequence": it.sequence} for it in told]
    await outbox.insert(unit, [(row, handler_name(webhook.id)) for row in rows])
    told_to = (found[-1].sequence or head) if len(found) == BATCH else head
    await Webhook.filter(id=webhook.id).update(told_to=told_to)
    return told_to


async def _beneath(webhook: Webhook, found: Sequence[Event]) -> list[bool]:
    """Whether each event is at the webhook's organisation or beneath; those of no place are the root's."""
    above = await OrgNode.get(id=webhook.org_id)
    ids = {event.org_id for event in found if event.org_id is not None}
    known = dict(await OrgNode.filter(id__in=list(ids)).values_list("id", "path")) if ids else {}
    return [
        above.parent_id is None if event.org_id is None else paths.is_beneath(known[event.org_id], above.path)
        for event in found
    ]
