"""An owner who lives elsewhere: seen, masked, and entered where the home is, for as long as the tenure counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people import services
from linli.core.people.models import Person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.schema.registry.api import Office, who
from tests.schema.registry.conftest import Unchanged

NUMBER, OTHER_NUMBER, PHONE = "430602195206150011", "430602198001010019", "13800000011"
ONE = "query ($id: ID!) { person(id: $id) { id name idNumber phone birthDate habitualResidence { name } } }"
HOLDERS = "query ($id: ID!) { premises(id: $id) { tenures { nodes { person { id name phone } } } } }"
PEOPLE = "query ($filter: PersonFilter) { people(filter: $filter) { totalCount nodes { id name } } }"
REVEAL = """query ($id: ID!) { person(id: $id) { phone(reveal: {purpose: "业主大会表决通知"}) } }"""
Events = Callable[[], Awaitable[list[Event]]]


@pytest.fixture
async def owner(district: District, tree: Tree) -> Person:
    """Lives in the other community."""
    values: dict[str, Any] = {"name": "示例外住", "id_number": NUMBER, "phone": PHONE}
    with district.scope():
        home = tree.other_community.id
        return await transact(lambda _unit: services.create_person(habitual_residence_id=home, **values))


def holder(name: str = "示例外住", number: str | None = NUMBER, **more: Any) -> dict[str, Any]:
    return {"kind": "OWNER", "holder": {"name": name, "idNumber": number, **more}}


async def test_the_community_of_a_home_sees_its_owner_who_lives_elsewhere_masked(
    *, office: Office, owner: Person, client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    home = await office.home()
    assert await office.client.data(ONE, id=who(owner)) == {"person": None}
    await office.do("createTenure", premisesId=home, **holder())
    shown = (await office.client.data(ONE, id=who(owner)))["person"]
    assert shown == {
        "id": who(owner),
        "name": "示例外住",
        "idNumber": "430602********0011",
        "phone": "138****0011",
        "birthDate": None,
        "habitualResidence": shown["habitualResidence"],
    }
    people = (await office.client.data(PEOPLE))["people"]
    assert who(owner) in {one["id"] for one in people["nodes"]}
    assert people["totalCount"] == len(people["nodes"]) == 3
    (tenure,) = (await office.client.data(HOLDERS, id=home))["premises"]["tenures"]["nodes"]
    assert tenure["person"] == {"id": who(owner), "name": "示例外住", "phone": "138****0011"}
    for stranger in (
        await client("community-staff", at=tree.grid),
        await client("unit-admin", at=tree.unit),
        await client(person=tree.neighbour),
        await client(),
    ):
        assert await stranger.data(ONE, id=who(owner)) == {"person": None}


async def test_with_the_tenure_ends_what_it_shows(
    office: Office, owner: Person, client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    home = await office.home()
    held = await office.do("createTenure", premisesId=home, **holder())
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endTenure", id=held)
    assert await office.client.data(ONE, id=who(owner)) == {"person": None}
    assert (await office.client.data(PEOPLE))["people"]["totalCount"] == 2


async def test_who_sees_the_owner_by_the_home_changes_nothing_about_the_person(
    office: Office, owner: Person, told: Unchanged
) -> None:
    await office.do("createTenure", premisesId=await office.home(), **holder())
    before = await told()
    assert await office.refused("updatePerson", id=who(owner), phone="13900000000") == "FORBIDDEN"
    assert await told() == before


async def test_a_value_is_revealed_where_the_home_is_with_a_purpose_and_a_record(
    office: Office, owner: Person, client: Clients, tree: Tree, events: Events
) -> None:
    await office.do("createTenure", premisesId=await office.home(), **holder())
    refused = await office.client.query(REVEAL, id=who(owner))
    assert refused.codes == ["FORBIDDEN"]
    secretary = await client("community-secretary", at=tree.community)
    assert (await secretary.data(REVEAL, id=who(owner)))["person"] == {"phone": PHONE}
    (event,) = [one for one in await events() if one.type == "core.revealed"]
    assert (event.subject_id, event.org_id) == (owner.id, tree.community.id)
    by_phone = await secretary.data(PEOPLE, filter={"phone": {"eq": PHONE}})
    assert [one["id"] for one in by_phone["people"]["nodes"]] == [who(owner)]
    not_by_phone = await secretary.data(PEOPLE, filter={"not": {"phone": {"eq": PHONE}}})
    assert who(owner) not in {one["id"] for one in not_by_phone["people"]["nodes"]}


async def test_an_owner_whom_nobody_registered_is_entered_with_the_home(
    office: Office, client: Clients, tree: Tree, district: District
) -> None:
    await office.do("createTenure", premisesId=await office.home(), **holder("示例新业主", NUMBER, phone=PHONE))
    with district.scope():
        (person,) = await Person.filter(name="示例新业主")
        assert person.id_number is not None
        assert (person.id_number.decrypt(), person.habitual_residence_id) == (NUMBER, None)
    assert (await office.client.data(ONE, id=who(person)))["person"]["name"] == "示例新业主"
    elsewhere = await client("community-staff", at=tree.other_community)
    assert await elsewhere.data(ONE, id=who(person)) == {"person": None}


async def test_whoever_was_known_is_linked_and_that_is_recorded(
    office: Office, owner: Person, events: Events, district: District
) -> None:
    with district.scope():
        before = await Person.all().count()
    await office.do("createTenure", premisesId=await office.home(), **holder(phone="13900000000"))
    with district.scope():
        assert await Person.all().count() == before
        known = await Person.get(id=owner.id)
        assert known.phone is not None
        assert known.phone.decrypt() == PHONE, "what is registered of a known person stays"
    assert [one.type for one in await events()].count("core.searched") == 1


async def test_a_number_under_another_name_is_refused_and_the_attempt_is_recorded(
    office: Office, owner: Person, told: Unchanged, events: Events
) -> None:
    home = await office.home()
    before = await told()
    answer = await office.send("createTenure", premisesId=home, **holder("示例他人"))
    assert (answer["code"], answer["path"]) == ("CONFLICT", ["holder", "idNumber"])
    assert await told() == before
    assert [one.type for one in await events()].count("core.searched") == 1


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        (holder(number="430602195206150012"), "CHECKSUM", "holder.idNumber"),
        (holder(""), "TEXT", "holder.name"),
        ({**holder(), "personId": "x"}, "PERSON_OR_ORG", "personId"),
        ({"kind": "OWNER"}, "PERSON_OR_ORG", "personId"),
    ],
)
async def test_a_holder_who_cannot_be_is_refused(
    office: Office, told: Unchanged, given: dict[str, Any], code: str, path: str
) -> None:
    home, before = await office.home(), await told()
    answer = await office.send("createTenure", premisesId=home, **given)
    assert (path, code) in {(one["path"], one["code"]) for one in answer["fields"]}
    assert await told() == before


async def test_who_was_merged_is_linked_as_the_one_who_is_kept(
    office: Office, owner: Person, client: Clients, tree: Tree, district: District
) -> None:
    with district.scope():
        await transact(lambda _unit: Person.filter(id=owner.id).update(merged_into=tree.neighbour.id))
    home = await office.home()
    await office.do("createTenure", premisesId=home, **holder())
    (tenure,) = (await office.client.data(HOLDERS, id=home))["premises"]["tenures"]["nodes"]
    assert tenure["person"]["id"] == who(tree.neighbour)


async def test_staff_elsewhere_enter_no_holder_of_this_home(
    office: Office, owner: Person, client: Clients, tree: Tree, told: Unchanged
) -> None:
    home = await office.home()
    before = await told()
    stranger: Client = await client("community-staff", at=tree.other_community)
    assert await Office(stranger, tree).refused("createTenure", premisesId=home, **holder()) == "NOT_FOUND"
    assert await told() == before
