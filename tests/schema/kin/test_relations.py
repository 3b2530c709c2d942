"""Relations between people: stated, confirmed by others, refused for what no family can be, read from both ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.relation_models import PersonRelation
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.schema.kin.conftest import CLAIM, CONFIRM, END, REFUSE, Kin, Relate, code, gid

READ = """query ($id: ID!) { person(id: $id) { relatives { role person { id } relation { id } }
    relations { totalCount nodes { kind claimEvidence decisionEvidence } } } }"""


async def test_a_relation_is_stated_by_one_and_confirmed_by_another(
    officer: Client, colleague: Client, kin: Kin, district: District
) -> None:
    given = {"personId": gid(kin.child), "relativeId": gid(kin.son), "role": "GUARDIAN", "evidence": "户口簿"}
    claimed = await officer.mutate(CLAIM, input=given)
    assert (claimed["kind"], claimed["state"], claimed["basis"]) == ("GUARDIAN", "CLAIMED", "MINOR")
    confirm = {"id": claimed["id"], "evidence": "出生医学证明", "expectedVersion": 1}
    assert (await officer.mutate(CONFIRM, input=confirm))["errorCode"] == "SELF_VERIFICATION"
    confirmed = await colleague.mutate(CONFIRM, input=confirm)
    assert (confirmed["state"], confirmed["version"]) == ("CONFIRMED", 2)
    assert (await colleague.mutate(CONFIRM, input=confirm))["errorCode"] == "CONFLICT"
    again = {"id": claimed["id"], "evidence": "x"}
    assert (await colleague.mutate(CONFIRM, input=again))["errorCode"] == "INVALID_TRANSITION"
    with district.scope():
        types = [event.type for event in await Event.filter(subject_type="PersonRelation").order_by("at", "ordinal")]
    assert types == ["core.person_relation_claimed", "core.person_relation_confirmed"]


async def test_one_row_is_read_from_both_ends(officer: Client, relate: Relate, kin: Kin) -> None:
    made = await relate(kin.child, kin.son, evidence="户口簿")
    of_child = (await officer.data(READ, id=gid(kin.child)))["person"]
    of_father = (await officer.data(READ, id=gid(kin.son)))["person"]
    assert of_child["relatives"] == [
        {"role": "GUARDIAN", "person": {"id": gid(kin.son)}, "relation": {"id": made["id"]}}
    ]
    assert of_father["relatives"] == [
        {"role": "WARD", "person": {"id": gid(kin.child)}, "relation": {"id": made["id"]}}
    ]
    shown = {"kind": "GUARDIAN", "claimEvidence": "户口簿", "decisionEvidence": "户口簿第3页"}
    assert of_child["relations"] == of_father["relations"] == {"totalCount": 1, "nodes": [shown]}


async def test_a_ward_may_be_stated_from_the_guardians_end(officer: Client, kin: Kin) -> None:
    given = {"personId": gid(kin.son), "relativeId": gid(kin.child), "role": "WARD"}
    claimed = await officer.mutate(CLAIM, input=given)
    assert (claimed["kind"], claimed["person"]["id"], claimed["relative"]["id"]) == (
        "GUARDIAN",
        gid(kin.child),
        gid(kin.son),
    )


LATER, EARLIER = "2026-06-01T00:00:00+08:00", "2026-05-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("ends", "more", "expected"),  # who, what else is said, and the code
    [
        (("child", "child"), {}, "GUARDIAN_IS_WARD"),
        (("child", "child"), {"role": "NEXT_OF_KIN"}, "SAME_PERSON"),
        (("child", "son"), {"validFrom": LATER, "validTo": EARLIER}, "END_BEFORE_START"),
        (("child", "son"), {"role": "NEXT_OF_KIN", "basis": "COURT"}, "BASIS"),
        (("child", "son"), {"scope": ["venues.booking"]}, "SCOPE"),
        (("elder", "son"), {"role": "PROXY", "validTo": LATER}, "SCOPE_REQUIRED"),
        (("elder", "son"), {"role": "PROXY", "scope": ["core.consent"]}, "PERIOD_REQUIRED"),
        (("elder", "son"), {"role": "PROXY", "scope": ["core.grant"], "validTo": LATER}, "SCOPE_UNKNOWN"),
        (("elder", "son"), {"role": "PROXY", "scope": ["core.consent"] * 21, "validTo": LATER}, "TOO_LONG"),
        (("elder", "son"), {}, "GUARDIAN_BASIS"),
        (("elder", "son"), {"basis": "MINOR"}, "GUARDIAN_BASIS"),
        (("elder", "child"), {"basis": "COURT"}, "GUARDIAN_UNDER_AGE"),
        (("child", "son"), {"evidence": "x" * 501}, "TEXT"),
    ],
)
async def test_what_no_relation_can_be_is_refused_with_a_code_of_its_own(
    officer: Client, kin: Kin, district: District, *, ends: tuple[str, str], more: dict[str, Any], expected: str
) -> None:
    person, relative = (getattr(kin, end) for end in ends)
    given = {"personId": gid(person), "relativeId": gid(relative), "role": "GUARDIAN", **more}
    assert code(await officer.mutate(CLAIM, input=given)) == expected
    with district.scope():
        assert not await PersonRelation.exists()


async def test_whose_age_nobody_knows_is_nobodys_guardian(officer: Client, kin: Kin, tree: Tree) -> None:
    given = {"personId": gid(kin.child), "relativeId": gid(tree.neighbour), "role": "GUARDIAN"}
    refused = await officer.mutate(CLAIM, input=given)
    assert (refused["errorCode"], refused["path"]) == ("BIRTH_DATE_UNKNOWN", ["relativeId"])


async def test_a_loop_of_guardians_is_refused_also_over_several_steps(
    relate: Relate, kin: Kin, tree: Tree, district: District
) -> None:
    assert (await relate(kin.elder, kin.son, basis="COURT"))["state"] == "CONFIRMED"
    assert (await relate(kin.son, kin.elder, basis="AGREEMENT"))["errorCode"] == "GUARDIAN_LOOP"
    with_date = tree.resident
    with district.scope():
        await _born(with_date, kin.son)
    assert (await relate(kin.son, with_date, basis="COURT"))["state"] == "CONFIRMED"
    assert (await relate(with_date, kin.elder, basis="COURT"))["errorCode"] == "GUARDIAN_LOOP"


async def _born(person: Person, as_: Person) -> None:
    await transact(lambda _unit: Person.filter(id=person.id).update(birth_date=as_.birth_date))


async def test_who_was_a_ward_as_a_child_may_care_for_the_parent_later(relate: Relate, kin: Kin) -> None:
    assert (await relate(kin.child, kin.son))["state"] == "CONFIRMED"
    grown = {"basis": "AGREEMENT", "validFrom": "2034-03-10T00:00:00+08:00"}
    assert (await relate(kin.son, kin.child, **grown))["state"] == "CONFIRMED"
    sooner = {"basis": "AGREEMENT", "validFrom": "2034-03-09T00:00:00+08:00"}
    assert (await relate(kin.son, kin.child, **sooner))["errorCode"] == "GUARDIAN_UNDER_AGE"


async def test_of_two_who_make_the_halves_of_a_loop_at_once_one_is_refused(
    officer: Client, colleague: Client, kin: Kin, district: District
) -> None:
    halves = [
        {"personId": gid(one), "relativeId": gid(other), "role": "GUARDIAN", "basis": "COURT"}
        for one, other in ((kin.elder, kin.son), (kin.son, kin.elder))
    ]
    answers = await asyncio.gather(
        officer.mutate(CLAIM, input=halves[0]),
        colleague.mutate(CLAIM, input=halves[1]),
        officer.mutate(CLAIM, input=halves[0]),
    )
    kept = [answer["id"] for answer in answers if "id" in answer]
    assert len(kept) == 1
    assert {answer.get("errorCode") for answer in answers} <= {None, "GUARDIAN_LOOP", "RELATION_EXISTS"}
    with district.scope():
        assert await PersonRelation.all().count() == 1


async def test_a_second_relation_of_a_kind_waits_until_the_first_is_over(
    officer: Client, relate: Relate, kin: Kin
) -> None:
    until = {"validFrom": None, "validTo": EARLIER}
    first = await relate(kin.elder, kin.son, "NEXT_OF_KIN", **until)
    assert (await relate(kin.elder, kin.son, "NEXT_OF_KIN"))["errorCode"] == "RELATION_EXISTS"
    assert (await relate(kin.son, kin.elder, "NEXT_OF_KIN"))["errorCode"] == "RELATION_EXISTS"
    assert (await relate(kin.son, kin.elder, "NEXT_OF_KIN", validFrom=EARLIER))["state"] == "CONFIRMED"
    ended = await officer.mutate(END, input={"id": first["id"]})
    assert ended["state"] == "ENDED"
    assert (await officer.mutate(END, input={"id": first["id"]}))["errorCode"] == "INVALID_TRANSITION"
    assert (await relate(kin.elder, kin.son, "NEXT_OF_KIN", validTo=EARLIER))["state"] == "CONFIRMED"


async def test_what_was_refused_counts_for_nothing(
    officer: Client, colleague: Client, relate: Relate, kin: Kin
) -> None:
    given = {"personId": gid(kin.child), "relativeId": gid(kin.son), "role": "GUARDIAN"}
    claimed = await officer.mutate(CLAIM, input=given)
    reason = {"id": claimed["id"], "reason": "与户口簿不符"}
    assert code(await colleague.mutate(REFUSE, input={**reason, "reason": " "})) == "TEXT"
    assert (await colleague.mutate(REFUSE, input=reason))["state"] == "REFUSED"
    assert (await relate(kin.child, kin.son))["state"] == "CONFIRMED"


async def test_only_who_may_states_decides_and_ends(client: Clients, relate: Relate, kin: Kin, tree: Tree) -> None:
    given = {"personId": gid(kin.child), "relativeId": gid(kin.son), "role": "GUARDIAN"}
    elsewhere = await client("community-staff", at=tree.other_community)
    grid, neighbour = await client("grid-officer", at=tree.community), await client(person=tree.neighbour)
    assert (await elsewhere.mutate(CLAIM, input=given))["errorCode"] == "NOT_FOUND"
    assert (await neighbour.mutate(CLAIM, input=given))["errorCode"] == "NOT_FOUND"
    assert (await grid.mutate(CLAIM, input=given))["errorCode"] == "FORBIDDEN"
    made = await relate(kin.child, kin.son)
    assert (await grid.mutate(END, input={"id": made["id"]}))["errorCode"] == "FORBIDDEN"
    assert (await neighbour.mutate(END, input={"id": made["id"]}))["errorCode"] == "NOT_FOUND"
    boss = await client("district-admin")
    assert (await boss.mutate(CONFIRM, input={"id": made["id"], "evidence": "x"}))["errorCode"] == "FORBIDDEN"
    father = await client(person=kin.son)
    assert (await father.mutate(END, input={"id": made["id"]}))["errorCode"] == "FORBIDDEN"


async def test_neither_of_the_two_confirms_it(client: Clients, officer: Client, kin: Kin, tree: Tree) -> None:
    given = {"personId": gid(kin.child), "relativeId": gid(kin.son), "role": "GUARDIAN"}
    claimed = await officer.mutate(CLAIM, input=given)
    father_at_work = await client("community-staff", at=tree.community, person=kin.son)
    refused = await father_at_work.mutate(CONFIRM, input={"id": claimed["id"], "evidence": "x"})
    assert refused["errorCode"] == "SELF_VERIFICATION"


@pytest.mark.parametrize("end", ["elder", "son"])
async def test_a_proxy_is_ended_by_either_of_the_two(client: Clients, relate: Relate, kin: Kin, end: str) -> None:
    made = await relate(kin.elder, kin.son, "PROXY", scope=["core.consent"], validTo=LATER)
    assert made["scope"] == ["core.consent"]
    one = await client(person=getattr(kin, end))
    assert (await one.mutate(END, input={"id": made["id"]}))["state"] == "ENDED"


async def test_relations_are_listed_for_those_who_decide(
    officer: Client, relate: Relate, kin: Kin, client: Clients, tree: Tree
) -> None:
    await relate(kin.child, kin.son)
    await officer.mutate(CLAIM, input={"personId": gid(kin.elder), "relativeId": gid(kin.son), "role": "NEXT_OF_KIN"})
    waiting = "{ personRelations(filter: {state: {eq: CLAIMED}}) { totalCount nodes { kind state } } }"
    found = {"totalCount": 1, "nodes": [{"kind": "NEXT_OF_KIN", "state": "CLAIMED"}]}
    assert await officer.data(waiting) == {"personRelations": found}
    elsewhere = await client("community-staff", at=tree.other_community)
    assert (await elsewhere.data(waiting))["personRelations"]["totalCount"] == 0
