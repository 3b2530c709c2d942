"""The inbox in GraphQL: what the viewer was told, reading it, taking note, and by which channels it is sent. 消息。"""

from __future__ import annotations

from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.errors import invalid
from linli.core.inbox import reading
from linli.core.inbox.choosing import choose, turned_off
from linli.core.inbox.kinds import NoticeKind
from linli.core.inbox.models import Notification as Row
from linli.core.inbox.notifying import params_of
from linli.core.records.requests import Outcome

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..inputs import MutationInput, required
from ..interfaces import Node as NodeInterface
from ..mutations import mutation
from .session_changes import owner

MOST_AT_ONCE = 200


def _kind(row: Row, info: Info) -> NoticeKind:
    """Notifications of a kind that is not known here are invisible."""
    return info.context.district.notice_kinds[row.kind]


def _title(row: Row, info: Info) -> str:
    return _kind(row, info).titled(info.context.language)


def _text(row: Row, info: Info) -> str | None:
    """Not to an account of which nobody confirmed whose it is, where the text tells about a person."""
    kind = _kind(row, info)
    if kind.private and not info.context.viewer.owns(row.person_id):
        return None
    return kind.told(params_of(row), info.context.language)


async def _subject(row: Row, info: Info) -> Any:
    declared = info.context.schema.declared(row.subject_type)
    return None if declared is None else await info.context.loaders.by_id(declared.model).load(row.subject_id)


@node(Row, "Something that a person was told. 消息。", order=("-created_at",))
class Notification:
    """What was told whom, about what, and whether that was read."""

    person = relation("Who was told: the viewer, or a ward. 接收人。", "Person")
    kind = column("What kind of notification. 类型。")
    title = computed("In the caller's language. 标题。", _title, str)
    text = masked(
        "In the caller's language; null where it is personal and it is not confirmed who the viewer is. 正文。",
        _text,
        nullable=True,
    )
    subject = computed(
        "What it is about; null where the viewer may not see it. 相关记录。", _subject, Optional[NodeInterface]
    )
    needs_ack = column("Whether it waits to be acknowledged. 是否须确认知悉。")
    created_at = column("When it was told. 时间。", orderable=True)
    read_at = column("When it was read. 阅读时间。")
    acknowledged_at = column("When it was acknowledged. 确认时间。")


@strawberry.type(description="A way by which notifications are sent beside the inbox. 通知渠道。")
class NotificationChannel:
    """A channel of the district, as the viewer chose it."""

    name: str = strawberry.field(description="Its name. 名称。")
    on: bool = strawberry.field(description="Whether the viewer wants to be told by it. 是否启用。")


def _notifications(_root: object, info: Info, **given: Any) -> Page:
    told = Q(person_id__in=reading.readers_of(info.context.viewer))
    return Page(info.context, Node.registry["Notification"], told, **given)


async def _unread(_root: object, info: Info) -> int:
    return await _unread_of(info.context)


async def _unread_of(context: Context) -> int:
    return await reading.unread(context.viewer, context.district.notice_kinds)


async def _channels(_root: object, info: Info) -> list[NotificationChannel]:
    return await _channels_of(info.context)


async def _channels_of(context: Context) -> list[NotificationChannel]:
    """Of an account without a person none: it has no inbox."""
    person_id = context.viewer.person_id
    if person_id is None:
        return []
    off = await turned_off(person_id)
    return [NotificationChannel(name=name, on=name not in off) for name in sorted(context.district.channels)]


@fields("The viewer's inbox. 消息收件箱。")
class ViewerInbox:
    """What `Viewer` gets."""

    notifications = page("What the viewer and the viewer's wards were told. 消息列表。", "Notification", _notifications)
    unread_count = computed("How much of it nobody has read. 未读消息数。", _unread, int)
    notification_channels = computed(
        "By what else the viewer is told, or not. 通知渠道。", _channels, list[NotificationChannel]
    )


@strawberry.type(description="What was told is read. 已阅读。")
class NotificationsRead:
    """How much is left."""

    id: strawberry.Private[Any] = None
    unread_count: int = strawberry.field(description="How much nobody has read. 未读消息数。")


@strawberry.type(description="By which channels one is told. 通知设置。")
class NotificationSettings:
    """The viewer's choice."""

    id: strawberry.Private[Any] = None
    channels: list[NotificationChannel] = strawberry.field(description="All channels here. 渠道。")


@strawberry.input(description="What one has read. 标记消息为已读。")
class MarkReadInput(MutationInput):
    """Which."""

    ids: list[strawberry.ID] = required("Which, 1 to 200. 消息。")


@strawberry.input(description="Everything is read. 全部标记为已读。")
class MarkAllReadInput(MutationInput):
    """All."""


@strawberry.input(description="What one takes note of. 确认知悉。")
class AcknowledgeInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("One that waits for it. 消息。")


@strawberry.input(description="Whether one wants to be told by a channel. 渠道选择。")
class ChannelChoiceInput:
    """One channel."""

    name: str = required("Its name. 名称。")
    on: bool = required("Whether it is wanted. 是否启用。")


@strawberry.input(description="By which channels one wants to be told. 更改通知设置。")
class UpdateNotificationSettingsInput(MutationInput):
    """What changes."""

    channels: list[ChannelChoiceInput] = required("The channels that change; others stay. 渠道。")


async def _read_before(info: Info, _input: Any, _outcome: Outcome) -> NotificationsRead:
    return NotificationsRead(unread_count=await _unread_of(info.context))


async def _chosen_before(info: Info, _input: Any, _outcome: Outcome) -> NotificationSettings:
    return NotificationSettings(channels=await _channels_of(info.context))


@mutation("Note that one has read notifications. 标记消息为已读。", NotificationsRead, again=_read_before)
async def mark_read(info: Info, input: MarkReadInput) -> NotificationsRead:  # noqa: A002
    """The person does it, or the guardian."""
    context = info.context
    owner(context)
    if not 1 <= len(input.ids) <= MOST_AT_ONCE:
        raise invalid("ids", "OUT_OF_RANGE", "Between 1 and {limit}", limit=MOST_AT_ONCE)
    ids = [context.required_id(one, "Notification", "ids") for one in input.ids]
    await reading.mark_read(context.viewer, context.district.notice_kinds, ids)
    return NotificationsRead(unread_count=await _unread_of(context))


@mutation("Note that one has read everything. 全部标记为已读。", NotificationsRead, again=_read_before)
async def mark_all_read(info: Info, input: MarkAllReadInput) -> NotificationsRead:  # noqa: A002
    """The person does it, or the guardian."""
    context = info.context
    owner(context)
    await reading.mark_read(context.viewer, context.district.notice_kinds)
    return NotificationsRead(unread_count=await _unread_of(context))


@mutation("Take note of a notification that asks for it; it is on record from then on. 确认知悉。", Notification)
async def acknowledge(info: Info, input: AcknowledgeInput) -> Row:  # noqa: A002
    """The person does it, or the guardian."""
    context = info.context
    owner(context)
    wanted = context.required_id(input.id, "Notification", "id")
    return await reading.acknowledge(context.viewer, context.district.notice_kinds, wanted)


@mutation(
    "Choose by which channels one is told. What must be acknowledged is sent by all. 更改通知设置。",
    NotificationSettings,
    again=_chosen_before,
)
async def update_notification_settings(
    info: Info,
    input: UpdateNotificationSettingsInput,  # noqa: A002
) -> NotificationSettings:
    """The person does it: a guardian is told by the own channels."""
    context = info.context
    owner(context)
    if not 1 <= len(input.channels) <= MOST_AT_ONCE:
        raise invalid("channels", "OUT_OF_RANGE", "Between 1 and {limit}", limit=MOST_AT_ONCE)
    wanted = {one.name: one.on for one in input.channels}
    await choose(context.viewer, wanted, list(context.district.channels))
    return NotificationSettings(channels=await _channels_of(context))


@fields("Reading one's inbox. 消息收件箱。")
class InboxMutation:
    """What `Mutation` gets."""

    mark_read = mark_read
    mark_all_read = mark_all_read
    acknowledge = acknowledge
    update_notification_settings = update_notification_settings
