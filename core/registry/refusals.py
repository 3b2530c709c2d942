"""Everything that the registry refuses, each with its code, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from ..errors import (
    ConflictError,
    FieldProblem,
    InvalidTransitionError,
    NotFoundError,
    RejectedError,
    TakenError,
    ValidationError,
    text,
)
from ..records.record import Record


class HouseholdTakenError(TakenError):
    """The person lives in a household already; which one is not told, and that it was asked is kept. 已在其他户内。"""

    code = "PERSON_IN_HOUSEHOLD"


def settle(problems: Iterable[FieldProblem]) -> None:
    """Raise ValidationError with all problems, if there are any."""
    if found := tuple(problems):
        raise ValidationError(*found)


def unknown(path: str) -> NotFoundError:
    """There is no such record, or the caller may not know of it."""
    return NotFoundError(text("There is no such record, or you may not see it"), path=(path,))


def stale(current: Record) -> ConflictError:
    """Somebody changed the record since the caller read it."""
    return ConflictError(text("The record has changed since"), current=current, path=("expectedVersion",))


def id_in_use() -> ConflictError:
    """The client's id belongs to a record already."""
    return ConflictError(text("This id is in use"), path=("id",))


def ended(path: str = "id") -> InvalidTransitionError:
    """What has ended is changed no more."""
    return InvalidTransitionError(text("It has ended and is changed no more"), path=(path,))


def end_before_start(path: str) -> FieldProblem:
    """An end that is not after the start."""
    return FieldProblem(path, "END_BEFORE_START", text("The end lies before the start"))


def place_taken(other: Record) -> RejectedError:
    """Valid premises stand there already."""
    return RejectedError(
        text("There are valid premises of this number here already"),
        code="PLACE_TAKEN",
        path=("number",),
        details={"premises": str(other.id)},
    )


def premises_ended(path: str = "premisesId") -> RejectedError:
    """Nobody holds premises that are no more, nor lives there."""
    return RejectedError(text("These premises have ended"), code="PREMISES_ENDED", path=(path,))


def premises_in_use(tenures: int, households: int, things: int) -> RejectedError:
    """Premises do not end before what hangs on them."""
    return RejectedError(
        text(
            "{tenures} tenures, {households} households and {things} things still hang on it: end them first",
            tenures=tenures,
            households=households,
            things=things,
        ),
        code="PREMISES_IN_USE",
        path=("id",),
        details={"tenures": tenures, "households": households, "things": things},
    )


def org_in_use(premises: int, things: int) -> RejectedError:
    """A building does not end before what stands in it."""
    return RejectedError(
        text(
            "{premises} premises and {things} things still stand in it: end them first",
            premises=premises,
            things=things,
        ),
        code="ORG_IN_USE",
        path=("id",),
        details={"premises": premises, "things": things},
    )


def shares_over_whole(total: Fraction, at: datetime | None) -> RejectedError:
    """The owners would hold more than there is."""
    return RejectedError(
        text("The owners would hold {total} of it at one time, more than the whole", total=str(total)),
        code="SHARES_OVER_WHOLE",
        path=("share",),
        details={"total": str(total), "at": None if at is None else at.isoformat()},
    )


def already_held() -> RejectedError:
    """The same holder holds the same premises in the same way."""
    return RejectedError(text("The holder holds it in this way already"), code="ALREADY_HELD", path=("premisesId",))


def in_other_household() -> HouseholdTakenError:
    """A person belongs to one household at a time."""
    told = text("The person belongs to a household already during this time")
    return HouseholdTakenError(told, subject_type="HouseholdMember", path=("personId",))


def second_head() -> RejectedError:
    """A household has one head at a time."""
    told = text("The household has a head already during this time")
    return RejectedError(told, code="HOUSEHOLD_HAS_HEAD", path=("relation",))


def household_ended() -> RejectedError:
    """Nobody joins a household that has ended."""
    return RejectedError(text("This household has ended"), code="HOUSEHOLD_ENDED", path=("householdId",))


def code_taken(code: str) -> RejectedError:
    """A valid thing of the kind has the code."""
    told = text("The code {code} is in use by another thing of this kind", code=code)
    return RejectedError(told, code="THING_CODE_TAKEN", path=("code",))
