"""Channels: what leaves the district, to where, in which order, and what a person does not want."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from linli.core.channels.file import JsonLines
from linli.core.channels.http import Http
from linli.core.clock import FrozenClock
from linli.core.config.channels import HttpChannel
from linli.core.deliveries.deliverer import Delivered, Deliverer
from linli.core.deliveries.handlers import Handler, handlers_of, wanted_by
from linli.core.districts import District
from linli.core.inbox.channels import Channel
from linli.core.informing import sending
from linli.core.outgoing.addresses import Network
from linli.core.people.models import Person
from linli.core.records import outbox
from linli.core.records.delivery_models import Delivery
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree

from .conftest import LEGAL, OPEN, PRIVATE, Gateway, Scene

HERE = ip_network("127.0.0.0/8")
CHOOSE = """mutation ($input: UpdateNotificationSettingsInput!) { updateNotificationSettings(input: $input) {
    ... on NotificationSettings { channels { name on } } ... on Error { code } } }"""


def use(district: District, channels: Mapping[str, Channel]) -> Deliverer:
    """Have the district send by these channels alone."""
    district.__dict__["channels"] = channels
    district.__dict__["event_handlers"] = handlers_of(district, list(sending.handlers(district)))
    outbox.deliver_to(district.store, wanted_by(district.event_handlers))
    return Deliverer(district)


def http(gateway: Gateway, *networks: Network, personal: bool = False, path: str = "") -> Http:
    settings = HttpChannel(
        url=f"http://127.0.0.1:{gateway.port}/{path}", headers={"X-Secret": "s3"}, personal=personal, timeout_seconds=2
    )
    return Http(settings, networks)


async def drained(deliverer: Deliverer) -> Delivered:
    with capture_logs():
        return await deliverer.drain()


async def problems(district: District) -> list[str | None]:
    with district.scope():
        return [one.problem for one in await Delivery.all().order_by("sequence")]


async def test_a_gateway_that_was_down_gets_everything_in_order_per_person(
    scene: Scene, gateway: Gateway, tree: Tree, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.core.deliveries.sending.FIRST_SECONDS", 0.0)
    sends = use(scene.district, {"http": http(gateway, HERE)})
    gateway.up = False
    people = [tree.resident, tree.neighbour]
    for number in range(4):
        for person in people:
            await scene.tell(person, OPEN, str(number))
    assert (await drained(sends)).done == 0
    assert gateway.tries > 0
    assert "HTTP_503" in await problems(scene.district)
    gateway.up = True
    for _ in range(6):
        clock.advance(clock.now() + timedelta(seconds=400))
        await drained(sends)
    for person in people:
        assert gateway.told(person) == [f"All: {number}" for number in range(4)]
    assert set(await problems(scene.district)) <= {None, "HTTP_503"}


async def test_a_gateway_gets_ids_and_words_and_the_secret(scene: Scene, gateway: Gateway, tree: Tree) -> None:
    sends = use(scene.district, {"http": http(gateway, HERE)})
    made = await scene.tell(tree.resident, LEGAL, "x")
    await drained(sends)
    ((headers, body),) = gateway.got
    assert (headers["x-secret"], headers["content-type"]) == ("s3", "application/json")
    assert headers["idempotency-key"] == body["id"]
    assert (body["notificationId"], body["personId"]) == (str(made.id), str(tree.resident.id))
    assert (body["kind"], body["needsAck"], body["titles"]["en"]) == ("core.legal", True, "Decision")
    assert tree.resident.name not in json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize("personal", [False, True])
async def test_a_text_about_a_person_leaves_only_where_that_is_configured(
    scene: Scene, gateway: Gateway, tree: Tree, personal: bool
) -> None:
    sends = use(scene.district, {"http": http(gateway, HERE, personal=personal)})
    await scene.tell(tree.resident, PRIVATE, "确诊")
    await drained(sends)
    ((_, body),) = gateway.got
    assert body["titles"]["en"] == "Something about you"
    assert (body["texts"] or {}).get("en") == ("You: 确诊" if personal else None)


async def test_a_private_address_is_refused_unless_it_is_configured(scene: Scene, gateway: Gateway, tree: Tree) -> None:
    sends = use(scene.district, {"http": http(gateway)})
    await scene.tell(tree.resident, OPEN, "x")
    assert (await drained(sends)).failed == 1
    assert (gateway.tries, await problems(scene.district)) == (0, ["ADDRESS_FORBIDDEN"])


async def test_a_redirect_is_not_followed(scene: Scene, gateway: Gateway, tree: Tree) -> None:
    gateway.status, gateway.location = 302, f"http://127.0.0.1:{gateway.port}/elsewhere"
    sends = use(scene.district, {"http": http(gateway, HERE)})
    await scene.tell(tree.resident, OPEN, "x")
    assert (await drained(sends)).failed == 1
    assert (gateway.tries, await problems(scene.district)) == (1, ["HTTP_302"])


async def test_a_channel_that_is_down_holds_up_no_other(
    scene: Scene, gateway: Gateway, tree: Tree, tmp_path: Path
) -> None:
    gateway.up = False
    place = tmp_path / "out" / "messages.jsonl"
    sends = use(scene.district, {"http": http(gateway, HERE), "file": JsonLines(place, personal=False)})
    await scene.tell(tree.resident, OPEN, "x")
    await drained(sends)
    assert len(place.read_text("utf-8").splitlines()) == 1


async def test_the_file_is_for_its_owner_alone_and_has_a_line_for_each_message(
    scene: Scene, tree: Tree, tmp_path: Path
) -> None:
    place = tmp_path / "out" / "messages.jsonl"
    sends = use(scene.district, {"file": JsonLines(place, personal=False)})
    for number in range(3):
        await scene.tell(tree.resident, OPEN, f"第{number}条\n")
    await drained(sends)
    lines = [json.loads(line) for line in place.read_text("utf-8").splitlines()]
    assert [line["texts"]["en"] for line in lines] == [f"All: 第{number}条\n" for number in range(3)]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


async def test_a_channel_that_a_person_turned_off_gets_nothing_but_what_must_be_told(
    scene: Scene, gateway: Gateway, client: Clients, tree: Tree
) -> None:
    sends = use(scene.district, {"http": http(gateway, HERE)})
    resident = await client(person=tree.resident)
    chosen = await resident.mutate(CHOOSE, input={"channels": [{"name": "http", "on": False}]})
    assert chosen == {"channels": [{"name": "http", "on": False}]}
    for person in (tree.resident, tree.neighbour):
        await scene.tell(person, OPEN, "x")
        await scene.tell(person, LEGAL, "y")
    await drained(sends)
    assert gateway.told(tree.resident) == ["Decided: y"]
    assert gateway.told(tree.neighbour) == ["All: x", "Decided: y"]
    await resident.mutate(CHOOSE, input={"channels": [{"name": "http", "on": True}]})
    await scene.tell(tree.resident, OPEN, "z")
    await drained(sends)
    assert gateway.told(tree.resident) == ["Decided: y", "All: z"]
    unknown = await resident.mutate(CHOOSE, input={"channels": [{"name": "pager", "on": False}]})
    assert unknown == {"code": "VALIDATION"}


async def test_nothing_is_sent_of_somebody_who_was_erased_meanwhile(
    scene: Scene, gateway: Gateway, tree: Tree, clock: FrozenClock
) -> None:
    sends = use(scene.district, {"http": http(gateway, HERE)})
    await scene.tell(tree.resident, OPEN, "x")
    with scene.district.scope():
        await transact(lambda _unit: Person.filter(id=tree.resident.id).update(erased_at=clock.now()))
    assert (await drained(sends)).done == 1
    assert gateway.got == []


@pytest.mark.linli(settings={"core": {"channel_file": {}, "channel_http": {"url": "https://gateway.example.cn/"}}})
async def test_the_configuration_turns_channels_on(district: District) -> None:
    assert set(district.channels) == {"file", "http"}
    handlers: Mapping[str, Handler] = district.event_handlers
    assert {"core.send_by_file", "core.send_by_http"} <= set(handlers)
    assert handlers["core.send_by_http"].handler.outside


@pytest.mark.parametrize(
    "given",
    [
        {"url": "ftp://gateway.example.cn/"},
        {"url": "https://gateway.example.cn/", "headers": {"Host": "x"}},
        {"url": "https://gateway.example.cn/", "headers": {"X": "a\r\nb"}},
        {"url": "https://gateway.example.cn/", "timeout_seconds": 60},
    ],
)
def test_a_gateway_that_cannot_be_one_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpChannel(**given)
