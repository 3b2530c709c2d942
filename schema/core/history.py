"""Events in GraphQL: what happened, in the order in which it was sealed."""

from __future__ import annotations

from typing import Any, Optional

from tortoise.expressions import Q

from linli.core.access.models import Account
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person as PersonModel
from linli.core.records import models
from linli.core.records.record import Record

from ..context import Info
from ..declare import column, computed, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..interfaces import Node as NodeInterface
from ..scalars import JSON
from .event_details import details_of
from .past import PastOrg


async def _subject(row: models.Event, info: Info) -> Any:
    declared = Node.registry.get(row.subject_type)
    if declared is None or info.context.schema.declared(row.subject_type) is None:
        return None
    return await info.context.loaders.by_id(declared.model).load(row.subject_id)


async def _actor(row: models.Event, info: Info) -> PersonModel | None:
    if row.actor_id is None:
        return None
    account = await Account.get_or_none(id=row.actor_id)
    if account is None or account.person_id is None:
        return None
    found: PersonModel | None = await info.context.loaders.by_id(PersonModel).load(account.person_id)
    return found


@node(models.Event, "A change that happened; its chain cannot be altered unnoticed. 事件。", order=("sequence",))
class Event:
    """The envelope of a change."""

    sequence = column("Its place among all events of the district, without gaps. 序号。", orderable=True)
    type = column("What happened, as <plugin>.<what>. 事件类型。")
    at = column("When. 时间。")
    org = relation("Where. 组织。", "OrgNode")
    subject_type = column("What kind of record it happened to. 对象类型。")
    subject = computed(
        "The record it happened to; null where the viewer may not see it. 对象。", _subject, Optional[NodeInterface]
    )
    actor = relation("Who did it, where the viewer may know. 操作人。", "Person", resolve=_actor)
    account = relation("By which account, for auditors and oneself. 操作账号。", "Account", source="actor")
    details = computed(
        "What else is kept of it, for auditors; personal values are left out, null where erased. 内容（审计，脱敏）。",
        details_of,
        Optional[JSON],
    )
    transaction_id = column("Changes made together share it. 事务标识。", type=str, read=str, filterable=False)


def sealed(**more: Any) -> Q:
    """The events that readers see."""
    return Q(sequence__isnull=False, **more)


async def history_of(row: Record | PastOrg, info: Info, **given: Any) -> Page:
    """What happened to one record, in order: whoever signed in and sees the record sees its history.

    Not so for a record of which the viewer sees only what a plugin makes public.
    """
    context = info.context
    model = OrgNode if isinstance(row, PastOrg) else type(row)
    whole = not context.viewer.anonymous and await context.shows(model, row, "history")
    seen = context.district.sight.known(models.Event) if whole else None
    return Page(context, Node.registry["Event"], sealed(subject_id=row.id), seen=seen, **given)


def history() -> Any:
    """The field `history` of a type."""
    description = (
        "What happened to it, in order; for whoever signed in and sees the record. 变更历史，登录后随记录可见。"
    )
    return page(description, "Event", history_of, guarded=False)


def all_events(_root: Any, info: Info, **given: Any) -> Page:
    """The district's events, as far as the viewer may see where they happened."""
    return Page(info.context, Node.registry["Event"], sealed(), wide=True, **given)
