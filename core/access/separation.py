"""Who may receive a role: never whoever gives it, and of the three administrators one person is one. 三员分立。"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..errors import ForbiddenError, RejectedError, text
from ..graph.spans import Span
from ..people.models import Person
from .limits import THREE_ADMINS
from .models import Account, Grant

EXCLUSIVE_ROLES = "EXCLUSIVE_ROLES"


async def check_receiver(
    account_id: UUID,
    role: str,
    span: Span,
    givers: Collection[UUID | None],
    *,
    three_admins: bool,
    path: str = "accountId",
) -> None:
    """Raise where this account may not be given the role.

    ForbiddenError for one of the givers or another account of the same person, EXCLUSIVE_ROLES for a person who holds
    another of the three administrators' roles at some time of the span, by whatever account, disabled ones included.
    """
    same = await _accounts_of_the_same(account_id)
    if same & set(givers):
        raise ForbiddenError(text("Nobody gives a role to oneself"), path=(path,))
    if three_admins and role in THREE_ADMINS:
        await _check_exclusive(same, role, span)


async def held_together() -> list[list[Grant]]:
    """For each person who holds, now or some day, two of the three administrators' roles at one time: those grants.

    An account without a person counts as one; disabled accounts count too. The grants come with their accounts.
    """
    lasting = Q(valid_to=None) | Q(valid_to__gt=clock.now())
    grants = await Grant.filter(lasting, role__in=list(THREE_ADMINS)).order_by("id").select_related("account")
    by_person: dict[UUID, list[Grant]] = {}
    for grant in grants:
        by_person.setdefault(grant.account.person_id or grant.account_id, []).append(grant)
    found = ([one for one in held if _meets_another(one, held)] for held in by_person.values())
    return [clashing for clashing in found if clashing]


def _meets_another(grant: Grant, held: Iterable[Grant]) -> bool:
    mine = Span(grant.valid_from, grant.valid_to)
    others = (other for other in held if other.role != grant.role)
    return any(not mine.shared(Span(other.valid_from, other.valid_to)).empty for other in others)


async def _accounts_of_the_same(account_id: UUID) -> frozenset[UUID]:
    """The account and all others of its person; held, so that of two grants at once the second sees the first."""
    account = await Account.filter(id=account_id).select_for_update().get()
    if account.person_id is None:
        return frozenset([account.id])
    await Person.filter(id=account.person_id).select_for_update()
    return frozenset([one.id for one in await Account.filter(person_id=account.person_id)])


async def _check_exclusive(accounts: Collection[UUID], role: str, span: Span) -> None:
    others = Grant.filter(account_id__in=list(accounts), role__in=list(THREE_ADMINS - {role}))
    if span.start is not None:
        others = others.filter(Q(valid_to=None) | Q(valid_to__gt=span.start))
    if span.end is not None:
        others = others.filter(Q(valid_from=None) | Q(valid_from__lt=span.end))
    held = await others.first()
    if held is not None:
        message = text("{held} and {role} exclude each other on one person", held=held.role, role=role)
        raise RejectedError(message, code=EXCLUSIVE_ROLES, path=("role",), details={"held": held.role})
