"""Whoever did the work never confirms it: by no other account, and by nobody in whose place they act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.core.access import tokens
from linli.core.access.models import Account
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import BOOK, at, org, set_up, step

pytestmark = pytest.mark.linli(plugins=["venues"])

DELEGATE = """mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {
  ... on Grant { id } ... on Error { code } } }"""
MINE = "{ viewer { account { id } grants { id } } }"
PROPOSE = """mutation ($input: SetOpeningPolicyInput!) { setOpeningPolicy(input: $input) { __typename
  ... on OpeningPolicy { id } ... on Error { code } } }"""
APPROVE = """mutation ($input: ApproveOpeningPolicyInput!) { approveOpeningPolicy(input: $input) { __typename
  ... on Error { code } } }"""


async def delegate(holder: Client, deputy: Client, clock: FrozenClock) -> None:
    (grant,) = (await holder.data(MINE))["viewer"]["grants"]
    given = {
        "grantId": grant["id"],
        "toAccountId": (await deputy.data(MINE))["viewer"]["account"]["id"],
        "validFrom": clock.now().isoformat(),
        "validTo": (clock.now() + timedelta(days=30)).isoformat(),
    }
    assert "id" in await holder.mutate(DELEGATE, input=given)


async def requested(client: Clients, tree: Tree, booker: Client) -> str:
    _, venue = await set_up(client, tree, requiresApproval=True)
    given = {"venueId": venue["id"], "start": at("2026-03-11", "19:00"), "end": at("2026-03-11", "20:00")}
    made = await booker.mutate(BOOK, input=given)
    assert made["state"] == "REQUESTED"
    booking: str = made["id"]
    return booking


async def approve(who: Client, booking: str) -> Any:
    answer = await who.mutate(step("approveBooking"), input={"bookingId": booking})
    return answer.get("state") or answer["code"]


async def test_a_deputy_does_not_approve_what_the_delegator_asked_for(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    manager = await client("unit-admin", at=tree.unit, person=tree.staff)
    deputy = await client(person=tree.partner_staff)
    await delegate(manager, deputy, clock)
    booking = await requested(client, tree, manager)
    assert await approve(manager, booking) == "SELF_VERIFICATION"
    assert await approve(deputy, booking) == "SELF_VERIFICATION"
    shown = "query ($id: ID!) { booking(id: $id) { availableActions { name allowed } } }"
    actions = (await deputy.data(shown, id=booking))["booking"]["availableActions"]
    assert {"name": "approveBooking", "allowed": False} in actions
    assert await approve(await client("unit-admin", at=tree.unit), booking) == "CONFIRMED"


async def test_a_deputy_approves_what_somebody_else_asked_for(client: Clients, tree: Tree, clock: FrozenClock) -> None:
    manager = await client("unit-admin", at=tree.unit, person=tree.stranger_staff)
    deputy = await client(person=tree.partner_staff)
    await delegate(manager, deputy, clock)
    booking = await requested(client, tree, await client(person=tree.staff))
    assert await approve(deputy, booking) == "CONFIRMED"


async def another(district: District, first: Client, person: Person) -> Client:
    """A second account of a person, without a role."""

    async def make(_unit: object) -> str:
        account = await Account.create(username="second", person_id=person.id)
        return await tokens.issue(account.id, None)

    with district.scope():
        token = await transact(make)
    return type(first)(first.http, first.path, token)


async def test_a_proposal_is_approved_by_no_other_account_of_the_proposer(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    staff = await client("community-staff", at=tree.community, person=tree.resident)
    create = """mutation ($input: CreateVenueInput!) { createVenue(input: $input) { ... on Venue { id } } }"""
    given = {"name": "示例活动室", "kind": "CULTURE_ROOM", "ownerId": org(tree.community), "capacity": 20}
    venue = (await staff.mutate(create, input={**given, "communityId": org(tree.community)}))["id"]
    policy = (await staff.mutate(PROPOSE, input={"venueId": venue}))["id"]
    secretary = await client("community-secretary", at=tree.community, person=tree.staff)
    second = await another(district, staff, tree.resident)
    await delegate(secretary, second, clock)
    assert (await second.mutate(APPROVE, input={"policyId": policy}))["code"] == "SELF_VERIFICATION"
    assert (await secretary.mutate(APPROVE, input={"policyId": policy}))["__typename"] == "OpeningPolicy"
