"""`changes`: what a client that keeps copies has to renew or to forget."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from linli.core.access.models import Account, Grant, Token
from linli.core.access.tokens import digest
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.core import changes
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.subscriptions.conftest import Creator

CHANGES = """query ($after: String, $types: [String!], $under: ID, $first: Int) {
  changes(after: $after, types: $types, under: $under, first: $first) {
    nodes { sequence kind type id node { id ... on OrgNode { code } } } reset
    pageInfo { endCursor hasNextPage } } }"""
RENAME = (
    """mutation ($input: UpdateOrgInput!) { updateOrg(input: $input) { __typename ... on Error { code message } } }"""
)


@pytest.fixture
def ask(district: District) -> Callable[..., Any]:
    """Asks as a client, once everything is sealed."""

    async def asked(client: Client, **given: Any) -> Any:
        await seal_now(district.store)
        return (await client.data(CHANGES, **given))["changes"]

    return asked


def codes(page: Any) -> list[str | None]:
    return [one["node"] and one["node"].get("code") for one in page["nodes"]]


async def test_a_client_gets_what_changed_since_it_asked_last_each_record_once(
    client: Clients, tree: Tree, create: Creator, ask: Callable[..., Any]
) -> None:
    admin = await client("district-admin")
    now = await ask(admin, first=0)
    assert now["nodes"] == []
    first = await create(tree.community, code="D1")
    await create(tree.community, code="D2")
    renamed = await admin.mutate(RENAME, input={"id": first["id"], "name": "改名"})
    assert renamed["__typename"] == "OrgNode", renamed
    page = await ask(admin, after=now["pageInfo"]["endCursor"])
    assert codes(page) == ["D2", "D1"]
    assert [one["kind"] for one in page["nodes"]] == ["UPSERT", "UPSERT"]
    assert page["nodes"][1]["id"] == page["nodes"][1]["node"]["id"] == first["id"]
    again = await ask(admin, after=page["pageInfo"]["endCursor"])
    assert (again["nodes"], again["reset"], again["pageInfo"]["hasNextPage"]) == ([], False, False)
    assert again["pageInfo"]["endCursor"] == page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("size", [1, 3, 200])
async def test_pages_of_any_size_tell_the_same_from_the_beginning(
    client: Clients, create: Creator, tree: Tree, ask: Callable[..., Any], size: int
) -> None:
    admin = await client("district-admin")
    for number in range(4):
        await create(tree.grid if number % 2 else tree.community, code=f"E{number}")
    found: list[str | None] = []
    after = None
    while True:
        page = await ask(admin, after=after, types=["OrgNode"], first=size)
        found += codes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert set(found) >= {"E0", "E1", "E2", "E3", tree.community.code}
    assert len(found) >= len(set(found))


async def test_batches_that_concern_nobody_go_by(
    client: Clients, create: Creator, tree: Tree, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "BATCH", 2)
    monkeypatch.setattr(changes, "BATCHES", 1)
    elsewhere = await client("community-staff", at=tree.other_community)
    after, pages = (await ask(elsewhere, first=0))["pageInfo"]["endCursor"], 0
    told: list[str | None] = []
    for number in range(5):
        await create(tree.community, code=f"G{number}")
    await create(tree.other_community, code="MINE")
    while True:
        page = await ask(elsewhere, after=after)
        told, after, pages = told + codes(page), page["pageInfo"]["endCursor"], pages + 1
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert told == ["MINE"]
    assert pages > 1


async def test_only_what_the_viewer_sees_and_asked_for_is_told(
    client: Clients, create: Creator, tree: Tree, ask: Callable[..., Any]
) -> None:
    elsewhere, admin = await client("community-staff", at=tree.other_community), await client("district-admin")
    now = [(await ask(one, first=0))["pageInfo"]["endCursor"] for one in (elsewhere, admin)]
    await create(tree.community, code="HERE")
    await create(tree.street, code="ABOVE")
    page = await ask(elsewhere, after=now[0])
    assert page["nodes"] == []
    assert page["pageInfo"]["endCursor"] != now[0]
    beneath = await ask(admin, after=now[1], under=global_id("OrgNode", tree.community.id))
    assert codes(beneath) == ["HERE"]
    assert (await ask(admin, after=now[1], types=["Person"]))["nodes"] == []


async def test_who_saw_a_record_is_told_that_it_is_gone_and_nobody_else(
    client: Clients, tree: Tree, ask: Callable[..., Any], district: District
) -> None:
    here = await client("community-staff", at=tree.community)
    there = await client("community-staff", at=tree.other_community)
    street = await client("street-official", at=tree.other_street)
    admin = await client("district-admin")
    create = (
        """mutation ($input: CreatePersonInput!) { createPerson(input: $input) { __typename ... on Person { id } } }"""
    )
    move = "mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { __typename } }"
    home = {"habitualResidenceId": global_id("OrgNode", tree.community.id)}
    made = await admin.mutate(
        create, input={"name": "示例庚", **home, "registeredResidenceId": home["habitualResidenceId"]}
    )
    now = {one: (await ask(one, first=0))["pageInfo"]["endCursor"] for one in (here, there, street)}
    away = global_id("OrgNode", tree.other_community.id)
    moved = await admin.mutate(
        move, input={"id": made["id"], "habitualResidenceId": away, "registeredResidenceId": away}
    )
    assert moved["__typename"] == "Person", moved
    told = {one: (await ask(one, after=now[one]))["nodes"] for one in now}
    assert [(one["kind"], one["id"], one["node"]) for one in told[here]] == [("TOMBSTONE", made["id"], None)]
    assert [(one["kind"], one["id"]) for one in told[there]] == [("UPSERT", made["id"])]
    assert [(one["kind"], one["id"]) for one in told[street]] == [("UPSERT", made["id"])]
    outsider = await client("community-staff", at=tree.grid)
    since = (await ask(outsider, first=0))["pageInfo"]["endCursor"]
    await admin.mutate(move, input={"id": made["id"], "name": "示例辛"})
    assert (await ask(outsider, after=since))["nodes"] == []


async def test_other_rights_than_before_ask_for_a_new_beginning(
    client: Clients, tree: Tree, ask: Callable[..., Any], district: District
) -> None:
    staff = await client("community-staff", at=tree.community)
    after = (await ask(staff, first=0))["pageInfo"]["endCursor"]
    with district.scope():
        account = await Account.get(id__in=await _account_ids(staff))
        given: dict[str, Any] = {"account_id": account.id, "role": "grid-officer", "org_id": tree.other_community.id}
        await transact(lambda _unit: Grant.create(**given))
    page = await ask(staff, after=after)
    assert (page["reset"], page["nodes"]) == (True, [])
    anew = await ask(staff)
    assert anew["reset"] is False
    assert (await ask(staff, after=anew["pageInfo"]["endCursor"]))["reset"] is False


async def _account_ids(staff: Client) -> list[Any]:
    return [(await Token.get(digest=digest(str(staff.token)))).account_id]


async def test_who_read_whose_values_is_no_change_of_anybody(
    client: Clients, tree: Tree, ask: Callable[..., Any], district: District
) -> None:
    admin, secretary = await client("district-admin"), await client("community-secretary", at=tree.community)
    after = (await ask(secretary, first=0))["pageInfo"]["endCursor"]
    reveal = """query ($id: ID!) { person(id: $id) { name phone(reveal: {purpose: "核实"}) } }"""
    await secretary.query(reveal, id=global_id("Person", tree.resident.id))
    assert (await ask(secretary, after=after, types=["Person"]))["nodes"] == []
    assert admin.token is not None
    with district.scope():
        assert await Person.filter(id=tree.resident.id).exists()


async def test_asking_in_vain_costs_one_statement_beside_the_look_whether_rights_changed(
    client: Clients,
    create: Creator,
    tree: Tree,
    ask: Callable[..., Any],
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    admin = await client("district-admin")
    await create(tree.community, code="Z1")
    after = (await ask(admin, first=0))["pageInfo"]["endCursor"]
    await ask(admin, after=after)
    with statements() as sent:
        assert (await admin.data(CHANGES, after=after))["changes"]["nodes"] == []
    assert len(sent) == 1, sent  # the newest event; whose token this is was known already


@pytest.mark.parametrize(
    ("given", "code"),
    [({"after": "x"}, "VALIDATION"), ({"types": ["Nothing"]}, "VALIDATION"), ({"first": 201}, "VALIDATION")],
)
async def test_what_cannot_be_asked_is_refused(client: Clients, given: dict[str, Any], code: str) -> None:
    assert (await (await client("district-admin")).query(CHANGES, **given)).codes == [code]
    assert (await (await client()).query(CHANGES)).codes == ["UNAUTHENTICATED"]
