"""Giving, delegating and revoking roles over GraphQL, and what they cover."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.core.access.granting import grant_role
from linli.core.access.models import Account, Grant
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.graph import services as graph
from linli.core.people.models import Person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

ERRORS = "... on Error { errorCode: code path } ... on ValidationError { fields { path code } }"
GRANT = f"mutation ($input: GrantRoleInput!) {{ grantRole(input: $input) {{ ... on Grant {{ id role }} {ERRORS} }} }}"
REVOKE = f"mutation ($input: RevokeGrantInput!) {{ revokeGrant(input: $input) {{ ... on Grant {{ id }} {ERRORS} }} }}"
DELEGATE = (
    "mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {"
    " ... on Grant { id role validFrom validTo delegated delegatedFrom { id } } " + ERRORS + " } }"
)
MINE = "{ viewer { grants { id role delegated delegatedFrom { id } permissions org { name } } } }"
HIDDEN = "query ($id: ID!) { org(id: $id) { name } }"
ADMINS = ("system-admin", "security-admin", "auditor")

Told = Callable[[], Awaitable[list[Event]]]


async def account_of(client: Client) -> str:
    found: str = (await client.data("{ viewer { account { id } } }"))["viewer"]["account"]["id"]
    return found


async def grant_of(client: Client) -> str:
    found: str = (await client.data(MINE))["viewer"]["grants"][0]["id"]
    return found


async def second_account(district: District, person: Person) -> str:
    """Another account of somebody whose first one is disabled."""

    async def make(_unit: object) -> Account:
        return await Account.create(username=f"second-{person.id}", person_id=person.id)

    with district.scope():
        return global_id("Account", (await transact(make)).id)


# who may be given a role


async def test_nobody_gives_a_role_to_another_account_of_the_same_person(
    client: Clients, tree: Tree, district: District
) -> None:
    boss = await client("district-admin", person=tree.staff)
    other = await second_account(district, tree.staff)
    given = {"accountId": other, "role": "street-official", "orgId": global_id("OrgNode", tree.street.id)}
    refused = await boss.mutate(GRANT, input=given)
    assert refused == {"errorCode": "FORBIDDEN", "path": ["accountId"]}
    with district.scope():
        assert await Grant.all().count() == 1


@pytest.mark.linli(settings={"core": {"three_admins": True}})
@pytest.mark.parametrize("held", ADMINS)
async def test_the_three_administrators_exclude_each_other_on_one_person(
    client: Clients, tree: Tree, district: District, events: Told, held: str
) -> None:
    security = await client("security-admin")
    await client(held, person=tree.resident)
    other = await second_account(district, tree.resident)
    place = global_id("OrgNode", tree.root.id)
    for role in ADMINS:
        answer = await security.mutate(GRANT, input={"accountId": other, "role": role, "orgId": place})
        if role == held:
            assert answer["role"] == role
        else:
            assert answer == {"errorCode": "EXCLUSIVE_ROLES", "path": ["role"]}
    assert [event.type for event in await events() if event.type.startswith("core.grant")] == ["core.grant_given"]


async def test_without_three_admins_one_person_may_hold_all_of_them(client: Clients, tree: Tree) -> None:
    boss, holder = await client("district-admin"), await client("auditor", person=tree.resident)
    given = {"accountId": await account_of(holder), "orgId": global_id("OrgNode", tree.root.id)}
    assert (await boss.mutate(GRANT, input={**given, "role": "system-admin"}))["role"] == "system-admin"


@pytest.mark.linli(settings={"core": {"three_admins": True}})
async def test_with_three_admins_only_the_security_admin_grants(client: Clients, tree: Tree) -> None:
    receiver = await client(person=tree.resident)
    given = {"accountId": await account_of(receiver), "role": "volunteer", "orgId": global_id("OrgNode", tree.root.id)}
    for role in ("district-admin", "system-admin", "auditor"):
        assert (await (await client(role)).mutate(GRANT, input=given))["errorCode"] == "FORBIDDEN"
    assert (await (await client("security-admin")).mutate(GRANT, input=given))["role"] == "volunteer"


@pytest.mark.linli(settings={"core": {"three_admins": True}})
async def test_of_two_administrators_roles_given_at_once_one_is_refused(
    tree: Tree, district: District, clock: FrozenClock
) -> None:
    with district.scope():
        account = await transact(lambda _unit: Account.create(username="both", person_id=tree.resident.id))

    async def give(role: str) -> str:
        given: dict[str, Any] = {"account_id": account.id, "role": role, "org_id": tree.root.id}
        with district.scope():
            try:
                await transact(lambda _unit: grant_role(district.granting, **given, valid_from=None, valid_to=None))
            except RejectedError as refused:
                return refused.code
        return "given"

    outcomes = await asyncio.gather(*(asyncio.create_task(give(role)) for role in ADMINS))
    assert sorted(outcomes) == ["EXCLUSIVE_ROLES", "EXCLUSIVE_ROLES", "given"]


# what a grant covers


async def succeed(district: District, old: Any, new: Any) -> None:
    async def relate(_unit: object) -> None:
        await graph.create_relation(
            district.kinds, kind="SUCCEEDED_BY", source_id=old.id, target_id=new.id, valid_from=None
        )

    with district.scope():
        await transact(relate)


async def test_a_grant_counts_for_what_its_node_or_one_beneath_it_succeeded(
    client: Clients, tree: Tree, district: District
) -> None:
    official = await client("street-official", at=tree.other_street)
    grid = global_id("OrgNode", tree.grid.id)  # beneath the community that is to be succeeded
    people = '{ people(filter: {habitualResidence: {code: {eq: "430602003006"}}}) { totalCount nodes { name } } }'
    assert (await official.data(HIDDEN, id=grid))["org"] is None
    assert (await official.data(people))["people"]["totalCount"] == 0
    await succeed(district, tree.community, tree.other_community)
    assert (await official.data(HIDDEN, id=grid))["org"] == {"name": "第一网格"}
    assert (await official.data(people))["people"] == {
        "totalCount": 2,
        "nodes": [{"name": "示例丙"}, {"name": "示例戊"}],
    }
    at = "query ($id: ID!) { viewer { permissions(at: $id) } }"
    assert "core.person.read" in (await official.data(at, id=grid))["viewer"]["permissions"]
    elsewhere = await client("grid-officer", at=tree.partner)
    assert (await elsewhere.data(HIDDEN, id=grid))["org"] is None


async def test_nobody_makes_oneself_a_successor_of_what_one_may_not_change(client: Clients, tree: Tree) -> None:
    local = await client("district-admin", at=tree.street)
    relate = "mutation ($input: CreateRelationInput!) { createRelation(input: $input) { ... on Error { code } } }"
    ends = [global_id("OrgNode", node.id) for node in (tree.other_community, tree.community)]
    for source, target in (ends, ends[::-1]):
        given = {"kind": "SUCCEEDED_BY", "sourceId": source, "targetId": target}
        assert await local.mutate(relate, input=given) == {"code": "FORBIDDEN"}


# delegation


async def delegation(
    client: Clients, tree: Tree, clock: FrozenClock, **more: Any
) -> tuple[Client, Client, dict[str, Any]]:
    holder = await client("street-official", at=tree.street, person=tree.staff)
    deputy = await client(person=tree.partner_staff)
    now = clock.now()
    given = {
        "grantId": await grant_of(holder),
        "toAccountId": await account_of(deputy),
        "validFrom": (now + timedelta(days=1)).isoformat(),
        "validTo": (now + timedelta(days=3)).isoformat(),
        **more,
    }
    return holder, deputy, given


async def test_a_delegated_role_counts_from_its_start_to_its_end(
    client: Clients, tree: Tree, clock: FrozenClock, events: Told
) -> None:
    holder, deputy, given = await delegation(client, tree, clock)
    made = await holder.mutate(DELEGATE, input=given)
    assert (made["role"], made["delegated"], made["delegatedFrom"]) == (
        "street-official",
        True,
        {"id": given["grantId"]},
    )
    grid = global_id("OrgNode", tree.grid.id)
    seen = []
    for _ in range(4):
        seen.append((await deputy.data(HIDDEN, id=grid))["org"] is not None)
        clock.advance(clock.now() + timedelta(days=1))
    assert seen == [False, True, True, False]
    assert [event.type for event in await events()][-1] == "core.role_delegated"


async def test_revoking_the_grant_ends_what_was_delegated_from_it(
    client: Clients, tree: Tree, clock: FrozenClock, events: Told
) -> None:
    holder, deputy, given = await delegation(client, tree, clock, validFrom=clock.now().isoformat())
    await holder.mutate(DELEGATE, input=given)
    shown = (await deputy.data(MINE))["viewer"]["grants"]
    assert [(one["role"], one["delegated"], one["org"]["name"]) for one in shown] == [
        ("street-official", True, "吕仙亭街道")
    ]
    assert "core.org.read" in shown[0]["permissions"]
    boss = await client("district-admin")
    assert (await boss.mutate(REVOKE, input={"grantId": given["grantId"]}))["id"] == given["grantId"]
    assert (await deputy.data(MINE))["viewer"]["grants"] == []
    assert [event.type for event in await events()][-2:] == ["core.grant_revoked"] * 2


async def test_a_delegator_takes_the_role_back_and_others_do_not(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    holder, deputy, given = await delegation(client, tree, clock, validFrom=clock.now().isoformat())
    made = await holder.mutate(DELEGATE, input=given)
    assert (await deputy.mutate(REVOKE, input={"grantId": made["id"]}))["errorCode"] == "FORBIDDEN"
    assert (await deputy.mutate(REVOKE, input={"grantId": given["grantId"]}))["errorCode"] == "NOT_FOUND"
    assert (await holder.mutate(REVOKE, input={"grantId": given["grantId"]}))["errorCode"] == "FORBIDDEN"
    assert (await holder.mutate(REVOKE, input={"grantId": made["id"]}))["id"] == made["id"]
    assert (await deputy.data(MINE))["viewer"]["grants"] == []


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ((3, 1), {"path": "validTo", "code": "END_BEFORE_START"}),
        ((-3, -1), {"path": "validTo", "code": "IN_THE_PAST"}),
        ((1, 9), {"path": "validTo", "code": "OUTSIDE_GRANT"}),
    ],
)
async def test_a_delegation_lies_within_the_grants_time(
    client: Clients, tree: Tree, clock: FrozenClock, days: tuple[int, int], problem: dict[str, str]
) -> None:
    now = clock.now()
    holder = await client("street-official", at=tree.street, valid_to=now + timedelta(days=5))
    deputy = await client(person=tree.partner_staff)
    given = {
        "grantId": await grant_of(holder),
        "toAccountId": await account_of(deputy),
        "validFrom": (now + timedelta(days=days[0])).isoformat(),
        "validTo": (now + timedelta(days=days[1])).isoformat(),
    }
    assert (await holder.mutate(DELEGATE, input=given))["fields"] == [problem]


async def test_a_role_is_neither_delegated_further_nor_by_others_nor_to_oneself(
    client: Clients, tree: Tree, clock: FrozenClock, district: District
) -> None:
    holder, deputy, given = await delegation(client, tree, clock, validFrom=clock.now().isoformat())
    made = await holder.mutate(DELEGATE, input=given)
    third = await account_of(await client(person=tree.neighbour))
    further = await deputy.mutate(DELEGATE, input={**given, "grantId": made["id"], "toAccountId": third})
    assert further["errorCode"] == "INVALID_TRANSITION"
    stranger = await client("street-official", at=tree.street)
    assert (await stranger.mutate(DELEGATE, input={**given, "toAccountId": third}))["errorCode"] == "NOT_FOUND"
    for own in (await account_of(holder), await second_account(district, tree.staff)):
        assert (await holder.mutate(DELEGATE, input={**given, "toAccountId": own}))["errorCode"] == "FORBIDDEN"
    boss = await client("district-admin", person=tree.resident)
    mine = {**given, "toAccountId": await account_of(boss)}
    assert (await boss.mutate(DELEGATE, input=mine))["errorCode"] == "FORBIDDEN"
    with district.scope():
        assert await Grant.filter(delegated_from_id__not_isnull=True).count() == 1


async def test_a_deputy_gives_no_role_to_whoever_delegated_theirs(
    client: Clients, tree: Tree, clock: FrozenClock, district: District
) -> None:
    """An administrator would else get by a deputy what nobody gives to oneself."""
    boss, deputy = await client("district-admin", person=tree.staff), await client(person=tree.partner_staff)
    span = {"validFrom": clock.now().isoformat(), "validTo": (clock.now() + timedelta(days=3)).isoformat()}
    given = {"grantId": await grant_of(boss), "toAccountId": await account_of(deputy), **span}
    assert (await boss.mutate(DELEGATE, input=given))["role"] == "district-admin"
    wanted = {"role": "community-secretary", "orgId": global_id("OrgNode", tree.root.id)}
    for own in (await account_of(boss), await second_account(district, tree.staff)):
        refused = await deputy.mutate(GRANT, input={"accountId": own, **wanted})
        assert refused == {"errorCode": "FORBIDDEN", "path": ["accountId"]}
    official = await client("street-official", at=tree.street, person=tree.resident)
    passed_on = {"grantId": await grant_of(official), "toAccountId": await account_of(boss), **span}
    refused = await deputy.mutate(DELEGATE, input=passed_on)
    assert refused == {"errorCode": "FORBIDDEN", "path": ["toAccountId"]}
    other = await account_of(await client(person=tree.neighbour))
    assert (await deputy.mutate(GRANT, input={"accountId": other, **wanted}))["role"] == "community-secretary"


@pytest.mark.linli(settings={"core": {"three_admins": True}})
async def test_with_three_admins_the_security_admin_arranges_delegations(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    holder, _, given = await delegation(client, tree, clock)
    assert (await holder.mutate(DELEGATE, input=given))["errorCode"] == "FORBIDDEN"
    assert (await (await client("security-admin")).mutate(DELEGATE, input=given))["role"] == "street-official"


# people without a place


async def test_somebody_without_a_place_is_seen_and_changed_by_those_who_hold_the_permission_at_the_root(
    client: Clients, tree: Tree
) -> None:
    boss = await client("district-admin")
    make = "mutation ($input: CreatePersonInput!) { createPerson(input: $input) { ... on Person { id name } } }"
    made = await boss.mutate(make, input={"name": "示例无所"})
    assert made["name"] == "示例无所"
    shown = "query ($id: ID!) { person(id: $id) { name } }"
    change = """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
        ... on Person { version } ... on Error { code } } }"""
    assert (await (await client("auditor")).data(shown, id=made["id"]))["person"] == {"name": "示***"}
    for local in (await client("district-admin", at=tree.street), await client(person=tree.resident)):
        assert (await local.data(shown, id=made["id"]))["person"] is None
        assert await local.mutate(change, input={"id": made["id"], "name": "x"}) == {"code": "NOT_FOUND"}
    assert await boss.mutate(change, input={"id": made["id"], "name": "示例有名"}) == {"version": 2}
    official = await client("district-official")
    assert (await official.data(shown, id=made["id"]))["person"] == {"name": "示例有名"}
    assert await official.mutate(change, input={"id": made["id"], "name": "x"}) == {"code": "FORBIDDEN"}


# roles as configured


ADJUSTED = {"core": {"roles": {"grid-officer": {"add": ["core.calendar.write"], "remove": ["core.person.read"]}}}}


@pytest.mark.linli(settings=ADJUSTED)
async def test_a_role_allows_what_the_configuration_makes_of_it(client: Clients, tree: Tree) -> None:
    officer = await client("grid-officer", at=tree.root)
    asked = await officer.data("{ viewer { permissions } people { totalCount } }")
    assert {"core.calendar.write", "core.org.read"} <= set(asked["viewer"]["permissions"])
    assert "core.person.read" not in asked["viewer"]["permissions"]
    assert asked["people"]["totalCount"] == 0
