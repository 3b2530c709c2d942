"""The refusals of venues in GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linli.core.errors import RejectedError
from linli.schema.context import Context
from linli.schema.errors import ANSWERS, Error, common

from ..errors import NotEligibleError as NotEligible
from .enums import WindowKind

CODES = (
    "NOT_ELIGIBLE",
    "NO_ACTIVE_AGREEMENT",
    "OFF_DAY_PARTNERS_DISABLED",
    "CAPACITY_EXCEEDED",
    "OUTSIDE_OPENING_HOURS",
    "NOT_ON_GRANULARITY",
    "IN_THE_PAST",
    "FEE_NOT_ALLOWED",
    "BELOW_AGREEMENT_FLOOR",
    "BARRED",
    "VENUE_CLOSED",
    "CANCELLATION_TIME_PAST",
)


@strawberry.type(description="The venue is not open to this person at that time. 不符合预约资格。")
class NotEligibleError(Error):
    """The most specific reason for the first part of the time that refuses."""

    window: WindowKind = strawberry.field(description="The window that refuses. 不符合的开放时段。")
    reason: str = strawberry.field(description="The most specific reason, a code. 原因代码。")
    next_eligible_start: datetime | None = strawberry.field(
        description="When a booking of this length is next possible, within 60 days. 最早可预约的开始时间。"
    )


def _told(rejection: RejectedError, context: Context) -> Error:
    assert isinstance(rejection, NotEligible)
    return NotEligibleError(
        **common(rejection, context),
        window=rejection.window,
        reason=rejection.reason.value,
        next_eligible_start=rejection.next_eligible_start,
    )


ANSWERS[NotEligible] = (NotEligibleError, _told)
