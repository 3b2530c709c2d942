"""Accounts and roles as the command line gives them: what is there already stays, what lacks is added."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from linli.core.access.granting import grant_role
from linli.core.access.models import Account, Grant
from linli.core.access.names import account_by_name
from linli.core.access.passwords import verified
from linli.core.access.services import create_account
from linli.core.access.tokens import Narrowed
from linli.core.districts import District
from linli.core.errors import Text
from linli.core.graph.models import OrgNode
from linli.core.graph.queries import district_root, org_by_reference
from linli.core.records.unit_of_work import UnitOfWork, transact

from ..graph.spans import valid_now
from .language import words
from .messages import CommandError, UsageError, unknown


@dataclass(frozen=True)
class Wanted:
    """An account as it shall be; `at` is `[KIND:]CODE`, None for the root."""

    name: str
    role: str | None = None
    at: str | None = None
    password: str | None = None


async def ensure_account(district: District, wanted: Wanted) -> list[Text]:
    """Make the account unless it is there, and give it the role, valid since ever; what was done, in words.

    One unit of work, in the district's scope. Raises UsageError for an unknown role, CommandError for an unknown
    organisation, ValidationError for a name or a password that will not do.
    """
    if wanted.role is not None and wanted.role not in district.roles:
        raise UsageError(unknown(words("role"), wanted.role, sorted(district.roles)))

    async def ensure(_unit: UnitOfWork) -> list[Text]:
        account, done = await _account(wanted)
        return [done, *await _role(district, account, wanted), *_password_left(account, wanted)]

    return await transact(ensure)


async def account_of(key: str, name: str) -> Account:
    """The account with a user name; raises CommandError where there is none or it is disabled."""
    account = await account_by_name(name)
    if account is None:
        told = words(
            'no account "{name}"; make it by `linli account create --district {key} {name}`', key=key, name=name
        )
        raise CommandError(told)
    if account.disabled_at is not None:
        raise CommandError(words('the account "{name}" is disabled; expected one that is not', name=name))
    return account


async def narrowed(district: District, permissions: Collection[str] | None, at: str | None) -> Narrowed:
    """What a token is narrowed to; raises UsageError for an unknown permission, CommandError for an unknown place."""
    for name in permissions or ():
        if name not in district.permissions:
            raise UsageError(unknown(words("permission"), name, sorted(district.permissions)))
    org = None if at is None else await place_of(district, at)
    return Narrowed(tuple(sorted(set(permissions))) if permissions else None, None if org is None else org.id)


async def _account(wanted: Wanted) -> tuple[Account, Text]:
    known = await account_by_name(wanted.name)
    if known is not None:
        return known, words('the account "{name}" exists already', name=wanted.name)
    made = await create_account(wanted.name, wanted.password, None)
    return made, words('the account "{name}" is made', name=wanted.name)


async def _role(district: District, account: Account, wanted: Wanted) -> list[Text]:
    if wanted.role is None:
        return []
    org = await place_of(district, wanted.at)
    where = {"role": wanted.role, "org": f"{org.kind}:{org.code or org.name}"}
    if await Grant.filter(valid_now(), account_id=account.id, role=wanted.role, org_id=org.id).exists():
        return [words("it has the role {role} at {org} already", **where)]
    await grant_role(
        district.granting, account_id=account.id, role=wanted.role, org_id=org.id, valid_from=None, valid_to=None
    )
    return [words("it is given the role {role} at {org}", **where)]


async def place_of(district: District, reference: str | None) -> OrgNode:
    """The organisation that `[KIND:]CODE` names, without it the root; raises CommandError where there is none."""
    if reference is not None:
        found = await org_by_reference(reference, district.kinds.orgs)
        if found is None:
            raise CommandError(_no_place(district, reference))
        return found
    root = await district_root()
    if root is None:
        told = words("district {key} has no root node; run `linli migrate --district {key}`", key=district.key)
        raise CommandError(told)
    return root


def _no_place(district: District, reference: str) -> Text:
    kind, _, _ = reference.rpartition(":")
    if kind and kind not in district.kinds.orgs:
        return unknown(words("kind of organisation"), kind, district.kinds.orgs)
    return words(
        "no valid organisation {found}; expected [KIND:]CODE of one, such as COMMUNITY:430602001001", found=reference
    )


def _password_left(account: Account, wanted: Wanted) -> list[Text]:
    """An existing account keeps its password, and whoever meant another should know."""
    if wanted.password is None or verified(wanted.password, account.password_hash):
        return []
    return [words("its password stays as it was; the one on stdin is another")]
