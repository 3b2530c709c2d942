"""Accounts with tokens in a measured district, and the court that they want."""

from __future__ import annotations

from dataclasses import dataclass

from linli.core.access import granting, tokens
from linli.core.access import services as access
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people import services as registry
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.testing.trees import Tree, plant


@dataclass(frozen=True)
class Staff:
    """Tokens: of the district's administrator, and of people who work for `tree.unit`."""

    admin: str
    members: tuple[str, ...]
    tree: Tree


async def admin(district: District) -> str:
    """A token of a new account that administers the district; to be called in its scope."""
    root = await OrgNode.get(parent_id=None)
    return await appointed(district, "admin", "district-admin", root)


async def staff(district: District, count: int) -> Staff:
    """A small tree with an administrator and `count` people who work for its unit; to be called in its scope."""
    tree = await plant(district, await OrgNode.get(parent_id=None))
    chief = await admin(district)

    async def enter(_unit: object) -> list[str]:
        return [await _member(district, tree, number) for number in range(count)]

    return Staff(chief, tuple(await transact(enter)), tree)


async def _member(district: District, tree: Tree, number: int) -> str:
    person = await registry.create_person(
        name=f"示例职工{number}",
        registered_residence_id=tree.other_community.id,
        habitual_residence_id=tree.other_community.id,
        employer_id=tree.unit.id,
    )
    return await _admit(district, f"staff{number}", "unit-staff", tree.unit, person=person)


async def appointed(district: District, username: str, role: str, *places: OrgNode) -> str:
    """A token of a new account with a grant of the role at each of the places; to be called in the district's scope."""
    return await transact(lambda _unit: _admit(district, username, role, *places))


async def _admit(district: District, username: str, role: str, *at: OrgNode, person: Person | None = None) -> str:
    account = await access.create_account(username, None, None if person is None else person.id)
    for place in at:
        await granting.grant_role(
            district.granting, account_id=account.id, role=role, org_id=place.id, valid_from=None, valid_to=None
        )
    return await tokens.issue(account.id)
