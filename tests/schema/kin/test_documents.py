"""Identity documents: masked, revealed and found as id numbers are, and one of a kind and number at a time."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from linli.core.access.event_types import Searched
from linli.core.districts import District
from linli.core.people.document_models import IdentityDocument
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.core.records.store import Store
from linli.schema.testing import Client, Clients, Tree
from tests.schema.kin.conftest import Kin, code, gid, mutation

ADD = mutation("addIdentityDocument", "... on IdentityDocument { id kind number country endedAt }")
FINISH = mutation("endIdentityDocument", "... on IdentityDocument { id endedAt version }")
READ = """query ($id: ID!) { person(id: $id) { identityDocuments { totalCount nodes {
    kind number country validUntil endedAt } } } }"""
REVEALED = """query ($id: ID!, $purpose: String!) { person(id: $id) { identityDocuments { nodes {
    number(reveal: {purpose: $purpose}) country(reveal: {purpose: $purpose}) } } } }"""
BY_NUMBER = """query ($number: String!) { identityDocuments(filter: {kind: {eq: PASSPORT}, number: {eq: $number}}) {
    totalCount nodes { person { id } } } }"""
PASSPORT = {"kind": "PASSPORT", "number": "e1234 5678", "country": "CHN", "validUntil": "2030-01-01"}


async def add(who: Client, kin: Kin, **more: Any) -> Any:
    return await who.mutate(ADD, input={"personId": gid(kin.elder), **PASSPORT, **more})


async def test_a_number_is_masked_for_staff_and_read_by_its_person(client: Clients, kin: Kin, tree: Tree) -> None:
    boss, elder = await client("district-admin"), await client(person=kin.elder)
    added = await add(boss, kin)
    assert (added["kind"], added["number"], added["country"]) == ("PASSPORT", "E******78", None)
    shown = (await elder.data(READ, id=gid(kin.elder)))["person"]["identityDocuments"]["nodes"]
    own = {"kind": "PASSPORT", "number": "E12345678", "country": "CHN", "validUntil": "2030-01-01", "endedAt": None}
    assert shown == [own]
    elsewhere = await client("community-staff", at=tree.other_community)
    assert await elsewhere.data(READ, id=gid(kin.elder)) == {"person": None}


async def test_a_number_is_revealed_for_a_purpose_and_that_is_recorded(
    client: Clients, kin: Kin, tree: Tree, district: District
) -> None:
    await add(await client("district-admin"), kin)
    secretary, staff = (
        await client("community-secretary", at=tree.community),
        await client("grid-officer", at=tree.community),
    )
    given: dict[str, Any] = {"id": gid(kin.elder), "purpose": "核对入境信息"}
    read = (await secretary.data(REVEALED, **given))["person"]["identityDocuments"]["nodes"]
    assert read == [{"number": "E12345678", "country": "CHN"}]
    refused = await staff.query(REVEALED, **given)
    assert set(refused.codes) == {"FORBIDDEN"}
    with district.scope():
        (event,) = await Event.filter(type="core.revealed")
    assert event.subject_type == "IdentityDocument"


async def test_a_document_is_found_by_its_number_by_who_may_reveal_it_alone(
    client: Clients, kin: Kin, tree: Tree, district: District
) -> None:
    await add(await client("district-admin"), kin)
    secretary, staff = (
        await client("community-secretary", at=tree.community),
        await client("grid-officer", at=tree.community),
    )
    found = (await secretary.data(BY_NUMBER, number="E12345678"))["identityDocuments"]
    assert found == {"totalCount": 1, "nodes": [{"person": {"id": gid(kin.elder)}}]}
    assert (await secretary.data(BY_NUMBER, number="E12345679"))["identityDocuments"]["totalCount"] == 0
    assert (await staff.query(BY_NUMBER, number="E12345678")).codes == ["FORBIDDEN"]
    with district.scope():
        event = await Event.filter(type="core.searched").first()
        assert event is not None
        told = (await payloads([event], district.event_types))[event.id]
    assert isinstance(told, Searched)
    assert (told.type, told.field, told.operator) == ("IdentityDocument", "number", "eq")


async def test_one_document_of_a_kind_and_number_counts_at_a_time(
    client: Clients, kin: Kin, district: District
) -> None:
    boss = await client("district-admin")
    added = await add(boss, kin)
    other = {"personId": gid(kin.son)}
    assert (await add(boss, kin, **other))["errorCode"] == "CONFLICT"
    assert "id" in await add(boss, kin, kind="OTHER")
    assert (await boss.mutate(FINISH, input={"id": added["id"], "expectedVersion": 1}))["version"] == 2
    assert (await boss.mutate(FINISH, input={"id": added["id"]}))["errorCode"] == "INVALID_TRANSITION"
    assert "id" in await add(boss, kin, **other)
    assert (await add(boss, kin))["errorCode"] == "CONFLICT"
    with district.scope():
        assert await Event.filter(type="core.searched").count() == 2  # that somebody has it was told, twice


async def test_of_several_who_enter_a_document_at_once_one_does(client: Clients, kin: Kin, district: District) -> None:
    boss = await client("district-admin")
    answers = await asyncio.gather(*(add(boss, kin) for _ in range(5)))
    assert sorted(answer.get("errorCode", "added") for answer in answers) == ["CONFLICT"] * 4 + ["added"]
    with district.scope():
        assert await IdentityDocument.all().count() == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"number": ""}, "SHAPE"),
        ({"number": "x" * 5000}, "SHAPE"),
        ({"country": None}, "COUNTRY_REQUIRED"),
        ({"country": "cn"}, "COUNTRY"),
        ({"kind": "TAIWAN_PERMIT"}, "SHAPE"),
    ],
)
async def test_a_wrong_document_is_refused_and_nothing_is_kept(
    client: Clients, kin: Kin, district: District, *, more: dict[str, Any], expected: str
) -> None:
    assert code(await add(await client("district-admin"), kin, **more)) == expected
    with district.scope():
        assert not await IdentityDocument.exists()


async def test_who_may_not_change_the_person_enters_nothing(client: Clients, kin: Kin, tree: Tree) -> None:
    staff, neighbour = await client("community-staff", at=tree.community), await client(person=tree.neighbour)
    assert (await add(staff, kin, number=""))["errorCode"] == "FORBIDDEN"
    assert (await add(neighbour, kin, number=""))["errorCode"] == "NOT_FOUND"


async def test_no_number_stands_in_the_file(client: Clients, kin: Kin, district: District) -> None:
    await add(await client("district-admin"), kin)
    store: Store = district.store
    path = getattr(store, "path", None)
    if path is not None:
        with sqlite3.connect(path) as file:
            assert "E12345678" not in "\n".join(file.iterdump())
    with district.scope():
        (row,) = await IdentityDocument.all()
        assert row.number is not None
        assert row.number.decrypt() == "E12345678"
    assert "E12345678" not in row.number.stored
