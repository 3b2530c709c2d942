"""Nothing is shown in full by a subscription: that is asked for at hand, and its record would be an event again."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.access.models import Grant, Token
from linli.core.access.tokens import digest
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree
from tests.schema.subscriptions.conftest import Creator, Serving
from tests.schema.subscriptions.sockets import opened

WATCH = """subscription { events(types: ["core.person_updated", "core.revealed"]) { subject { ... on Person {
  id masked: phone phone(reveal: {purpose: "核对老年餐补贴资格"}) } } } }"""
SEARCH = """subscription { events(types: ["core.org_created", "core.searched"]) { subject { ... on OrgNode {
  tenures(filter: {person: {phone: {eq: "13800000012"}}}) { nodes { id } } } } } }"""


@pytest.mark.parametrize("query", [WATCH, SEARCH])
async def test_what_is_recorded_is_refused_in_a_subscription_and_brings_forth_no_events(
    served: Serving, client: Clients, tree: Tree, create: Creator, district: District, *, query: str
) -> None:
    secretary = await client("community-secretary", at=tree.community)
    with district.scope():
        token = await Token.get(digest=digest(str(secretary.token)))
        root = await OrgNode.get(parent_id=None)
        await transact(lambda _unit: Grant.create(account_id=token.account_id, role="auditor", org_id=root.id))
        given: dict[str, Any] = {"phone": "13800000011", "habitual_residence_id": tree.community.id}
        person = await transact(lambda _unit: create_person(name="李四", **given))
    await seal_now(district.store)
    async with opened(served.url, secretary.token) as socket:
        await socket.subscribe(query)
        with district.scope():
            fresh = await Person.get(id=person.id)
            await transact(lambda _unit: update_person(fresh, None, name="王五"))
        await create(tree.community)
        told = await socket.next()
        (error,) = told["errors"]
        assert error["extensions"]["code"] == "NOT_BY_SUBSCRIPTION"
        assert "13800000011" not in str(told)
        assert await socket.silent(1.0)
    with district.scope():
        assert not await Event.filter(type__in=["core.revealed", "core.searched", "core.denied"]).exists()
