"""Posts and accounts beside the erasure of their person, or the end of their organisation, at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from linli.core.access.models import Account, PersonClaim
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person, Post
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

REFUSED = "... on Error { errorCode: code path } ... on ValidationError { fields { path code } }"
MERGED = "... on OrgSuccession { targets { id } }"


def mutation(name: str, answer: str) -> str:
    return f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {answer} {REFUSED} }} }}"


ASSIGN, ACCOUNT = mutation("assignPost", "... on Post { id }"), mutation("createAccount", "... on Account { id }")
ERASE, GRANT = (mutation(name, "... on PersonRequest { id state }") for name in ("erasePerson", "confirmPersonRequest"))
END, MERGE = mutation("endOrg", "... on OrgNode { id validTo }"), mutation("mergeOrgs", MERGED)
CLAIM = mutation("claimPerson", "... on PersonClaimReceipt { received }")
APPROVE = mutation("approvePersonClaim", "... on PersonClaim { id state }")
LATER = (0.0, 0.003, 0.01, 0.03)
"""Seconds that the one is late, so that the other is met at another step."""


@pytest.fixture
async def boss(client: Clients) -> Client:
    return await client("district-admin")


async def to_erase(client: Clients, person: Person) -> tuple[Client, str]:
    """Who may grant it, and the request."""
    first, second = await client("district-official"), await client("district-official")
    asked = await first.mutate(ERASE, input={"personId": global_id("Person", person.id), "reason": "本人要求"})
    return second, asked["id"]


async def late(seconds: float, work: Coroutine[Any, Any, Any]) -> Any:
    await asyncio.sleep(seconds)
    return await work


def code(answer: Any) -> Any:
    return (answer.get("fields") or [{"code": answer.get("errorCode")}])[0]["code"]


@pytest.mark.parametrize("seconds", LATER)
@pytest.mark.parametrize("erasure_first", [True, False])
async def test_nobody_who_is_being_erased_is_given_a_post(
    *, client: Clients, boss: Client, tree: Tree, district: District, seconds: float, erasure_first: bool
) -> None:
    official, request = await to_erase(client, tree.resident)
    given = {"personId": global_id("Person", tree.resident.id), "orgId": global_id("OrgNode", tree.community.id)}
    assign = boss.mutate(ASSIGN, input={**given, "kind": "VOLUNTEER"})
    erase = official.mutate(GRANT, input={"id": request})
    if erasure_first:
        erased, assigned = await asyncio.gather(erase, late(seconds, assign))
    else:
        assigned, erased = await asyncio.gather(assign, late(seconds, erase))
    assert erased["state"] == "DONE", erased
    assert "id" in assigned or code(assigned) in {"PERSON_ERASED", "NOT_FOUND"}, assigned
    with district.scope():
        posts = await Post.filter(person_id=tree.resident.id)
        assert [post.valid_to is None for post in posts] == [False] * ("id" in assigned), "erasure ended it"
        assert (await verify()).ok


@pytest.mark.parametrize("seconds", LATER)
@pytest.mark.parametrize("erasure_first", [True, False])
async def test_nobody_who_is_being_erased_gets_an_account(
    *, client: Clients, boss: Client, tree: Tree, district: District, seconds: float, erasure_first: bool
) -> None:
    official, request = await to_erase(client, tree.resident)
    given = {"username": "lihua", "personId": global_id("Person", tree.resident.id)}
    make, erase = boss.mutate(ACCOUNT, input=given), official.mutate(GRANT, input={"id": request})
    if erasure_first:
        erased, made = await asyncio.gather(erase, late(seconds, make))
    else:
        made, erased = await asyncio.gather(make, late(seconds, erase))
    assert erased["state"] == "DONE", erased
    assert "id" in made or code(made) in {"PERSON_ERASED", "NOT_FOUND"}, made
    with district.scope():
        accounts = await Account.filter(person_id=tree.resident.id)
        assert [one.disabled_at is None for one in accounts] == [False] * ("id" in made), "erasure closed it"


@pytest.mark.parametrize("seconds", LATER)
async def test_a_claim_of_somebody_who_is_being_erased_gives_no_account_that_person(
    client: Clients, tree: Tree, district: District, seconds: float
) -> None:
    with district.scope():
        account = await transact(lambda _unit: Account.create(username="lihua"))
        claim = await transact(lambda _unit: PersonClaim.create(account_id=account.id, person_id=tree.resident.id))
    official, request = await to_erase(client, tree.resident)
    decider = await client("district-admin")
    erased, approved = await asyncio.gather(
        official.mutate(GRANT, input={"id": request}),
        late(seconds, decider.mutate(APPROVE, input={"claimId": global_id("PersonClaim", claim.id)})),
    )
    assert erased["state"] == "DONE", erased
    with district.scope():
        bound = await Account.get(id=account.id)
        person = await Person.get(id=tree.resident.id)
    assert person.erased_at is not None
    if approved.get("state") == "APPROVED":
        assert bound.disabled_at is not None, "approved before, and closed by the erasure"
    else:
        assert (code(approved) in {"PERSON_ERASED", "NOT_FOUND"}, bound.person_id) == (True, None), approved


@pytest.mark.parametrize("seconds", LATER)
@pytest.mark.parametrize("how", ["end", "merge"])
@pytest.mark.parametrize("end_first", [True, False])
async def test_no_post_outlasts_an_organisation_that_ends_in_the_same_moment(
    *, boss: Client, client: Clients, tree: Tree, district: District, seconds: float, how: str, end_first: bool
) -> None:
    other = await client("district-admin")
    grid, community = global_id("OrgNode", tree.grid.id), global_id("OrgNode", tree.community.id)
    if how == "end":
        end = other.mutate(END, input={"id": grid})
    else:
        new = {"kind": "GRID", "name": "合并网格", "parentId": community}
        end = other.mutate(MERGE, input={"sourceIds": [grid], "target": new})
    given = {"personId": global_id("Person", tree.resident.id), "orgId": grid, "kind": "网格长"}
    assign = boss.mutate(ASSIGN, input=given)
    if end_first:
        ended, assigned = await asyncio.gather(end, late(seconds, assign))
    else:
        assigned, ended = await asyncio.gather(assign, late(seconds, end))
    assert "errorCode" not in ended, ended
    assert "id" in assigned or code(assigned) == "ORG_ENDED", assigned
    with district.scope():
        node = await OrgNode.get(id=tree.grid.id)
        posts = await Post.filter(org_id=tree.grid.id)
    assert node.valid_to is not None
    assert len(posts) == ("id" in assigned)
    assert [post for post in posts if post.valid_to is None] == []


async def test_a_post_at_an_organisation_that_has_ended_is_entered_for_the_time_before(
    boss: Client, tree: Tree, clock: FrozenClock
) -> None:
    grid, now = global_id("OrgNode", tree.grid.id), clock.now()
    clock.advance(now + timedelta(days=10))
    await boss.mutate(END, input={"id": grid})
    given = {"personId": global_id("Person", tree.resident.id), "orgId": grid, "kind": "网格长"}
    for end in (None, (now + timedelta(days=11)).isoformat()):
        assert code(await boss.mutate(ASSIGN, input={**given, "validTo": end})) == "ORG_ENDED"
    span = {"validFrom": now.isoformat(), "validTo": (now + timedelta(days=5)).isoformat()}
    assert "id" in await boss.mutate(ASSIGN, input={**given, **span})
