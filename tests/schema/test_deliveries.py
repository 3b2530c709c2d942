"""Deliveries in GraphQL: how far handlers are, what they gave up, and telling them again."""

from __future__ import annotations

import pytest

from linli.core.deliveries.deliverer import Deliverer
from linli.core.deliveries.handlers import EventHandler, Handler, wanted_by
from linli.core.districts import District
from linli.core.people.services import create_person
from linli.core.records import outbox
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree

LIST = """{ eventHandlers { name plugin types pending dead lagSeconds }
    deliveries(filter: {state: {eq: DEAD}}) { totalCount nodes { id handler type state attempts problem } } }"""
RETRY = """mutation ($input: RetryDeliveryInput!) { retryDelivery(input: $input) {
    ... on Delivery { state attempts } ... on Error { errorCode: code } } }"""


@pytest.fixture
async def broken(district: District) -> District:
    """A district with a handler that gave up one event."""

    async def refuse(*_: object) -> None:
        raise ArithmeticError("张三 is not to be told")

    handler = EventHandler("graphql.tell", {"core.person_created": 1}, refuse, "Tells it. 告知。", attempts=1)
    district.event_handlers = {"graphql.tell": Handler("graphql", handler)}
    outbox.deliver_to(district.store, wanted_by(district.event_handlers))
    with district.scope():
        await transact(lambda _unit: create_person(name="张三"))
    await Deliverer(district).drain()
    return district


async def test_administrators_see_how_far_handlers_are_and_what_was_given_up(
    client: Clients, tree: Tree, broken: District
) -> None:
    found = await (await client("district-admin")).data(LIST)
    assert found["eventHandlers"] == [
        {
            "name": "graphql.tell",
            "plugin": "graphql",
            "types": ["core.person_created"],
            "pending": 0,
            "dead": 1,
            "lagSeconds": 0,
        }
    ]
    (given_up,) = found["deliveries"]["nodes"]
    assert (given_up["state"], given_up["attempts"], given_up["problem"]) == ("DEAD", 1, "ArithmeticError")
    for role, at in (
        ("community-staff", tree.community),
        ("district-official", tree.root),
        ("district-admin", tree.street),
    ):
        other = await (await client(role, at=at)).data(LIST)
        assert other == {"eventHandlers": None, "deliveries": {"totalCount": 0, "nodes": []}}


async def test_one_that_was_given_up_is_tried_anew_once(client: Clients, tree: Tree, broken: District) -> None:
    admin = await client("district-admin")
    (given_up,) = (await admin.data(LIST))["deliveries"]["nodes"]
    chosen = {"deliveryId": given_up["id"]}
    official = await client("district-official", at=tree.root)
    assert (await official.mutate(RETRY, input=chosen))["errorCode"] in {"FORBIDDEN", "NOT_FOUND"}
    assert await admin.mutate(RETRY, input=chosen) == {"state": "PENDING", "attempts": 0}
    assert await admin.mutate(RETRY, input=chosen) == {"errorCode": "NOT_DEAD"}
