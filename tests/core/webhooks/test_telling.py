"""Telling other systems of events: signed, complete, in order per subject, whatever the receiver does."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook as Reference
from standardwebhooks import WebhookVerificationError

from linli.core.deliveries import sending
from linli.core.errors import InvalidTransitionError, ValidationError
from linli.core.graph.services.successions import carry_out, plan_merge
from linli.core.records.delivery_models import Delivery
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.core.webhooks import following
from linli.core.webhooks.following import follow
from linli.core.webhooks.services import change, end, known_of, rotate
from linli.schema.testing import Tree

from .conftest import CREATED, Receiver, Scene

pytestmark = pytest.mark.linli(settings={"core": {"outgoing_networks": ["127.0.0.0/8"]}})


@pytest.fixture(autouse=True)
def wall(wall_clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signatures are judged by the clock on the wall, and receivers are tried again soon."""
    monkeypatch.setattr("linli.core.deliveries.turns.FIRST_SECONDS", 0.05)
    monkeypatch.setattr("linli.core.deliveries.deliverer.POLL_SECONDS", 0.05)
    monkeypatch.setattr(sending, "FIRST_SECONDS", 0.05)


async def test_a_receiver_is_told_of_what_happens_signed_as_the_reference_checks_it(
    scene: Scene, receiver: Receiver
) -> None:
    await scene.person("从前")
    made = await scene.hook()
    person = await scene.person("李四", id_number="430602195206150011", phone="13800000021")
    async with scene.telling():
        await receiver.until(1)
    (message,) = receiver.got
    Reference(made.secret).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Reference(made.secret).verify(message.body + b" ", message.headers)
    told = message.told
    assert (told["type"], told["data"]["subject"]) == (CREATED, {"type": "Person", "id": str(person.id)})
    assert told["data"]["values"] == {"fields": ["id_number", "name", "phone"]}
    assert told["data"]["district"] == scene.district.key


async def test_values_of_people_are_never_sent(scene: Scene, receiver: Receiver) -> None:
    await scene.hook()
    person = await scene.person("李四", id_number="430602195206150011", phone="13800000021")
    await scene.rename(person, "王五")
    async with scene.telling():
        await receiver.until(2)
    text = b"".join(message.body for message in receiver.got).decode()
    for secret in ("李四", "王五", "430602195206150011", "13800000021", "1952"):
        assert secret not in text
    assert receiver.got[1].told["data"]["values"]["fields"] == ["name"]


async def test_a_receiver_that_was_down_gets_everything_in_order_per_subject(scene: Scene, receiver: Receiver) -> None:
    await scene.hook()
    receiver.status = 0
    people = [await scene.person() for _ in range(5)]
    async with scene.telling():
        for round_ in range(4):
            for person in people:
                await scene.rename(person, f"第{round_}名")
        async with asyncio.timeout(10):
            while receiver.tries < 3:
                await asyncio.sleep(0.02)
        receiver.status = 503
        await asyncio.sleep(0.2)
        receiver.status = 204
        await receiver.until(25)
    for person in people:
        numbers = [message.sequence for message in receiver.got if message.subject == str(person.id)]
        assert len(numbers) == 5
        assert numbers == sorted(numbers)
    assert len({message.headers["webhook-id"] for message in receiver.got}) == 25


async def test_only_events_beneath_its_organisation_are_told(
    scene: Scene, receiver: Receiver, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    await scene.hook(tree.street)
    inside = [await scene.person(habitual_residence_id=tree.grid.id) for _ in range(3)]
    for _ in range(3):
        await scene.person(habitual_residence_id=tree.other_street.id)
        await scene.person()
    async with scene.telling():
        await receiver.until(3)
        await asyncio.sleep(0.3)
    assert sorted(message.subject for message in receiver.got) == sorted(str(person.id) for person in inside)


async def test_a_new_secret_counts_beside_the_old_one_for_a_while(scene: Scene, receiver: Receiver) -> None:
    made = await scene.hook()
    with scene.district.scope():
        renewed = await transact(lambda _unit: rotate(made.webhook, None, 24))
    await scene.person()
    async with scene.telling():
        await receiver.until(1)
    (message,) = receiver.got
    for secret in (made.secret, renewed.secret):
        Reference(secret).verify(message.body, message.headers)
    with scene.district.scope():
        newest = await transact(lambda _unit: rotate(renewed.webhook, None, 0))
    await scene.person()
    async with scene.telling():
        await receiver.until(2)
    Reference(newest.secret).verify(receiver.got[1].body, receiver.got[1].headers)
    with pytest.raises(WebhookVerificationError):
        Reference(renewed.secret).verify(receiver.got[1].body, receiver.got[1].headers)


async def test_while_it_is_paused_nothing_is_lost(scene: Scene, receiver: Receiver) -> None:
    made, known = await scene.hook(), known_of(scene.district)
    async with scene.telling():
        with scene.district.scope():
            paused = await transact(lambda _unit: change(made.webhook, None, known, paused=True))
        await asyncio.sleep(0.2)
        await scene.person()
        await asyncio.sleep(0.3)
        assert receiver.tries == 0
        with scene.district.scope():
            await transact(lambda _unit: change(paused, None, known, paused=False))
        await receiver.until(1)


async def test_a_receiver_that_says_it_is_gone_is_paused(scene: Scene, receiver: Receiver) -> None:
    made = await scene.hook()
    receiver.status = 410
    await scene.person()
    async with scene.telling(), asyncio.timeout(10):
        while (await scene.fresh(made.webhook)).paused_at is None:
            await asyncio.sleep(0.02)
    # A server that ends just now has let the attempt under way be noted.
    with scene.district.scope():
        assert [one.problem for one in await Delivery.all()] == ["HTTP_410"]


async def test_one_that_ended_is_told_nothing_more_and_keeps_no_secret(scene: Scene, receiver: Receiver) -> None:
    made = await scene.hook()
    await scene.person()
    await seal_now(scene.district.store)
    with scene.district.scope():
        await follow(known_of(scene.district).types)
        ended = await transact(lambda _unit: end(made.webhook, None))
        assert ended.secret.decrypt() == ""
        with pytest.raises(InvalidTransitionError):
            await transact(lambda _unit: end(made.webhook, None))
        assert [(one.state, one.problem) for one in await Delivery.all()] == [("DONE", "ENDED")]
    await scene.person()
    async with scene.telling():
        await asyncio.sleep(0.3)
    assert receiver.tries == 0


async def test_a_redirect_is_not_followed(scene: Scene, receiver: Receiver) -> None:
    await scene.hook()
    receiver.status, receiver.moved = 302, receiver.url
    await scene.person()
    async with scene.telling(), asyncio.timeout(10):
        while not receiver.tries:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
    with scene.district.scope():
        (delivery,) = await Delivery.all()
    assert (delivery.state, delivery.problem) == ("PENDING", "HTTP_302")


async def test_two_processes_write_each_message_down_once(scene: Scene, receiver: Receiver) -> None:
    await scene.hook()
    for _ in range(12):
        await scene.person()
    async with scene.telling():
        types = known_of(scene.district).types

        async def once() -> None:
            with scene.district.scope():
                await follow(types)

        await asyncio.gather(*(once() for _ in range(4)))
        await receiver.until(12)
        await asyncio.sleep(0.2)
    assert len(receiver.got) == 12


@pytest.mark.parametrize(
    ("types", "code"), [((), "NOTHING"), (("core.nothing",), "EVENT_TYPE"), (("core.revealed",), "EVENT_TYPE")]
)
async def test_types_that_are_not_told_are_refused(scene: Scene, types: tuple[str, ...], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        await scene.hook(types=types)
    assert [problem.code for problem in refused.value.problems] == [code]


async def test_a_webhook_that_cannot_be_followed_keeps_no_other_from_being_told(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _ = await scene.hook(), await scene.hook()
    batch = following._batch

    async def failing(webhook_id: UUID, *more: Any) -> int:
        if webhook_id == broken.webhook.id:
            raise KeyError(webhook_id)
        return await batch(webhook_id, *more)

    monkeypatch.setattr(following, "_batch", failing)
    person = await scene.person()
    async with scene.telling():
        await receiver.until(1)
    assert [message.subject for message in receiver.got] == [str(person.id)]


async def test_a_merged_organisations_webhook_hears_nothing_of_its_larger_successor(
    scene: Scene, receiver: Receiver, tree: Tree
) -> None:
    await scene.hook(tree.community)
    before = await scene.person(habitual_residence_id=tree.community.id)
    kinds, sources = scene.district.kinds, [tree.community.id]

    async def merge(_unit: object) -> None:
        await carry_out(kinds, await plan_merge(kinds, sources, tree.other_community.id))

    with scene.district.scope():
        await transact(merge)
    await scene.person(habitual_residence_id=tree.other_community.id)
    own = await scene.hook(tree.other_community)
    after = await scene.person(habitual_residence_id=tree.other_community.id)
    async with scene.telling():
        await receiver.until(2)
        await asyncio.sleep(0.3)
    assert {message.subject for message in receiver.got} == {str(before.id), str(after.id)}
    by = next(message for message in receiver.got if message.subject == str(after.id))
    Reference(own.secret).verify(by.body, by.headers)
