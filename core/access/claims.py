"""Claiming to be a person of the registry: asked for by an account, decided by staff. 认领人员。

A claim is received whoever it names, in the same words and with the same statements, and its outcome is not told but by
the account having its person: so nobody learns who is in the registry. Nothing of what was stated is kept; a claim that
fits nobody is seen by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from .. import clock
from ..errors import FieldProblem, InvalidTransitionError, RateLimitedError, ValidationError, text
from ..people import citizen_id
from ..people.models import Person
from ..records import events
from ..records.encrypted import blinds
from .duties import require_other
from .event_types import (
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
    person = await _fitting(name.strip(), id_number, phone)
    made = await PersonClaim.create(account_id=account_id, person_id=None if person is None else person.id)
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


async def _fitting(name: str, id_number: str | None, phone: str | None) -> Person | None:
    """The one person with this name and number; None for none and for several."""
    column, value = ("phone", phone) if id_number is None else ("id_number", id_number)
    assert value is not None, "checked before"
    found = await Person.filter(**{f"{column}_index__in": blinds(Person, column, value)}).limit(MOST_OF_A_PHONE)
    fitting = [person for person in found if person.name == name]
    return fitting[0] if len(fitting) == 1 else None


async def decide(wanted: PersonClaim, by: Viewer, *, approve: bool, reason: str | None) -> PersonClaim:
    """Approve or reject a claim, in a unit of work; an approved one gives the account its person.

    Raises RejectedError SELF_VERIFICATION for a claim of one's own or of whoever delegated the role to decide,
    InvalidTransitionError for one that is decided, ConflictError for a person who has an account.
    """
    message = text("Nobody decides on a claim of one's own")
    await require_other(by, wanted.id, accounts=[wanted.account_id], message=message, path=("claimId",))
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
    if approve:
        await _give(wanted.account_id, wanted.person_id)
    told = ClaimDecided(account_id=wanted.account_id, person_id=wanted.person_id)
    await events.append(CLAIM_APPROVED if approve else CLAIM_REJECTED, CLAIM, wanted.id, told)
    return wanted


async def _give(account_id: UUID, person_id: UUID) -> None:
    """Put a person behind an account that has none."""
    await check_without_account(person_id)
    account = await Account.get(id=account_id)
    changed = {"person_id": person_id, "version": account.version + 1, "updated_at": clock.now()}
    if not await Account.filter(id=account_id, person_id=None, disabled_at=None).update(**changed):
        raise InvalidTransitionError(text("This account has a person already"))
