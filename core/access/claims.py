"""Claiming to be a person of the registry: asked for by an account, decided by staff. 认领人员。

A claim is received whoever it names, in the same words and with the same statements, and its outcome is not told but by
the account having its person: so nobody learns who is in the registry. Nothing of what was stated is kept; a claim that
fits nobody is seen by nobody. An account that another one made for a person has its claim from the start: whoever made
it may know its password, and so decides on no claim of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from .. import clock
from ..errors import FieldProblem, InvalidTransitionError, RateLimitedError, ValidationError, text
from ..people import citizen_id
from ..people.merged import hold
from ..people.models import Person
from ..records import events
from ..records.encrypted import blinds
from . import identities
from .duties import doers, require_other
from .event_types import (
    ACCOUNT_CREATED,
    CLAIM,
    CLAIM_APPROVED,
    CLAIM_REJECTED,
    PERSON_CLAIMED,
    ClaimDecided,
    PersonClaimed,
)
from .models import Account, PersonClaim
from .services import check_without_account
from .viewer import Viewer

A_DAY = timedelta(days=1)
MOST_A_DAY = 5
MOST_OF_A_PHONE = 20


class ClaimState(StrEnum):
    """How a claim stands."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


async def claim(account_id: UUID, name: str, id_number: str | None, phone: str | None) -> PersonClaim:
    """Receive a claim, in a unit of work.

    Raises ValidationError for what no person can have, InvalidTransitionError for an account that has a person,
    RateLimitedError for a sixth claim of an account within a day.
    """
    problems = tuple(_problems(name, id_number, phone))
    if problems:
        raise ValidationError(*problems)
    account = await Account.filter(id=account_id).select_for_update().get()
    if account.person_id is not None:
        raise InvalidTransitionError(text("This account has a person already"))
    await _check_not_too_many(account_id)
    return await _received(account_id, await _fitting(name.strip(), id_number, phone))


async def claim_for(account: Account) -> PersonClaim | None:
    """Ask that somebody confirm who is behind an account, in a unit of work; None where nothing waits for that."""
    return None if account.person_confirmed else await _received(account.id, account.person_id)


async def _received(account_id: UUID, person_id: UUID | None) -> PersonClaim:
    made = await PersonClaim.create(account_id=account_id, person_id=person_id)
    await events.append(PERSON_CLAIMED, CLAIM, made.id, PersonClaimed(account_id=account_id))
    return made


def _problems(name: str, id_number: str | None, phone: str | None) -> Iterator[FieldProblem]:
    if not name.strip():
        yield FieldProblem("name", "NAME_LENGTH", text("A name is needed"))
    if (id_number is None) == (phone is None):
        yield FieldProblem("idNumber", "ID_NUMBER_OR_PHONE", text("Give either an id number or a phone"))
    if id_number is not None and next(iter(citizen_id.problems(id_number)), None) is not None:
        yield FieldProblem("idNumber", "ID_NUMBER", text("This is no id number"))


async def _check_not_too_many(account_id: UUID) -> None:
    since = clock.now() - A_DAY
    times = (
        await PersonClaim.filter(account_id=account_id, created_at__gt=since).order_by("created_at").limit(MOST_A_DAY)
    )
    if len(times) == MOST_A_DAY:
        left = times[-1].created_at - since
        raise RateLimitedError(text("Too many tries: wait and try again"), max(1, int(left.total_seconds())))


async def _fitting(name: str, id_number: str | None, phone: str | None) -> UUID | None:
    """The one person with this name and number; None for none and for several."""
    column, value = ("phone", phone) if id_number is None else ("id_number", id_number)
    assert value is not None, "checked before"
    found = await Person.filter(**{f"{column}_index__in": blinds(Person, column, value)}).limit(MOST_OF_A_PHONE)
    fitting = {person.merged_into or person.id for person in found if person.name == name}
    return fitting.pop() if len(fitting) == 1 else None


async def decide(wanted: PersonClaim, by: Viewer, *, approve: bool, reason: str | None) -> PersonClaim:
    """Approve or reject a claim, in a unit of work; an approved one gives the account its person.

    One that its maker bound to the person keeps it, confirmed, or loses it. When an account that another one made gets
    its person, identities that were bound to it are unbound: its maker could sign in by them. Raises RejectedError
    SELF_VERIFICATION for a claim of one's own, of an account that one made, or of whoever delegated the role to decide,
    InvalidTransitionError for one that is decided, ConflictError for a person who has an account, PersonErasedError.
    """
    account = await Account.get(id=wanted.account_id)
    message = text("Neither whoever claims nor whoever made the account decides on it")
    concerned = [account.id, *await _makers(account)]
    await require_other(by, wanted.id, accounts=concerned, message=message, path=("claimId",))
    now, state = clock.now(), ClaimState.APPROVED if approve else ClaimState.REJECTED
    changed = {
        "state": state.value,
        "decided_at": now,
        "decided_by_id": by.account_id,
        "reason": reason,
        "updated_at": now,
    }
    undecided = PersonClaim.filter(id=wanted.id, state=ClaimState.REQUESTED.value)
    if not await undecided.update(**changed, version=wanted.version + 1):
        raise InvalidTransitionError(text("This claim is decided already"), path=("claimId",))
    wanted.update_from_dict({**changed, "version": wanted.version + 1})
    assert wanted.person_id is not None, "nobody sees a claim that fits nobody"
    person_id = await hold(wanted.person_id)  # who was merged into another since is that one
    if approve:
        await _give(account, person_id)
        if await _makers(account):  # who knew its password may have bound an identity of their own, and would stay
            await identities.unbind_all(account.id)
    else:
        await _take(account, person_id)
    told = ClaimDecided(account_id=wanted.account_id, person_id=person_id)
    await events.append(CLAIM_APPROVED if approve else CLAIM_REJECTED, CLAIM, wanted.id, told)
    return wanted


async def _makers(account: Account) -> Collection[UUID]:
    """Who made an account; of one from before that was kept with it the events tell."""
    return [account.created_by] if account.created_by is not None else await doers(account.id, ACCOUNT_CREATED)


async def _give(account: Account, person_id: UUID) -> None:
    """Put a person behind an account that has none, or confirm that it is the one whom its maker put there."""
    if account.person_id is None:
        await check_without_account(person_id)
        before: dict[str, object] = {"person_id": None}
    else:
        before = {"person_id": person_id, "person_confirmed": False}
    changed = {"person_id": person_id, "person_confirmed": True, **_next(account)}
    if not await Account.filter(id=account.id, disabled_at=None, **before).update(**changed):
        raise InvalidTransitionError(text("This account has a person already"))


async def _take(account: Account, person_id: UUID) -> None:
    """Leave an account without the person whom its maker put behind it; one that is confirmed keeps its own."""
    bound = Account.filter(id=account.id, person_id=person_id, person_confirmed=False)
    await bound.update(person_id=None, person_confirmed=True, **_next(account))


def _next(account: Account) -> dict[str, Any]:
    return {"version": account.version + 1, "updated_at": clock.now()}
