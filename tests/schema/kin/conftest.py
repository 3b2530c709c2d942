"""People with dates of birth and relations between them, entered and confirmed through the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

ERROR = "... on Error { errorCode: code path } ... on ValidationError { fields { path code } }"
RELATION = "... on PersonRelation { id kind state basis scope validFrom validTo version person { id } relative { id } }"


def mutation(name: str, answer: str) -> str:
    """A mutation that answers this or an error."""
    return f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {answer} {ERROR} }} }}"


CLAIM, CONFIRM = mutation("claimPersonRelation", RELATION), mutation("confirmPersonRelation", RELATION)
REFUSE, END = mutation("refusePersonRelation", RELATION), mutation("endPersonRelation", RELATION)


def gid(person: Person) -> str:
    """A person's id in the API."""
    return global_id("Person", person.id)


def code(answer: Any) -> Any:
    """The code of a refusal: of the one field that is refused, where it is for the input."""
    fields = answer.get("fields")
    return fields[0]["code"] if fields else answer.get("errorCode")


@dataclass(frozen=True)
class Kin:
    """A grandmother who cannot act, her adult son, and his child of ten; all live in the community."""

    elder: Person
    son: Person
    child: Person


Relate = Callable[..., Awaitable[Any]]


@pytest.fixture
async def kin(district: District, tree: Tree) -> Kin:
    """Three generations."""
    born = {"示例祖母": date(1950, 5, 1), "示例父亲": date(1985, 6, 1), "示例孩子": date(2016, 3, 10)}

    async def make(_unit: object) -> list[Person]:
        home = tree.community.id
        return [
            await Person.create(name=name, name_key=name, birth_date=day, habitual_residence_id=home)
            for name, day in born.items()
        ]

    with district.scope():
        return Kin(*await transact(make))


@pytest.fixture
async def officer(client: Clients, tree: Tree) -> Client:
    """Staff who state relations."""
    return await client("community-staff", at=tree.community)


@pytest.fixture
async def colleague(client: Clients, tree: Tree) -> Client:
    """Other staff, who confirm them."""
    return await client("community-staff", at=tree.community)


@pytest.fixture
def relate(officer: Client, colleague: Client) -> Relate:
    """States that somebody is something to a person and has it confirmed; answers the relation, or the refusal."""

    async def make(person: Person, relative: Person, role: str = "GUARDIAN", **more: Any) -> Any:
        given = {"personId": gid(person), "relativeId": gid(relative), "role": role, **more}
        claimed = await officer.mutate(CLAIM, input=given)
        if "id" not in claimed:
            return claimed
        return await colleague.mutate(CONFIRM, input={"id": claimed["id"], "evidence": "户口簿第3页"})

    return make
