"""Deliveries in GraphQL: what handlers of events are told, how far they are, and telling them again. 事件投递。"""

from __future__ import annotations

from typing import Any, Optional

import strawberry

from linli.core.deliveries.handlers import Handler
from linli.core.deliveries.lag import Lag, lags
from linli.core.deliveries.replaying import handler_of, retry, span
from linli.core.graph.models import OrgNode
from linli.core.jobs.asking import ask
from linli.core.jobs.models import Job as JobRow
from linli.core.jobs.replays import REPLAY, Replay
from linli.core.records.delivery_models import READ, DeliveryState
from linli.core.records.delivery_models import Delivery as Row
from linli.core.webhooks.services import refuse_ended

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, every, node
from ..enums import enum
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from ..scalars import Long
from .jobs import Job
from .lookups import seen

WRITE = "core.delivery.write"

enum(
    "Where the delivery of an event stands. 投递状态。",
    PENDING="It waits for its turn, or to be tried again. 待处理。",
    DONE="The handler was told. 已完成。",
    DEAD="It failed too often; somebody has to look. 已放弃。",
)(DeliveryState)


@node(Row, "An event for one handler of it. 事件投递。", order=("sequence", "handler"))
class Delivery:
    """What is told to whom, and where that stands."""

    handler = column("Which handler. 处理器。")
    type = column("The type of the event. 事件类型。")
    sequence = column("The number of the event. 事件序号。", filterable=False)
    state = column("Where it stands. 状态。", type=DeliveryState)
    attempts = column("How often it was tried. 尝试次数。", filterable=False)
    next_at = column("When it is tried next, while it waits. 下次时间。", filterable=False)
    done_at = column("When the handler was told. 完成时间。")
    problem = column("Why it failed last: a code, or what kind of failure. 失败原因。", filterable=False)


@strawberry.type(description="A handler of events, and how far it is. 事件处理器。")
class EventHandlerInfo:
    """What a plugin does about events."""

    name: str = strawberry.field(description="Its name, as <plugin>.<thing>. 名称。")
    plugin: str = strawberry.field(description="Whose it is. 插件。")
    description: str = strawberry.field(description="What it does. 说明。")
    types: list[str] = strawberry.field(description="On which types of events it acts. 事件类型。")
    pending: int = strawberry.field(description="Of how many events it has still to be told. 待处理数。")
    dead: int = strawberry.field(description="How many were given up. 已放弃数。")
    lag_seconds: int = strawberry.field(description="For how long the oldest one waits, in seconds. 滞后秒数。")


async def _handlers(_root: Any, info: Info) -> list[EventHandlerInfo] | None:
    """The handlers, to whom may see deliveries of the whole district."""
    if not await _may(info.context, READ):
        return None
    known = info.context.district.event_handlers
    return [_info(known[lag.handler], lag) for lag in await lags(known)]


def _info(known: Handler, lag: Lag) -> EventHandlerInfo:
    of = known.handler
    return EventHandlerInfo(
        name=of.name,
        plugin=known.plugin,
        description=of.description,
        types=sorted(of.on),
        pending=lag.pending,
        dead=lag.dead,
        lag_seconds=lag.seconds,
    )


async def _may(context: Context, permission: str) -> bool:
    root = await OrgNode.get(parent_id=None, valid_to=None)
    return context.viewer.may(permission, root.path)


@fields("Handlers of events and what they are told. 事件投递。")
class DeliveryQuery:
    """What `Query` gets."""

    event_handlers = computed(
        "What plugins do about events after their commit; null without core.delivery.read at the root. 事件处理器。",
        _handlers,
        Optional[list[EventHandlerInfo]],
    )
    deliveries = every("What handlers are told, by the order of the events. 事件投递列表。", "Delivery")


@strawberry.input(description="Which delivery is tried anew. 重试投递。")
class RetryDeliveryInput(MutationInput):
    """Which."""

    delivery_id: strawberry.ID = required("One that was given up. 投递。")


@mutation(
    "Have a delivery tried anew that was given up (NOT_DEAD for others, HANDLER_ENDED for those of a webhook that has "
    "ended). 重试已放弃的投递。",
    Delivery,
    permission=WRITE,
)
async def retry_delivery(info: Info, input: RetryDeliveryInput) -> Row:  # noqa: A002
    """Where the viewer may, for the whole district."""
    root = await OrgNode.get(parent_id=None, valid_to=None)
    info.context.viewer.require(WRITE, root.path)
    delivery = await seen(info.context, Row, input.delivery_id, "deliveryId")
    await refuse_ended(delivery.handler)
    return await retry(delivery)


@strawberry.input(description="Which handler is told again of which events. 重放事件。")
class ReplayEventsInput(MutationInput):
    """Which, from where to where."""

    handler: str = required("Its name, as in `eventHandlers`. 处理器。")
    first: Long = required("From the event with this sequence on. 起始序号。")
    last: Long | None = optional("Up to this one; the newest where not said. 截止序号。")


@mutation(
    "Tell a handler of past events again, also of those it was told of: what it wrote then, it writes again. A job "
    "does it behind. 重放事件（后台任务）。",
    Job,
    permission=WRITE,
)
async def replay_events(info: Info, input: ReplayEventsInput) -> JobRow:  # noqa: A002
    """Where the viewer may, for the whole district."""
    context = info.context
    root = await OrgNode.get(parent_id=None, valid_to=None)
    context.viewer.require(WRITE, root.path)
    handler = handler_of(context.district.event_handlers, input.handler)
    last = await span(input.first, value(input.last))
    given = Replay(handler=handler.name, first=input.first, last=last)
    return await ask(REPLAY, given, org_id=root.id, account_id=context.viewer.account_id, total=last - input.first + 1)


@fields("Telling handlers again. 重试。")
class DeliveryMutation:
    """What `Mutation` gets."""

    retry_delivery = retry_delivery
    replay_events = replay_events
