"""Webhooks in GraphQL: other systems that are told of events. 网络钩子。"""

from __future__ import annotations

from typing import Any

import strawberry
from tortoise.expressions import Q

from linli.core.errors import text
from linli.core.graph.models import OrgNode
from linli.core.records.delivery_models import Delivery as DeliveryRow
from linli.core.records.delivery_models import DeliveryState
from linli.core.webhooks import services
from linli.core.webhooks.following import handler_name
from linli.core.webhooks.models import MANAGE
from linli.core.webhooks.models import Webhook as Row

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, every, node, page, record, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation, told_once
from .history import history
from .lookups import node_for, seen

ID = (strawberry.ID, "The id. 标识。")


def _count(state: DeliveryState) -> Any:
    async def count(row: Row, _info: Info) -> int:
        return await DeliveryRow.filter(handler=handler_name(row.id), state=state.value).count()

    return count


def _deliveries(row: Row, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["Delivery"], Q(handler=handler_name(row.id)), **given)


@node(Row, "An address that is told of events. 网络钩子。", order=("created_at",))
class Webhook:
    """Where it leads, of what it is told, and how far it is."""

    org = relation("At which organisation, with all beneath; events of no place are the root's. 组织。", "OrgNode")
    url = column("Where messages are sent. 地址。", filterable=False)
    types = computed("Of which types of events. 事件类型。", lambda row, _info: list(row.types), list[str])
    previous_until = column("Until when the secret before signs as well. 旧密钥有效至。", filterable=False)
    paused_at = column("Since when it is paused; what happens meanwhile is kept. 暂停时间。")
    ended_at = column("When it ended. 停用时间。")
    pending = computed("How many messages wait. 待发送数。", _count(DeliveryState.PENDING), int)
    dead = computed("How many were given up. 已放弃数。", _count(DeliveryState.DEAD), int)
    deliveries = page(
        "The messages, to whom may see deliveries. 投递记录，需要权限 core.delivery.read。", "Delivery", _deliveries
    )
    created_at = column("When it was made. 创建时间。", orderable=True)
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


@fields("Webhooks. 网络钩子。")
class WebhookQuery:
    """What `Query` gets."""

    webhook = record("One webhook. 网络钩子。", Webhook)
    webhooks = every("Webhooks. 网络钩子列表。", "Webhook")


@strawberry.type(description="A webhook with its secret, told this once. 网络钩子及其密钥（仅显示一次）。")
class WebhookSecret:
    """What the receiver checks signatures with."""

    webhook: Webhook = strawberry.field(description="The webhook. 网络钩子。")
    secret: str = strawberry.field(description="whsec_.., as Standard Webhooks has it. 签名密钥。")


@strawberry.input(description="Of what to tell whom. 新建网络钩子。")
class CreateWebhookInput(MutationInput):
    """An address and types of events."""

    org_id: strawberry.ID = required("At which organisation and beneath. 组织。")
    url: str = required("An address that begins with https://. 地址。")
    types: list[str] = required("Types of events, as in Event.type. 事件类型。")


@strawberry.input(description="What changes of a webhook. 修改网络钩子。")
class UpdateWebhookInput(MutationInput):
    """What is left out stays."""

    webhook_id: strawberry.ID = required("Which. 网络钩子。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    url: str | None = optional("Where messages are sent. 地址。")
    types: list[str] | None = optional("Of which types of events. 事件类型。")
    paused: bool | None = optional("Whether it is paused. 是否暂停。")


@strawberry.input(description="Which webhook gets a new secret. 更换密钥。")
class RotateWebhookSecretInput(MutationInput):
    """Which, and for how long the one before counts too."""

    webhook_id: strawberry.ID = required("Which. 网络钩子。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    keep_hours: int | None = optional(
        "For how many hours the secret before signs too: 24, 168 at most. 旧密钥保留小时数。"
    )


@strawberry.input(description="Which webhook ends. 停用网络钩子。")
class EndWebhookInput(MutationInput):
    """Which."""

    webhook_id: strawberry.ID = required("Which. 网络钩子。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


AGAIN = told_once(text("This was done, and its secret is told only once: rotate it for another"))
KEEP_HOURS = 24


@mutation("Have an address told of events, signed. 新建网络钩子。", WebhookSecret, permission=MANAGE, again=AGAIN)
async def create_webhook(info: Info, input: CreateWebhookInput) -> WebhookSecret:  # noqa: A002
    """Where the viewer may."""
    context = info.context
    org = await node_for(context, input.org_id, "orgId", MANAGE)
    known = services.known_of(context.district)
    return _secret(await services.create(org, input.url, input.types, known, context.viewer.account_id))


@mutation("Change or pause a webhook. 修改或暂停网络钩子。", Webhook, permission=MANAGE)
async def update_webhook(info: Info, input: UpdateWebhookInput) -> Row:  # noqa: A002
    """Where the viewer may."""
    webhook = await _held(info.context, input.webhook_id)
    return await services.change(
        webhook,
        value(input.expected_version),
        services.known_of(info.context.district),
        url=value(input.url),
        types=value(input.types),
        paused=value(input.paused),
    )


@mutation("Give a webhook a new secret. 更换签名密钥。", WebhookSecret, permission=MANAGE, again=AGAIN)
async def rotate_webhook_secret(info: Info, input: RotateWebhookSecretInput) -> WebhookSecret:  # noqa: A002
    """Where the viewer may."""
    webhook = await _held(info.context, input.webhook_id)
    hours = value(input.keep_hours)
    return _secret(
        await services.rotate(webhook, value(input.expected_version), KEEP_HOURS if hours is None else hours)
    )


@mutation("Tell a webhook nothing more, for good. 停用网络钩子。", Webhook, permission=MANAGE)
async def end_webhook(info: Info, input: EndWebhookInput) -> Row:  # noqa: A002
    """Where the viewer may."""
    return await services.end(await _held(info.context, input.webhook_id), value(input.expected_version))


async def _held(context: Context, given: str) -> Row:
    webhook = await seen(context, Row, given, "webhookId")
    org = await OrgNode.get(id=webhook.org_id)
    context.viewer.require(MANAGE, org.path)
    return webhook


def _secret(made: services.Secret) -> WebhookSecret:
    return WebhookSecret(webhook=made.webhook, secret=made.secret)  # type: ignore[arg-type]  # the row of the node


@fields("Webhooks. 网络钩子变更。")
class WebhookMutation:
    """What `Mutation` gets."""

    create_webhook = create_webhook
    update_webhook = update_webhook
    rotate_webhook_secret = rotate_webhook_secret
    end_webhook = end_webhook
