"""Bad input that the registry must refuse, each by its own code, with nothing changed.

What is here is what stands nowhere else. Codes of A, N and Y: test_credit_codes. Shares over the whole: test_tenures.
Two households at once: test_households. A guardian who is the ward, and loops: tests/schema/kin/test_relations. Files
that claim to be pictures: tests/schema/files/test_upload and tests/core/files/test_kinds.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.people.citizen_id import birth_date, problems
from linli.core.people.models import Person
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office, who
from tests.schema.registry.conftest import Unchanged

NUMBER, BORN = "430602195206150011", "1952-06-15"
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def number(region: str, born: str, place: int = 1) -> str:
    """An id number of a region, day of birth and place in its sequence (GB 11643-1999)."""
    body = f"{region}{born.replace('-', '')}{place:03}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


@pytest.fixture
async def boss(client: Clients, tree: Tree) -> Office:
    return Office(await client("district-admin"), tree)


ELDERS = [("430602", "1921-01-01"), ("430602", "1952-06-15"), ("230881", "1946-02-28"), ("230881", "1988-12-31")]
"""Counties that came into being after these people: 岳阳楼区 in 1996, 同江市 in 1987. Both are what their cards say."""


@pytest.mark.parametrize(("region", "born"), ELDERS)
async def test_elders_older_than_their_county_are_registered(
    boss: Office, district: District, region: str, born: str
) -> None:
    given = number(region, born)
    assert list(problems(given)) == []
    made = await boss.do("createPerson", name="示例老人", idNumber=given)
    with district.scope():
        person = await Person.get(name="示例老人")
    assert (str(person.birth_date), who(person)) == (born, made)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (NUMBER[:-1] + "2", "CHECKSUM"),
        ("230881194602290010", "DATE"),
        (number("430602", "1952-06-15").lower() + " ", "SHAPE"),
        ("４３０６０２１９５２０６１５００１１", "SHAPE"),
        (NUMBER[:-1], "SHAPE"),
        ("", "SHAPE"),
    ],
)
async def test_a_number_that_nobody_can_have_changes_nothing(
    boss: Office, tree: Tree, told: Unchanged, wrong: str, code: str
) -> None:
    before = await told()
    assert await boss.refused("createPerson", name="示例", idNumber=wrong) == code
    assert await boss.refused("updatePerson", id=who(tree.resident), idNumber=wrong) == code
    assert await told() == before


async def test_a_date_of_birth_is_that_of_the_number_whichever_comes_later(
    boss: Office, tree: Tree, told: Unchanged, client: Clients, district: District
) -> None:
    before = await told()
    both = {"idNumber": NUMBER, "birthDate": "1952-06-16"}
    assert await boss.refused("createPerson", name="示例", **both) == "BIRTH_DATE_DIFFERS"
    assert await boss.refused("updatePerson", id=who(tree.resident), **both) == "BIRTH_DATE_DIFFERS"
    assert await told() == before
    await boss.do("updatePerson", id=who(tree.resident), idNumber=NUMBER)
    before = await told()
    wrong: dict[str, Any]
    for wrong in ({"birthDate": "1952-06-16"}, {"birthDate": None}):
        assert await boss.refused("updatePerson", id=who(tree.resident), **wrong) == "BIRTH_DATE_DIFFERS"
    me = Office(await client(person=tree.resident), tree)
    corrected = {"personId": who(tree.resident), "birthDate": "1952-06-16"}
    assert await me.refused("requestCorrection", **corrected) == "BIRTH_DATE_DIFFERS"
    assert await told() == before
    await boss.do("updatePerson", id=who(tree.resident), birthDate=BORN, partyStatus="群众")
    await boss.do("updatePerson", id=who(tree.resident), idNumber=None, birthDate="1952-06-16")
    with district.scope():
        person = await Person.get(id=tree.resident.id)
    assert (person.id_number, str(person.birth_date)) == (None, "1952-06-16")
    other = number("430602", "1990-01-02")
    await boss.do("updatePerson", id=who(tree.resident), idNumber=other)
    with district.scope():
        person = await Person.get(id=tree.resident.id)
    assert person.birth_date == birth_date(other)


async def test_the_last_line_of_a_loop_of_guardians_changes_nothing(
    boss: Office, tree: Tree, told: Unchanged, client: Clients
) -> None:
    people = (tree.resident, tree.neighbour, tree.staff)
    for place, person in enumerate(people):
        await boss.do("updatePerson", id=who(person), birthDate=f"19{60 + place}-01-01")
    officer, colleague = [Office(await client("community-staff", at=tree.root), tree) for _ in range(2)]
    for ward, guardian in pairwise(people):
        ends = {"personId": who(ward), "relativeId": who(guardian), "role": "GUARDIAN", "basis": "COURT"}
        claimed = await officer.do("claimPersonRelation", **ends)
        await colleague.do("confirmPersonRelation", id=claimed, evidence="判决书")
    before = await told()
    closing = {"personId": who(people[-1]), "relativeId": who(people[0]), "role": "GUARDIAN", "basis": "COURT"}
    assert await officer.refused("claimPersonRelation", **closing) == "GUARDIAN_LOOP"
    itself = {**closing, "relativeId": who(people[-1])}
    assert await officer.refused("claimPersonRelation", **itself) == "GUARDIAN_IS_WARD"
    assert await told() == before
