"""Somebody entered twice, and those who propose and confirm that the two are one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people import services
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import Api, set_up
from tests.schema.kin.conftest import gid, mutation
from tests.schema.registry.api import Office

MERGED = "... on PersonMerge { id state mergedId kept { id } merged { id } reason }"
PROPOSAL = """... on MergeProposal { dryRun merge { id state } references { plugin what column count }
    conflicts { plugin code what count } differing } ... on RejectedError { details }"""
PROPOSE, CONFIRM = mutation("mergePersons", PROPOSAL), mutation("confirmPersonMerge", MERGED)
REFUSE, UNDO = (
    mutation("refusePersonMerge", MERGED),
    mutation("undoPersonMerge", MERGED + " ... on RejectedError { details }"),
)
JOIN = mutation("joinWaitlist", "... on WaitlistEntry { id state }")
NUMBER, PHONE = "430602195206150011", "13800000011"


@dataclass(frozen=True)
class Twins:
    """`one` was entered first, `other` is the same person again: with an id number, and the same phone and birth."""

    one: Person
    other: Person


@pytest.fixture
async def office(client: Clients, tree: Tree) -> Office:
    """Staff of the community, who keep its registry."""
    return Office(await client("community-staff", at=tree.community), tree)


Merge = Callable[..., Awaitable[Any]]


@pytest.fixture
async def twins(district: District, tree: Tree) -> Twins:
    """Both live in the community."""
    known: dict[str, Any] = {"name": "示例重名", "phone": PHONE, "habitual_residence_id": tree.community.id}

    async def make(_unit: object) -> Twins:
        one = await services.create_person(**known, birth_date=date(1952, 6, 15))
        return Twins(one, await services.create_person(**known, id_number=NUMBER, party_status="群众"))

    with district.scope():
        return await transact(make)


@pytest.fixture
async def secretary(client: Clients, tree: Tree) -> Client:
    """Who proposes."""
    return await client("community-secretary", at=tree.community)


@pytest.fixture
async def street(client: Clients, tree: Tree) -> Client:
    """Who confirms."""
    return await client("street-official", at=tree.street)


@pytest.fixture
async def api(client: Clients, tree: Tree, clock: FrozenClock) -> Api:
    """The court of a unit in the community."""
    owner, venue = await set_up(client, tree)
    return Api(client, tree, clock, owner, venue["id"])


def pair(kept: Person, merged: Person, **more: Any) -> dict[str, Any]:
    """The input of a proposal."""
    return {"keptId": gid(kept), "mergedId": gid(merged), "reason": "同一人重复登记", **more}


@pytest.fixture
def merge(secretary: Client, street: Client) -> Merge:
    """Proposes that two are one and has it confirmed; answers the merge, or the refusal."""

    async def make(kept: Person, merged: Person, **more: Any) -> Any:
        proposed = await secretary.mutate(PROPOSE, input=pair(kept, merged, **more))
        if "merge" not in proposed:
            return proposed
        return await street.mutate(CONFIRM, input={"id": proposed["merge"]["id"]})

    return make
