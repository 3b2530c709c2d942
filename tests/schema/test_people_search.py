"""People in the search of all kinds: names where they are read in full, numbers where they may be revealed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from linli.core.access.event_types import Searched
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.people.relation_models import PersonRelation
from linli.core.people.services import create_person, update_person
from linli.core.privacy.erasing import erase_everywhere
from linli.core.records.events import Journal, payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import Premises, Tenure
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

Events = Callable[[], Awaitable[list[Event]]]
Trail = Callable[[], Awaitable[list[tuple[str, str]]]]

SEARCH = """query ($typed: String!, $under: ID, $first: Int) {
    search(text: $typed, kinds: [PERSON], under: $under, first: $first) {
        kind reason record { id ... on Person { name phone } } } }"""
NUMBER, ANOTHER = "430602195206150011", "43060219900307028X"
Hits = list[tuple[str, str]]


async def found(who: Client, text: str, **given: Any) -> Hits:
    """Names, as the viewer reads them, and reasons."""
    hits = (await who.data(SEARCH, typed=text, **given))["search"]
    assert {hit["kind"] for hit in hits} <= {"PERSON"}
    return [(hit["record"]["name"], hit["reason"]) for hit in hits]


async def entered(district: District, name: str, home: OrgNode | None, **values: Any) -> Person:
    """A person who is entered as staff do it."""
    with district.scope():
        home_id = home and home.id
        return await transact(lambda _unit: create_person(name=name, habitual_residence_id=home_id, **values))


@pytest.fixture
async def elder(district: District, tree: Tree) -> Person:
    return await entered(district, "欧阳试", tree.community, id_number=NUMBER, phone="138-0000 0017")


@pytest.fixture
def searched(district: District, events: Events) -> Trail:
    """What was searched for so far: field and operator."""

    async def so_far() -> list[tuple[str, str]]:
        told = [event for event in await events() if event.type == "core.searched"]
        with district.scope():
            read = await payloads(told, district.event_types)
        assert all(isinstance(one, Searched) and (one.type, one.values) == ("Person", 1) for one in read.values())
        return [(read[event.id].field, read[event.id].operator) for event in told]  # type: ignore[union-attr]

    return so_far


BY_NAME: list[tuple[str, Hits]] = [
    ("欧阳", [("欧阳试", "NAME")]),
    (" 欧阳试 ", [("欧阳试", "NAME")]),
    ("OuYang", [("欧阳试", "PINYIN")]),
    ("ouy", [("欧阳试", "PINYIN")]),
    ("oys", [("欧阳试", "INITIALS")]),
    ("ＯＹ", [("欧阳试", "INITIALS")]),
    ("欧", []),
    ("阳试", []),
    ("%%", []),
    ("__", []),
]


@pytest.mark.parametrize(("text", "expected"), BY_NAME)
@pytest.mark.usefixtures("elder")
async def test_people_are_found_by_name_pinyin_and_initials_at_the_root_and_in_a_community(
    client: Clients, tree: Tree, searched: Trail, text: str, expected: Hits
) -> None:
    for who in (
        await client("district-official"),
        await client("street-official", at=tree.street),
        await client("grid-officer", at=tree.community),
    ):
        assert await found(who, text) == expected
    assert await searched() == [], "names are shown to them anyway"


@pytest.mark.usefixtures("elder")
async def test_names_are_searched_only_where_they_are_read_in_full(client: Clients, tree: Tree) -> None:
    for who in (
        await client(),
        await client("resident", at=tree.community, person=tree.neighbour),
        await client("community-staff", at=tree.other_community),
        await client("grid-officer", at=tree.grid),
        await client("auditor"),
    ):
        for text in ("欧阳", "ouyang", "oys"):
            assert await found(who, text) == []


async def test_somebody_without_a_place_is_found_at_the_root_alone(
    client: Clients, tree: Tree, district: District
) -> None:
    await entered(district, "欧阳无", None)
    assert await found(await client("district-official"), "欧阳") == [("欧阳无", "NAME")]
    assert await found(await client("street-official", at=tree.street), "欧阳") == []


async def test_staff_of_a_unit_are_found_where_they_work_and_where_they_live(client: Clients, tree: Tree) -> None:
    there = await client("community-staff", at=tree.other_community)
    assert await found(there, "示例甲") == [("示例甲", "NAME")]
    assert await found(await client("community-staff", at=tree.community), "示例丙") == [("示例丙", "NAME")]


async def test_what_is_asked_beneath_a_place_is_found_by_what_one_may_see_there(
    client: Clients, tree: Tree, elder: Person
) -> None:
    official = await client("district-official")
    for place, expected in ((tree.street, 1), (tree.community, 1), (tree.other_street, 0), (tree.root, 1)):
        assert len(await found(official, "欧阳", under=global_id("OrgNode", place.id))) == expected
    street = await client("street-official", at=tree.street)
    assert len(await found(street, "0017", under=global_id("OrgNode", tree.community.id))) == 1
    assert await found(street, "0017", under=global_id("OrgNode", tree.grid.id)) == []
    assert await found(street, "欧阳", under=global_id("OrgNode", tree.other_community.id)) == []


async def test_one_finds_oneself_and_by_one_s_own_number_without_a_trace(
    client: Clients, tree: Tree, elder: Person, searched: Trail
) -> None:
    me = await client("resident", at=tree.community, person=elder)
    for text, reason in (("欧阳", "NAME"), ("oys", "INITIALS"), ("0017", "PHONE_TAIL"), (NUMBER, "ID_NUMBER")):
        assert await found(me, text) == [("欧阳试", reason)]
    assert await found(me, "示例") == []
    assert len(await found(me, "欧阳", under=global_id("OrgNode", tree.community.id))) == 1
    assert await found(me, "欧阳", under=global_id("OrgNode", tree.other_community.id)) == []
    assert await searched() == []


BY_NUMBER: list[tuple[str, Hits, Hits]] = [
    ("0017", [("欧阳试", "PHONE_TAIL")], [("idNumber", "endsWith"), ("phone", "endsWith")]),
    ("００１７", [("欧阳试", "PHONE_TAIL")], [("idNumber", "endsWith"), ("phone", "endsWith")]),
    ("0011", [("欧阳试", "ID_NUMBER_TAIL")], [("idNumber", "endsWith"), ("phone", "endsWith")]),
    ("028x", [("测试乙", "ID_NUMBER_TAIL")], [("idNumber", "endsWith")]),
    ("138-0000 0017", [("欧阳试", "PHONE")], [("phone", "eq")]),
    ("13800000099", [("测试乙", "PHONE")], [("phone", "eq")]),
    ("138 0000 0099", [("测试乙", "PHONE")], [("phone", "eq")]),
    (NUMBER, [("欧阳试", "ID_NUMBER")], [("idNumber", "eq")]),
    (ANOTHER.lower(), [("测试乙", "ID_NUMBER")], [("idNumber", "eq")]),
    ("1380000001", [], [("phone", "eq")]),
    ("9876", [], [("idNumber", "endsWith"), ("phone", "endsWith")]),
    ("017", [], []),
    ("00170", [], []),
    ("430602003", [], []),
    ("430602003006", [], []),
]


@pytest.mark.parametrize("case", BY_NUMBER)
@pytest.mark.usefixtures("elder")
async def test_people_are_found_by_whole_numbers_and_by_their_last_four_characters_with_a_trace(
    client: Clients, tree: Tree, district: District, searched: Trail, case: tuple[str, Hits, Hits]
) -> None:
    text, expected, told = case
    await entered(district, "测试乙", tree.community, id_number=ANOTHER, phone="13800000099")
    official = await client("street-official", at=tree.street)
    assert await found(official, text) == expected
    assert sorted(await searched()) == told


@pytest.mark.usefixtures("elder")
async def test_numbers_are_searched_only_where_they_may_be_revealed(
    client: Clients, tree: Tree, searched: Trail
) -> None:
    for who in (
        await client(),
        await client("district-admin"),
        await client("district-official"),
        await client("community-staff", at=tree.community),
        await client("resident", at=tree.community, person=tree.neighbour),
    ):
        for text in ("0017", "0011", NUMBER, "138-0000 0017"):
            assert await found(who, text) == []
    assert await searched() == []
    elsewhere = await client("street-official", at=tree.other_street)
    assert await found(elsewhere, "0017") == []
    assert sorted(await searched()) == [("idNumber", "endsWith"), ("phone", "endsWith")]


@pytest.mark.usefixtures("elder")
async def test_a_hit_shows_no_more_of_the_number_than_it_always_does(client: Clients, tree: Tree) -> None:
    official = await client("street-official", at=tree.street)
    ((hit,),) = [(await official.data(SEARCH, typed=text))["search"] for text in ("0011",)]
    assert "0011" not in str(hit)
    assert hit["record"]["phone"] != "138-0000 0017"


async def full(_journal: Any) -> None:
    raise OSError("no space left on device")


@pytest.mark.usefixtures("elder")
async def test_nothing_is_read_by_a_number_unless_the_event_of_it_is_written(
    client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch, searched: Trail, statements: Any
) -> None:
    official = await client("street-official", at=tree.street)
    with monkeypatch.context() as patch, statements() as sent:
        patch.setattr(Journal, "__call__", full)
        answer = await official.query(SEARCH, typed="0017")
    assert [one for one in sent if "_tail" in one] == []
    assert (answer.data, set(answer.codes)) == (None, {"INTERNAL"})
    assert await searched() == []


async def test_who_changed_the_number_is_found_by_the_new_one_and_who_was_erased_by_none(
    client: Clients, tree: Tree, district: District, elder: Person
) -> None:
    official = await client("street-official", at=tree.street)
    with district.scope():
        await transact(lambda _unit: update_person(elder, None, name="司马试", phone="13800000023"))
    assert await found(official, "0017") == await found(official, "oys") == []
    assert await found(official, "0023") == [("司马试", "PHONE_TAIL")]
    assert await found(official, "sms") == [("司马试", "INITIALS")]
    with district.scope():
        await transact(lambda _unit: erase_everywhere(district, elder.id))
        erased = await Person.get(id=elder.id)
    assert (erased.phone_tail, erased.id_number_tail) == (None, None)
    root = await client("district-official")
    for text in ("0023", NUMBER, "司马", "sms", erased.name):
        assert await found(official, text) == await found(root, text) == []


async def test_equal_tails_are_equal_in_one_column_alone(tree: Tree, district: District, elder: Person) -> None:
    other = await entered(district, "测试丁", tree.community, phone="0730-8120017")
    third = await entered(district, "测试戊", tree.community, phone="0011")
    assert elder.phone_tail == other.phone_tail
    assert third.phone_tail not in (elder.id_number_tail, third.phone_index), "bound to the column, and as a tail"


async def test_guardians_find_their_wards_as_they_find_them_in_the_list_and_nobody_else(
    client: Clients, tree: Tree, district: District, elder: Person, searched: Trail
) -> None:
    guardian = await client(person=tree.neighbour)
    listed = "{ people { nodes { id } } }"

    async def both() -> tuple[set[str], set[str]]:
        """Whom the list shows, and who of them is found by the names that are searched for."""
        people = {one["id"] for one in (await guardian.data(listed))["people"]["nodes"]}
        hits = [hit for typed in ("欧阳", "示例") for hit in (await guardian.data(SEARCH, typed=typed))["search"]]
        return people, {hit["record"]["id"] for hit in hits}

    mine, ward = global_id("Person", tree.neighbour.id), global_id("Person", elder.id)
    assert await both() == ({mine}, {mine})
    ends = {"person_id": elder.id, "relative_id": tree.neighbour.id}
    with district.scope():
        relation = await transact(
            lambda _unit: PersonRelation.create(kind="GUARDIAN", state="CONFIRMED", basis="COURT", **ends)  # type: ignore[arg-type]
        )
    assert await both() == ({mine, ward}, {mine, ward})
    for typed, reason in (("ouyang", "PINYIN"), ("oys", "INITIALS")):
        assert await found(guardian, typed) == [("欧阳试", reason)]
    beneath = {"under": global_id("OrgNode", tree.community.id)}
    assert await found(guardian, "欧阳", **beneath) == [("欧阳试", "NAME")]
    assert await found(guardian, "欧阳", under=global_id("OrgNode", tree.other_community.id)) == []
    by_number = {NUMBER: "ID_NUMBER", "138-0000 0017": "PHONE", "0017": "PHONE_TAIL", "0011": "ID_NUMBER_TAIL"}
    for number, reason in by_number.items():
        assert await found(guardian, number) == [("欧阳试", reason)]
    assert await searched() == [], "what is one's own to see rests on no permission"
    for state in ("CLAIMED", "ENDED"):
        with district.scope():
            await transact(partial(_stand, relation, state))
        assert await both() == ({mine}, {mine})
        assert [await found(guardian, number) for number in by_number] == [[]] * len(by_number)


async def _stand(relation: PersonRelation, state: str, _unit: object) -> None:
    await PersonRelation.filter(id=relation.id).update(state=state)


async def test_the_owner_of_a_home_is_found_where_the_home_is(client: Clients, tree: Tree, district: District) -> None:
    owner = await entered(district, "欧阳远", tree.other_community)

    async def own(_unit: object) -> None:
        home = await Premises.create(org_id=tree.community.id, unit="", number="502", use="RESIDENTIAL")
        share = {"share_numerator": 1, "share_denominator": 1}
        await Tenure.create(premises_id=home.id, person_id=owner.id, kind="OWNER", **share)  # type: ignore[arg-type]

    staff = await client("community-staff", at=tree.community)
    assert await found(staff, "欧阳") == []
    with district.scope():
        await transact(own)
    assert await found(staff, "欧阳") == [("欧阳远", "NAME")]
    assert await found(staff, "欧阳", under=global_id("OrgNode", tree.community.id)) == [("欧阳远", "NAME")]
    assert await found(staff, "欧阳", under=global_id("OrgNode", tree.grid.id)) == []
    elsewhere = await client("street-official", at=tree.street)
    assert await found(elsewhere, "欧阳", under=global_id("OrgNode", tree.street.id)) == [("欧阳远", "NAME")]
