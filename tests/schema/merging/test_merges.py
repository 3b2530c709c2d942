"""Merging people through the API: proposed by one, confirmed by another, both ids good, and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people.models import Person, Post
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import Api
from tests.schema.kin.conftest import gid
from tests.schema.merging.conftest import CONFIRM, NUMBER, PROPOSE, REFUSE, UNDO, Merge, Twins, pair

CANDIDATES = "query ($under: ID) { mergeCandidates(under: $under) { kept { id } merged { id } reasons } }"
READ = "query ($id: ID!) { person(id: $id) { id phone } node(id: $id) { id } }"
PEOPLE = '{ people(filter: {name: {eq: "示例重名"}}) { totalCount nodes { id } } }'
POST = "mutation ($input: AssignPostInput!) { assignPost(input: $input) { ... on Post { id person { id } } } }"
EXPORT = """mutation ($input: ExportPersonInput!) { exportPerson(input: $input) {
    ... on PersonRequest { document } ... on Error { code } } }"""
ERASE = """mutation ($input: ErasePersonInput!) { erasePerson(input: $input) {
    ... on PersonRequest { id state } ... on Error { code } } }"""
DONE = """mutation ($input: ConfirmPersonRequestInput!) { confirmPersonRequest(input: $input) {
    ... on PersonRequest { id state } ... on Error { code } } }"""
Events = Callable[[], Awaitable[list[Event]]]


async def test_a_pair_is_a_candidate_with_reasons_and_each_look_is_recorded(
    twins: Twins, secretary: Client, client: Clients, tree: Tree, events: Events
) -> None:
    (found,) = (await secretary.data(CANDIDATES))["mergeCandidates"]
    reasons = ["PHONE", "NAME", "BIRTH_DATE"]
    assert found == {"kept": {"id": gid(twins.one)}, "merged": {"id": gid(twins.other)}, "reasons": reasons}
    assert [event.type for event in await events()].count("core.searched") == 4
    for nobody in (await client("district-admin"), await client("community-staff", at=tree.community), await client()):
        assert await nobody.data(CANDIDATES) == {"mergeCandidates": []}
    elsewhere = await client("community-secretary", at=tree.other_community)
    assert await elsewhere.data(CANDIDATES) == {"mergeCandidates": []}


async def test_a_dry_run_tells_what_would_move_and_changes_nothing(
    twins: Twins, secretary: Client, client: Clients, tree: Tree, events: Events
) -> None:
    boss = await client("district-admin")
    await boss.mutate(POST, input={"personId": gid(twins.other), "orgId": tree_id(tree), "kind": "VOLUNTEER"})
    before = len(await events())
    found = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other, dryRun=True))
    post = {"plugin": "core", "what": "core_post", "column": "person_id", "count": 1}
    assert (found["dryRun"], found["merge"], found["references"], found["conflicts"]) == (True, None, [post], [])
    assert found["differing"] == ["ID_NUMBER", "PARTY_STATUS"]
    assert len(await events()) == before


def tree_id(tree: Tree) -> str:
    from linli.schema.scalars import global_id  # noqa: PLC0415

    return global_id("OrgNode", tree.community.id)


async def test_both_ids_lead_to_the_person_who_is_kept(
    *, twins: Twins, merge: Merge, secretary: Client, client: Clients, tree: Tree, district: District
) -> None:
    done = await merge(twins.one, twins.other, take=["ID_NUMBER", "PARTY_STATUS"])
    kept = gid(twins.one)
    assert (done["state"], done["mergedId"], done["merged"]) == ("MERGED", gid(twins.other), {"id": kept})
    for id_ in (kept, gid(twins.other)):
        read = await secretary.data(READ, id=id_)
        assert (read["person"]["id"], read["node"]["id"]) == (kept, kept)
    assert (await secretary.data(PEOPLE))["people"] == {"totalCount": 1, "nodes": [{"id": kept}]}
    boss = await client("district-admin")
    post = await boss.mutate(POST, input={"personId": gid(twins.other), "orgId": tree_id(tree), "kind": "VOLUNTEER"})
    assert post["person"] == {"id": kept}
    with district.scope():
        one, other = await Person.get(id=twins.one.id), await Person.get(id=twins.other.id)
        assert one.id_number is not None
        assert (one.id_number.decrypt(), one.party_status, other.id_number_index) == (NUMBER, "群众", None)


async def test_nobody_confirms_the_own_proposal_nor_decides_without_the_permission(
    twins: Twins, secretary: Client, client: Clients, tree: Tree
) -> None:
    for as_ in ("community-staff", "district-admin", "auditor"):
        refused = await (await client(as_)).mutate(PROPOSE, input=pair(twins.one, twins.other))
        assert refused["errorCode"] == "FORBIDDEN", as_
    stranger = await client("community-secretary", at=tree.other_community)
    assert (await stranger.mutate(PROPOSE, input=pair(twins.one, twins.other)))["errorCode"] == "NOT_FOUND"
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    given = {"id": proposed["merge"]["id"]}
    assert (await secretary.mutate(CONFIRM, input=given))["errorCode"] == "SELF_VERIFICATION"
    self_ = await client("street-official", at=tree.street, person=twins.other)
    assert (await self_.mutate(CONFIRM, input=given))["errorCode"] == "SELF_VERIFICATION"
    assert (await stranger.mutate(CONFIRM, input=given))["errorCode"] == "NOT_FOUND"


async def test_what_was_refused_is_no_candidate_any_more(twins: Twins, secretary: Client, street: Client) -> None:
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    given = {"id": proposed["merge"]["id"], "answer": "系同名同日出生的两人"}
    assert (await street.mutate(REFUSE, input=given))["state"] == "REFUSED"
    assert (await street.mutate(CONFIRM, input={"id": given["id"]}))["errorCode"] == "INVALID_TRANSITION"
    assert await secretary.data(CANDIDATES) == {"mergeCandidates": []}


async def test_bad_input_is_refused_and_changes_nothing(
    twins: Twins, tree: Tree, secretary: Client, events: Events
) -> None:
    before = len(await events())
    cases: list[tuple[dict[str, Any], str]] = [
        (pair(twins.one, twins.one), "SAME_PERSON"),
        (pair(twins.one, twins.other, take=["GENDER"]), "NOTHING_TO_TAKE"),
        (pair(twins.one, twins.other, reason="  "), "TEXT"),
    ]
    for given, expected in cases:
        refused = await secretary.mutate(PROPOSE, input=given)
        assert [field["code"] for field in refused["fields"]] == [expected]
    assert len(await events()) == before


async def test_two_accounts_keep_two_people_from_being_merged(
    twins: Twins, merge: Merge, client: Clients, secretary: Client
) -> None:
    await client(person=twins.one)
    await client(person=twins.other)
    refused = await merge(twins.one, twins.other)
    assert refused["errorCode"] == "MERGE_CONFLICTS"
    assert [one["code"] for one in refused["details"]["conflicts"]] == ["TWO_ACCOUNTS"]
    seen = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other, dryRun=True))
    assert [one["code"] for one in seen["conflicts"]] == ["TWO_ACCOUNTS"]


async def test_undoing_gives_back_what_was_moved_and_leaves_what_came_later(
    *, twins: Twins, merge: Merge, secretary: Client, client: Clients, tree: Tree, district: District, events: Events
) -> None:
    boss = await client("district-admin")
    place = {"orgId": tree_id(tree)}
    early = await boss.mutate(POST, input={"personId": gid(twins.other), "kind": "EARLY", **place})
    done = await merge(twins.one, twins.other, take=["ID_NUMBER", "PARTY_STATUS"])
    assert done["state"] == "MERGED", done
    await boss.mutate(POST, input={"personId": gid(twins.other), "kind": "LATE", **place})
    assert (await secretary.mutate(UNDO, input={"id": done["id"]}))["state"] == "UNDONE"
    with district.scope():
        held = dict(await Post.all().values_list("kind", "person_id"))
        one, other = await Person.get(id=twins.one.id), await Person.get(id=twins.other.id)
        assert held == {"EARLY": other.id, "LATE": one.id}
        assert (one.id_number, one.party_status, one.provenance) == (None, None, twins.one.provenance)
        assert other.id_number is not None
        assert (other.id_number.decrypt(), other.merged_into) == (NUMBER, None)
        assert (await verify()).ok
    assert early["person"] == {"id": gid(twins.other)}
    assert (await secretary.data(PEOPLE))["people"]["totalCount"] == 2
    assert (await secretary.mutate(UNDO, input={"id": done["id"]}))["errorCode"] == "INVALID_TRANSITION"
    told = [event.type for event in await events() if "merge" in event.type]
    assert told == ["core.person_merge_proposed", "core.persons_merged", "core.person_merge_undone"]


async def test_a_merge_is_not_undone_after_30_days(
    twins: Twins, merge: Merge, secretary: Client, clock: FrozenClock
) -> None:
    done = await merge(twins.one, twins.other)
    clock.advance(clock.now() + timedelta(days=30, seconds=1))
    assert (await secretary.mutate(UNDO, input={"id": done["id"]}))["errorCode"] == "UNDO_TOO_LATE"


async def test_a_value_that_was_changed_since_is_not_overwritten(
    twins: Twins, merge: Merge, secretary: Client, district: District
) -> None:
    from linli.core.people import services  # noqa: PLC0415

    done = await merge(twins.one, twins.other, take=["PARTY_STATUS"])
    with district.scope():
        kept = await Person.get(id=twins.one.id)
        await transact(lambda _unit: services.update_person(kept, None, party_status="中共党员"))
    refused = await secretary.mutate(UNDO, input={"id": done["id"]})
    assert (refused["errorCode"], refused["details"]["fields"]) == ("CHANGED_SINCE", ["party_status"])


async def test_a_person_merged_further_is_undone_in_the_reverse_order(
    twins: Twins, merge: Merge, secretary: Client, tree: Tree
) -> None:
    first = await merge(twins.one, twins.other)
    second = await merge(tree.neighbour, twins.one)
    assert second["state"] == "MERGED", second
    for id_ in (twins.one, twins.other):
        assert (await secretary.data(READ, id=gid(id_)))["person"]["id"] == gid(tree.neighbour)
    assert (await secretary.mutate(UNDO, input={"id": first["id"]}))["errorCode"] == "MERGED_FURTHER"
    for merge_ in (second, first):
        assert (await secretary.mutate(UNDO, input={"id": merge_["id"]}))["state"] == "UNDONE"
    assert (await secretary.data(READ, id=gid(twins.other)))["person"]["id"] == gid(twins.other)


async def test_export_and_erasure_cover_both_rows_and_their_keys(
    *, twins: Twins, merge: Merge, secretary: Client, client: Clients, district: District, events: Events
) -> None:
    from linli.core.people import services  # noqa: PLC0415

    with district.scope():
        other = await Person.get(id=twins.other.id)
        await transact(lambda _unit: services.update_person(other, None, phone="13900000099"))
    done = await merge(twins.one, twins.other)
    await events()
    first, second = await client("district-official"), await client("district-official")
    out = await first.mutate(EXPORT, input={"personId": gid(twins.other), "purpose": "本人查阅"})
    people = [row["id"] for part in out["document"]["records"] if part["what"] == "core_person" for row in part["rows"]]
    assert people == [str(twins.one.id), str(twins.other.id)]
    asked = await first.mutate(ERASE, input={"personId": gid(twins.other), "reason": "本人要求"})
    assert (await secretary.mutate(UNDO, input={"id": done["id"]}))["errorCode"] == "REQUEST_OPEN"
    assert (await second.mutate(DONE, input={"id": asked["id"]}))["state"] == "DONE"
    assert "core.person_erased" in [event.type for event in await events()]
    with district.scope():
        rows = await Person.filter(id__in=[twins.one.id, twins.other.id])
        assert {(row.name, row.phone, row.id_number) for row in rows} == {("已删除", None, None)}
        assert (await verify()).ok
    boss = await client("district-official")
    assert (await boss.mutate(UNDO, input={"id": done["id"]}))["errorCode"] == "PERSON_ERASED"


async def test_of_two_merges_that_share_somebody_one_is_told_that_the_other_was_first(
    twins: Twins, secretary: Client, street: Client, tree: Tree, client: Clients
) -> None:
    ids = [
        (await secretary.mutate(PROPOSE, input=pair(kept, twins.other)))["merge"]["id"]
        for kept in (twins.one, tree.neighbour)
    ]
    answers = await asyncio.gather(*(street.mutate(CONFIRM, input={"id": id_}) for id_ in ids))
    assert sorted(str(one.get("state") or one["errorCode"]) for one in answers) == ["MERGED", "MERGED_MEANWHILE"]


@pytest.mark.linli(plugins=["venues"])
async def test_a_booking_made_beside_a_merge_belongs_to_the_one_who_is_kept(
    twins: Twins, secretary: Client, street: Client, api: Api, district: District
) -> None:
    from linli.plugins.venues.models import Booking  # noqa: PLC0415

    who = await api.of(twins.other)
    early = await api.book(who, "2026-03-28", "09:00", "10:00")
    assert early["__typename"] == "Booking", early
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    merged, *late = await asyncio.gather(
        street.mutate(CONFIRM, input={"id": proposed["merge"]["id"]}),
        *(api.book(who, "2026-03-28", f"{hour}:00", f"{hour + 1}:00") for hour in (11, 12, 13)),
    )
    assert merged["state"] == "MERGED", merged
    with district.scope():
        found = await Booking.all().values_list("person_id", flat=True)
    assert set(found) == {twins.one.id}, "whatever was given, before or after, is the kept one's"
    assert len(found) == 1 + sum(one["__typename"] == "Booking" for one in late)
    undone = await secretary.mutate(UNDO, input={"id": merged["id"]})
    assert undone["state"] == "UNDONE"
