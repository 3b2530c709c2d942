from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.access.event_types import Revealed
from linli.core.access.models import Account, Grant
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.records import events as journal
from linli.core.records.encrypted import Encrypted
from linli.core.records.models import Event
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

Events = Callable[[], Awaitable[list[Event]]]

NUMBER, PHONE = "430602195206150011", "13800000011"
PURPOSE = "核对老年餐补贴资格"
EVERYTHING = """query ($id: ID!, $purpose: String!) { person(id: $id) {
    name(reveal: {purpose: $purpose}) idNumber(reveal: {purpose: $purpose}) phone(reveal: {purpose: $purpose})
    birthDate(reveal: {purpose: $purpose}) gender(reveal: {purpose: $purpose}) partyStatus(reveal: {purpose: $purpose})
} }"""
MASKED = "query ($id: ID!) { person(id: $id) { name idNumber phone birthDate gender partyStatus } }"
PHONE_ONLY = "query ($id: ID!, $purpose: String!) { person(id: $id) { phone(reveal: {purpose: $purpose}) } }"


@pytest.fixture
async def elder(district: District, tree: Tree) -> Person:
    """Somebody of whom everything is known, at home in the community, who works for the unit."""
    values: dict[str, Any] = {
        "name": "示例老人",
        "id_number": NUMBER,
        "phone": PHONE,
        "gender": "MALE",
        "party_status": "MEMBER",
    }
    places: dict[str, Any] = {"habitual_residence_id": tree.community.id, "employer_id": tree.unit.id}
    with district.scope():
        return await transact(lambda _unit: create_person(**places, **values))


Trail = Callable[[], Awaitable[list[tuple[Event, Any]]]]


@pytest.fixture
def revealed(district: District, events: Events) -> Trail:
    """What was revealed so far."""

    async def so_far() -> list[tuple[Event, Any]]:
        found = [event for event in await events() if event.type == "core.revealed"]
        with district.scope():
            payloads = await journal.payloads(found, district.event_types)
        return [(event, payloads[event.id]) for event in found]

    return so_far


async def test_who_may_reveal_sees_everything_in_full_and_one_event_says_who_what_and_why(
    client: Clients, tree: Tree, elder: Person, district: District, revealed: Trail
) -> None:
    secretary = await client("community-secretary", at=tree.community)
    told = await secretary.data(EVERYTHING, id=global_id("Person", elder.id), purpose=f"  {PURPOSE} ")
    assert told["person"] == {
        "name": "示例老人",
        "idNumber": NUMBER,
        "phone": PHONE,
        "birthDate": "1952-06-15",
        "gender": "MALE",
        "partyStatus": "MEMBER",
    }
    ((event, payload),) = await revealed()
    assert (event.subject_type, event.subject_id, event.org_id) == ("Person", elder.id, tree.community.id)
    # the name is no part of it: staff of the place see it without
    assert payload == Revealed(fields=("birthDate", "gender", "idNumber", "partyStatus", "phone"), purpose=PURPOSE)
    with district.scope():
        assert event.actor_id in await Account.all().values_list("id", flat=True)


@pytest.mark.parametrize(
    "role", ["district-admin", "district-official", "grid-officer", "community-staff", "auditor", "unit-admin"]
)
async def test_without_the_permission_a_reveal_is_forbidden_and_the_rest_is_answered(
    client: Clients, tree: Tree, elder: Person, revealed: Trail, role: str
) -> None:
    asking = await client(role, at=tree.unit if role == "unit-admin" else None)
    query = "query ($id: ID!, $p: String!) { person(id: $id) { idNumber phone(reveal: {purpose: $p}) } }"
    answer = await asking.query(query, id=global_id("Person", elder.id), p=PURPOSE)
    assert answer.data == {"person": {"idNumber": "430602********0011", "phone": None}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["person", "phone"], "FORBIDDEN")
    ]
    assert await revealed() == []


async def test_the_permission_counts_where_it_is_held_only(
    client: Clients, tree: Tree, elder: Person, district: District, revealed: Trail
) -> None:
    asking = await client("community-secretary", at=tree.other_community)
    who = global_id("Person", elder.id)
    assert await asking.data(PHONE_ONLY, id=who, purpose=PURPOSE) == {"person": None}
    with district.scope():  # now the secretary sees the person by another grant, which reveals nothing
        account = await Account.all().order_by("-created_at").first()
        assert account is not None
        await transact(lambda _unit: Grant.create(account_id=account.id, role="grid-officer", org_id=tree.community.id))
    answer = await asking.query(PHONE_ONLY, id=who, purpose=PURPOSE)
    assert (answer.data, answer.codes) == ({"person": {"phone": None}}, ["FORBIDDEN"])
    assert await revealed() == []


@pytest.mark.parametrize("purpose", ["", "   ", "核对", "x" * 201, "line\nbreak"])
async def test_a_reveal_needs_a_purpose(
    client: Clients, tree: Tree, elder: Person, revealed: Trail, purpose: str
) -> None:
    secretary = await client("community-secretary", at=tree.community)
    answer = await secretary.query(PHONE_ONLY, id=global_id("Person", elder.id), purpose=purpose)
    assert (answer.data, answer.codes) == ({"person": {"phone": None}}, ["VALIDATION"])
    assert await revealed() == []


@pytest.mark.usefixtures("elder")
async def test_nobody_sees_anybody_without_a_token(client: Clients) -> None:
    query = 'query { people { nodes { phone(reveal: {purpose: "curiosity"}) } } }'
    assert (await (await client()).data(query))["people"]["nodes"] == []


async def test_ones_own_values_are_shown_in_full_and_leave_no_trace(
    client: Clients, elder: Person, revealed: Trail
) -> None:
    oneself, who = await client(person=elder), global_id("Person", elder.id)
    masked, asked = await oneself.data(MASKED, id=who), await oneself.data(EVERYTHING, id=who, purpose=PURPOSE)
    assert masked == asked
    assert (masked["person"]["idNumber"], masked["person"]["birthDate"]) == (NUMBER, "1952-06-15")
    assert await revealed() == []


@pytest.mark.usefixtures("elder")
async def test_all_reveals_of_a_list_are_one_unit_of_work(client: Clients, tree: Tree, revealed: Trail) -> None:
    secretary = await client("community-secretary", at=tree.community)
    query = """query ($p: String!) { people { nodes { id phone(reveal: {purpose: $p}) gender(reveal: {purpose: $p}) }
        totalCount } }"""
    told = (await secretary.data(query, p=PURPOSE))["people"]
    assert told["totalCount"] == 3
    assert PHONE in {one["phone"] for one in told["nodes"]}
    found = await revealed()
    assert len(found) == 3
    assert len({event.transaction_id for event, _ in found}) == 1


async def test_a_value_whose_event_cannot_be_written_does_not_leave(
    client: Clients, tree: Tree, elder: Person, monkeypatch: pytest.MonkeyPatch, revealed: Trail
) -> None:
    secretary, who = await client("community-secretary", at=tree.community), global_id("Person", elder.id)

    async def full(_journal: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal.Journal, "__call__", full)
        answer = await secretary.query(EVERYTHING, id=who, purpose=PURPOSE)
    assert set(answer.codes) == {"INTERNAL"}
    assert answer.data["person"].pop("name") == "示例老人"
    assert set(answer.data["person"].values()) == {None}
    assert PHONE not in str(answer)
    assert await revealed() == []


async def test_a_value_that_was_exchanged_in_the_database_is_never_shown_as_the_others(
    client: Clients, district: District, tree: Tree, elder: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """Masked or in full, by its own person or by staff: the answer says that it was altered, the log which it is."""

    async def exchange(unit: UnitOfWork) -> None:
        other = await create_person(name="示例乙", phone="13800000022", habitual_residence_id=tree.community.id)
        (kept,) = await Person.filter(id=other.id).values("phone")
        place = ("?1", "?2") if district.store.dialect == "sqlite" else ("$1", "$2")
        statement = f"UPDATE core_person SET phone = {place[0]} WHERE id = {place[1]}"
        await unit.client.execute_query(statement, [kept["phone"].stored, str(elder.id)])

    with district.scope():
        await transact(exchange)
    secretary = await client("community-secretary", at=tree.community)
    given: dict[str, Any] = {"id": global_id("Person", elder.id), "purpose": PURPOSE}
    for asked in (secretary, await client(person=elder)):
        masked = await asked.query("query ($id: ID!) { person(id: $id) { phone idNumber } }", id=given["id"])
        assert masked.codes == ["VALUE_ALTERED"]
        assert masked.data["person"]["phone"] is None
        assert masked.data["person"]["idNumber"] is not None
    answer = await secretary.query(PHONE_ONLY, **given)
    assert (answer.codes, answer.data["person"]) == (["VALUE_ALTERED"], {"phone": None})
    assert "0022" not in str(answer)
    logged = [line for line in capsys.readouterr().out.splitlines() if "value_altered" in line]
    assert len(logged) == 3
    assert all(f"core_person.phone|{elder.id}" in line and "0022" not in line for line in logged)
    changed = "mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { __typename } }"
    boss = await client("district-admin")
    refused = await boss.query(changed, input={"id": given["id"], "phone": "13800000033"})
    assert refused.codes == ["VALUE_ALTERED"]


async def test_the_event_is_committed_before_the_value_leaves(
    client: Clients, tree: Tree, elder: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    decrypt = Encrypted.decrypt

    def counting(self: Encrypted) -> str:
        value = decrypt(self)
        seen.append(len(committed))
        return value

    committed: list[str] = []
    record = journal.Journal.__call__

    async def tells(self: journal.Journal) -> None:
        await record(self)
        self.unit.after_commit.append(lambda: committed.append("core.revealed"))

    monkeypatch.setattr(journal.Journal, "__call__", tells)
    monkeypatch.setattr(Encrypted, "decrypt", counting)
    secretary = await client("community-secretary", at=tree.community)
    told = await secretary.data(PHONE_ONLY, id=global_id("Person", elder.id), purpose=PURPOSE)
    assert told["person"]["phone"] == PHONE
    assert seen == [1]
