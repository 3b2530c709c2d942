"""Puts relations, people and accounts into a district; what is there already is left as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from linli.core.access import granting, tokens
from linli.core.access import services as access
from linli.core.access.models import Account, Grant
from linli.core.districts import District
from linli.core.graph import services as graph
from linli.core.graph.kinds import Kinds
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.people import services as registry
from linli.core.people.models import Person
from linli.core.records.unit_of_work import UnitOfWork, transact

from . import homes, people
from .contents import Contents
from .rows import Relation

AGREED = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""From when relations count: the beginning of 2026 in China."""

Ids = Mapping[str, UUID]
"""The ids of organisations by KIND:CODE."""


async def seed(district: District, contents: Contents, known: Mapping[str, str]) -> dict[str, str]:
    """Put everything in, in one transaction, and return a token for each account.

    `known` are the tokens of an earlier time: only accounts without one get a new one. To be called in the district's
    scope, when its organisations are imported.
    """
    ids = {f"{kind}:{code}": id_ for id_, kind, code in await OrgNode.all().values_list("id", "kind", "code")}
    return await transact(partial(_seed, district, contents, known, ids))


async def _seed(
    district: District, contents: Contents, known: Mapping[str, str], ids: Ids, _unit: UnitOfWork
) -> dict[str, str]:
    await _relate(district.kinds, contents.relations, ids)
    await _enter(contents.people, ids)
    await homes.enter(district, contents.homes, contents.things, ids)
    return {account.username: await _admit(district, account, known, ids) for account in contents.accounts}


async def _relate(kinds: Kinds, relations: Sequence[Relation], ids: Ids) -> None:
    present = set(await OrgRelation.all().values_list("kind", "source_id", "target_id"))
    for kind, source, target in relations:
        if (kind, ids[source], ids[target]) not in present:
            await graph.create_relation(
                kinds, kind=kind, source_id=ids[source], target_id=ids[target], valid_from=AGREED
            )


async def _enter(wanted: Iterable[people.Person], ids: Ids) -> None:
    for person in wanted:
        if not await Person.filter(id=person.id).exists():
            await registry.create_person(
                person.id,
                name=person.name,
                registered_residence_id=ids[person.home],
                habitual_residence_id=ids[person.home],
                employer_id=None if person.employer is None else ids[person.employer],
            )


async def _admit(district: District, wanted: people.Account, known: Mapping[str, str], ids: Ids) -> str:
    """The account with its role, and a token for it."""
    account = await Account.get_or_none(username=wanted.username)
    if account is None:
        person_id = None if wanted.person is None else wanted.person.id
        account = await access.create_account(wanted.username, people.PASSWORD, person_id)
    if not await Grant.filter(account_id=account.id, role=wanted.role, org_id=ids[wanted.at]).exists():
        await granting.grant_role(
            district.granting,
            account_id=account.id,
            role=wanted.role,
            org_id=ids[wanted.at],
            valid_from=None,
            valid_to=None,
        )
    return known.get(wanted.username) or await tokens.issue(account.id)
