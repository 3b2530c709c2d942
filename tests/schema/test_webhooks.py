"""Webhooks in GraphQL: made, changed, given other secrets and ended by those who may, at their organisations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Reference

from linli.core.clock import now
from linli.core.districts import District
from linli.core.records.delivery_models import Delivery
from linli.core.records.unit_of_work import transact
from linli.core.webhooks.following import handler_name
from linli.schema.scalars import global_id, parse_global_id
from linli.schema.testing import Client, Clients, Tree
from tests.core.webhooks.conftest import Receiver, Scene, receiver, scene

__all__ = ["receiver", "scene"]

pytestmark = pytest.mark.linli(settings={"core": {"outgoing_networks": ["127.0.0.0/8"]}})

CREATE = """mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
    ... on WebhookSecret { secret webhook { id url types version pending dead org { id } } }
    ... on Error { errorCode: code path } ... on ValidationError { fields { path code } } } }"""
UPDATE = """mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) {
    ... on Webhook { url types pausedAt version } ... on Error { errorCode: code } } }"""
ROTATE = """mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) {
    ... on WebhookSecret { secret webhook { previousUntil version } } ... on Error { errorCode: code } } }"""
END = """mutation ($input: EndWebhookInput!) { endWebhook(input: $input) {
    ... on Webhook { endedAt } ... on Error { errorCode: code } } }"""
RETRY = """mutation ($input: RetryDeliveryInput!) { retryDelivery(input: $input) {
    ... on Delivery { state } ... on Error { errorCode: code } } }"""
DETAILS = """{ events(filter: {type: {eq: "core.webhook_changed"}}) { nodes { details } } }"""
LIST = """{ webhooks { totalCount nodes { id url pending dead history { nodes { type } }
    deliveries { nodes { state type } } } } }"""


async def make(who: Client, tree: Tree, url: str, **more: Any) -> Any:
    given = {"orgId": global_id("OrgNode", tree.street.id), "url": url, "types": ["core.person_created"], **more}
    return await who.mutate(CREATE, input=given)


async def test_a_webhook_is_made_told_changed_and_ended(
    client: Clients, tree: Tree, scene: Scene, receiver: Receiver
) -> None:
    admin = await client("district-admin")
    made = await make(admin, tree, receiver.url)
    assert made["webhook"]["types"] == ["core.person_created"]
    await scene.person(habitual_residence_id=tree.grid.id)
    async with scene.telling():
        await receiver.until(1)
    message = receiver.got[0]
    at = datetime.fromtimestamp(int(message.headers["webhook-timestamp"]), UTC)
    signed = Reference(made["secret"]).sign(message.headers["webhook-id"], at, message.body.decode())
    assert signed == message.headers["webhook-signature"]
    (listed,) = (await admin.data(LIST))["webhooks"]["nodes"]
    assert (listed["pending"], listed["dead"]) == (0, 0)
    assert listed["deliveries"]["nodes"] == [{"state": "DONE", "type": "core.person_created"}]
    (event,) = listed["history"]["nodes"]
    assert event["type"] == "core.webhook_changed"
    auditor = await client("auditor")
    (seen,) = (await auditor.data(DETAILS))["events"]["nodes"]
    assert seen["details"]["url"] == receiver.url.removesuffix("/hooks?to=us")
    chosen = {"webhookId": made["webhook"]["id"]}
    changed = await admin.mutate(UPDATE, input={**chosen, "paused": True, "expectedVersion": 1})
    assert changed["pausedAt"]
    assert await admin.mutate(UPDATE, input={**chosen, "expectedVersion": 1}) == {"errorCode": "CONFLICT"}
    rotated = await admin.mutate(ROTATE, input=chosen)
    assert rotated["secret"] != made["secret"]
    assert rotated["webhook"]["previousUntil"]
    assert (await admin.mutate(END, input=chosen))["endedAt"]
    assert await admin.mutate(END, input=chosen) == {"errorCode": "INVALID_TRANSITION"}


async def test_a_repeated_request_makes_one_webhook_and_tells_the_secret_once(
    client: Clients, tree: Tree, receiver: Receiver
) -> None:
    admin = await client("district-admin")
    first = await make(admin, tree, receiver.url, requestId="made-once")
    assert first["secret"].startswith("whsec_")
    assert (await make(admin, tree, receiver.url, requestId="made-once"))["errorCode"] == "ALREADY_DONE"
    assert (await admin.data(LIST))["webhooks"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"url": "https://169.254.169.254/latest"}, "url", "URL"),
        ({"url": "http://hooks.example.cn/../"}, None, None),
        ({"url": "not an address"}, "url", "URL"),
        ({"types": []}, "types", "NOTHING"),
        ({"types": ["core.nothing"]}, "types", "EVENT_TYPE"),
    ],
)
async def test_what_cannot_be_a_webhook_is_refused_with_the_field(
    client: Clients, tree: Tree, given: dict[str, Any], path: str | None, code: str | None
) -> None:
    admin = await client("district-admin")
    found = await make(admin, tree, **{"url": "https://hooks.example.cn/", **given})
    if path is None:
        assert "secret" in found, "where a name leads is judged when something is sent"
    else:
        assert found["fields"] == [{"path": path, "code": code}]


async def test_others_neither_make_nor_see_nor_change_a_webhook(
    client: Clients, tree: Tree, receiver: Receiver
) -> None:
    made = await make(await client("district-admin"), tree, receiver.url)
    for role, at in (
        ("community-staff", tree.community),
        ("district-official", tree.root),
        ("district-admin", tree.other_street),
    ):
        other = await client(role, at=at)
        assert (await make(other, tree, receiver.url))["errorCode"] in {"FORBIDDEN", "NOT_FOUND"}
        assert (await other.data(LIST))["webhooks"]["totalCount"] == 0
        for text in (UPDATE, ROTATE, END):
            refused = await other.mutate(text, input={"webhookId": made["webhook"]["id"]})
            assert refused["errorCode"] in {"FORBIDDEN", "NOT_FOUND"}


async def test_what_a_webhook_was_to_be_told_is_not_tried_anew_once_it_has_ended(
    client: Clients, tree: Tree, district: District
) -> None:
    admin = await client("district-admin")
    made = (await make(admin, tree, "https://127.0.0.1/"))["webhook"]
    parsed = parse_global_id(made["id"])
    assert parsed is not None
    told: dict[str, Any] = {"handler": handler_name(parsed[1]), "type": "core.person_created", "state": "DEAD"}
    with district.scope():
        dead = await transact(
            lambda _unit: Delivery.create(**told, event_id=uuid4(), subject_id=uuid4(), sequence=1, next_at=now())
        )
    await admin.mutate(END, input={"webhookId": made["id"]})
    chosen = {"deliveryId": global_id("Delivery", dead.id)}
    assert (await admin.mutate(RETRY, input=chosen))["errorCode"] == "HANDLER_ENDED"
    with district.scope():
        assert (await Delivery.get(id=dead.id)).state == "DEAD"


async def test_only_who_holds_the_permission_for_it_hands_out_internal_values_and_roles_of_places_do_not(
    district: District,
) -> None:
    holders = {role for role, held in district.roles.items() if "core.webhook.manage" in held}
    assert holders == {"district-admin", "system-admin"}
    assert "internal values" in district.permissions["core.webhook.manage"].description
