"""The refusals of venues in GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linli.core.errors import RejectedError
from linli.schema.context import Context
from linli.schema.errors import Error, answers, common

from ..errors import NotEligibleError as NotEligible
from ..errors import QuotaExceededError as QuotaExceeded
from .enums import QuotaPeriod, QuotaScope, QuotaUnit, Tier, WindowKind

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
    "QUOTA_EXCEEDED",
    "SERIES_REFUSED",
    "TIME_IS_FREE",
    "VENUE_ENDED",
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


answers(NotEligible, NotEligibleError, _told)


@strawberry.type(description="The booking would exceed a quota of the venue's terms. 超出预约配额。")
class QuotaExceededError(Error):
    """Which quota, how much of it is taken, and when there is room again."""

    tier: Tier = strawberry.field(description="Whose bookings are limited. 使用人群。")
    scope: QuotaScope = strawberry.field(description="Of the whole tier or of each person. 配额对象。")
    period: QuotaPeriod = strawberry.field(description="During which time. 配额周期。")
    counted: QuotaUnit = strawberry.field(description="What is counted. 配额单位。")
    limit: int = strawberry.field(description="How much there is in a period. 配额。")
    used: int = strawberry.field(description="How much of it is taken. 已用。")
    frees_at: datetime | None = strawberry.field(
        description="When a period begins that has room for as much; null where it never has. 何时恢复。"
    )


def _quota_told(rejection: RejectedError, context: Context) -> Error:
    assert isinstance(rejection, QuotaExceeded)
    return QuotaExceededError(
        **common(rejection, context),
        tier=rejection.tier,
        scope=rejection.scope,
        period=rejection.period,
        counted=rejection.unit,
        limit=rejection.limit,
        used=rejection.used,
        frees_at=rejection.frees_at,
    )


answers(QuotaExceeded, QuotaExceededError, _quota_told)
