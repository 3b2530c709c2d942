"""Grants and sessions as the command line shows and ends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from linli.core import clock
from linli.core.access import granting, sessions
from linli.core.access.models import Account, AccountSession, Grant
from linli.core.access.services import close_account
from linli.core.access.sessions import Reason, lasting
from linli.core.districts import District
from linli.core.errors import Text
from linli.core.graph.models import OrgNode
from linli.core.records.unit_of_work import UnitOfWork, transact

from .language import words
from .messages import CommandError, UsageError
from .operator import operator
from .tables import Cell


async def grants_of(account: Account) -> list[Sequence[Cell]]:
    """The grants of an account that count now or will, one row each."""
    still = Q(Q(valid_to=None) | Q(valid_to__gt=clock.now()))
    found = await Grant.filter(still, account_id=account.id).order_by("id").select_related("org", "delegated_from")
    return [
        (str(one.id), one.role, _named(one.org), _shown(one.valid_from), _shown(one.valid_to), await _delegator(one))
        for one in found
    ]


async def revoke(district: District, given: str) -> list[Text]:
    """End a grant and what was delegated from it; raises CommandError where there is none that counts or will."""
    wanted = _id(given)

    async def work(_unit: UnitOfWork) -> Grant:
        grant = await Grant.filter(id=wanted).select_related("org", "account").first()
        if grant is None:
            told = words("{key}: there is no grant {id}; `linli access grants` lists them", key=district.key, id=given)
            raise CommandError(told)
        return await granting.revoke_grant(grant, None, operator=operator())

    grant = await transact(work)
    told = {"account": grant.account.username, "role": grant.role, "org": _named(grant.org)}
    return [words("{account} no longer has the role {role} at {org} by this grant", **told)]


async def sessions_of(district: District, account: Account) -> list[Sequence[Cell]]:
    """The sessions of an account that are not over, one row each."""
    found = await AccountSession.filter(lasting(district.settings), account_id=account.id).order_by("id")
    return [
        (str(one.id), one.provider, one.agent, _shown(one.created_at), _shown(one.last_used_at), _shown(one.expires_at))
        for one in found
    ]


async def sign_out(account: Account, session: str | None) -> list[Text]:
    """End all sessions of an account, or one; raises CommandError where it has no such session."""
    wanted = None if session is None else _id(session)

    async def work(_unit: UnitOfWork) -> int:
        if wanted is None:
            return await sessions.end_all(account.id, Reason.BY_OPERATOR, operator=operator())
        found = await AccountSession.filter(id=wanted, account_id=account.id, ended_at=None).first()
        if found is None:
            raise CommandError(words("{account} has no session {id}", account=account.username, id=str(wanted)))
        await sessions.end(found, Reason.BY_OPERATOR, operator=operator())
        return 1

    ended = await transact(work)
    return [words("{account}: {count} sessions are ended; service tokens stay", account=account.username, count=ended)]


async def close(account: Account) -> list[Text]:
    """Close an account."""
    ended = await transact(lambda _unit: close_account(account, operator()))
    return [words("{account} is closed, and {count} sessions with it", account=account.username, count=ended)]


async def _delegator(grant: Grant) -> str:
    if grant.delegated_from is None:
        return ""
    return (await Account.get(id=grant.delegated_from.account_id)).username


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise UsageError(words('"{id}" is no id; a UUID is expected', id=given)) from error


def _named(node: OrgNode) -> str:
    return f"{node.kind}:{node.code or node.name}"


def _shown(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"
