"""After a merge the id of the merged record stays good: filters, arguments and repeated requests mean who is kept."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.access import claims
from linli.core.access.models import Account
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import HouseholdMember, Tenure
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import BOOK, Api, at
from tests.schema.kin.conftest import CLAIM, gid, mutation
from tests.schema.merging.conftest import NUMBER, PHONE, UNDO, Merge, Twins
from tests.schema.registry.api import Office

PEOPLE = "query ($filter: PersonFilter!) { people(filter: $filter) { totalCount nodes { id } } }"
RELATIONS = "query ($filter: PersonRelationFilter!) { personRelations(filter: $filter) { totalCount } }"
BOOKINGS = "query ($filter: BookingFilter!) { bookings(filter: $filter) { totalCount nodes { person { id } } } }"
UPDATE = mutation("updatePerson", "... on Person { id phone version }")
SEARCH = "query ($typed: String!) { search(text: $typed, kinds: [PERSON]) { record { id } } }"
APPROVE = mutation("approvePersonClaim", "... on PersonClaim { id state }")
GIVE = mutation("giveConsent", "... on Consent { id person { id } }")


async def test_filters_by_either_id_find_the_person_who_is_kept(
    twins: Twins, tree: Tree, merge: Merge, secretary: Client
) -> None:
    kept, old, neighbour = gid(twins.one), gid(twins.other), gid(tree.neighbour)

    async def found(**given: Any) -> set[str]:
        answer = (await secretary.data(PEOPLE, filter={"id": given}))["people"]
        assert answer["totalCount"] == len(answer["nodes"])
        return {one["id"] for one in answer["nodes"]}

    assert await found(eq=old) == {old}
    done = await merge(twins.one, twins.other)
    for one in (kept, old):
        assert await found(eq=one) == {kept}
        assert kept not in await found(ne=one)
        assert neighbour in await found(ne=one)
    assert await found(**{"in": [old, neighbour, old]}) == {kept, neighbour}
    assert await found(**{"in": []}) == set()
    negated = (await secretary.data(PEOPLE, filter={"not": {"id": {"eq": old}}}))["people"]["nodes"]
    assert kept not in {one["id"] for one in negated}
    assert (await secretary.mutate(UNDO, input={"id": done["id"]}))["state"] == "UNDONE"
    assert await found(eq=old) == {old}


async def test_a_chain_of_merges_is_followed_to_its_end(
    twins: Twins, tree: Tree, merge: Merge, secretary: Client
) -> None:
    await merge(twins.one, twins.other)
    await merge(tree.neighbour, twins.one)
    for one in (twins.one, twins.other):
        found = await secretary.data(PEOPLE, filter={"id": {"eq": gid(one)}})
        assert found["people"]["nodes"] == [{"id": gid(tree.neighbour)}]


async def test_what_is_entered_about_the_old_id_is_the_kept_persons(
    *, twins: Twins, tree: Tree, merge: Merge, office: Office, client: Clients, district: District
) -> None:
    await merge(twins.one, twins.other)
    home = await office.home()
    await office.owner(home, twins.other, 1, 2)
    member = {"personId": gid(twins.other), "relation": "HEAD"}
    await office.do("createHousehold", premisesId=home, members=[member])
    ends = {"personId": gid(tree.neighbour), "relativeId": gid(twins.other), "role": "NEXT_OF_KIN"}
    claimed = await office.client.mutate(CLAIM, input=ends)
    assert claimed["relative"] == {"id": gid(twins.one)}
    turned = {"personId": gid(twins.other), "relativeId": gid(tree.resident), "role": "NEXT_OF_KIN"}
    assert (await office.client.mutate(CLAIM, input=turned))["person"] == {"id": gid(twins.one)}
    found = await office.client.data(RELATIONS, filter={"relative": {"id": {"eq": gid(twins.other)}}})
    assert found["personRelations"]["totalCount"] == 1
    boss = await client("district-admin")
    evidence = {"channel": "COUNTER", "evidenceKind": "SIGNED_SHEET", "evidence": "第1页"}
    behalf = {"onBehalfOf": {"personId": gid(twins.other), **evidence}}
    given = await boss.mutate(GIVE, input={"personId": gid(twins.other), "purpose": "core.contact", **behalf})
    assert given["person"] == {"id": gid(twins.one)}
    with district.scope():
        assert await Tenure.all().values_list("person_id", flat=True) == [twins.one.id]
        assert await HouseholdMember.all().values_list("person_id", flat=True) == [twins.one.id]


async def test_a_request_that_comes_again_after_a_merge_answers_who_is_kept(
    twins: Twins, merge: Merge, client: Clients, district: District
) -> None:
    boss = await client("district-admin")
    given = {"id": gid(twins.other), "partyStatus": "中共党员", "requestId": "once"}
    first = await boss.mutate(UPDATE, input=given)
    assert first["id"] == gid(twins.other), first
    await merge(twins.one, twins.other)
    again = await boss.mutate(UPDATE, input=given)
    assert again["id"] == gid(twins.one), again
    with district.scope():
        assert (await Person.get(id=twins.one.id)).party_status is None, "nothing is done a second time"


async def test_a_search_finds_the_person_who_is_kept_alone(
    twins: Twins, tree: Tree, merge: Merge, client: Clients
) -> None:
    await merge(twins.one, twins.other)
    everywhere = await client("community-secretary", at=tree.root)
    for text in ("示例重名", PHONE, PHONE[-4:]):
        hits = (await everywhere.data(SEARCH, typed=text))["search"]
        assert [hit["record"]["id"] for hit in hits] == [gid(twins.one)], text


async def test_who_claims_to_be_a_person_with_two_records_is_the_one_who_is_kept(
    twins: Twins, merge: Merge, client: Clients, district: District
) -> None:
    with district.scope():
        early = await transact(lambda _unit: Account.create(username="early"))
        late = await transact(lambda _unit: Account.create(username="late"))
        known = await transact(lambda _unit: claims.claim(early.id, "示例重名", NUMBER, None))
        assert known.person_id == twins.other.id
    await merge(twins.one, twins.other)
    with district.scope():
        fitting = await transact(lambda _unit: claims.claim(late.id, "示例重名", None, PHONE))
        assert fitting.person_id == twins.one.id, "both records have this phone"
    decider = await client("district-admin")
    approved = await decider.mutate(APPROVE, input={"claimId": global_id("PersonClaim", known.id)})
    assert approved["state"] == "APPROVED", approved
    with district.scope():
        assert (await Account.get(id=early.id)).person_id == twins.one.id


@pytest.mark.linli(plugins=["venues"])
async def test_bookings_are_found_and_made_by_the_old_id(
    twins: Twins, tree: Tree, merge: Merge, api: Api, client: Clients
) -> None:
    booked = await api.book(twins.other, "2026-03-28", "09:00", "10:00")
    assert booked["__typename"] == "Booking", booked
    assert (await merge(twins.one, twins.other))["state"] == "MERGED"
    staff = await client("community-staff", at=tree.community)
    for one in twins.one, twins.other:
        found = (await staff.data(BOOKINGS, filter={"person": {"id": {"eq": gid(one)}}}))["bookings"]
        assert found == {"totalCount": 1, "nodes": [{"person": {"id": gid(twins.one)}}]}
    span = {"venueId": api.venue, "start": at("2026-03-28", "11:00"), "end": at("2026-03-28", "12:00")}
    evidence = {"channel": "PHONE", "evidenceKind": "CALL", "evidence": "第7号"}
    behalf = {"onBehalfOf": {"personId": gid(twins.other), **evidence}}
    assert (await staff.mutate(BOOK, input={**span, **behalf}))["__typename"] == "Booking"
    found = (await staff.data(BOOKINGS, filter={"person": {"id": {"eq": gid(twins.one)}}}))["bookings"]
    assert found["totalCount"] == 2
