"""Refusals of venues that carry more than a code.

What they add is kept as JSON values, so that a repeated request is refused by the same type.
"""

from __future__ import annotations

from datetime import datetime

from linli.core.errors import RejectedError, Text, text

from .rules import Exhausted, QuotaPeriod, QuotaScope, QuotaUnit, Refusal, Tier, WindowKind


class NotEligibleError(RejectedError):
    """The person may not come then: `code` is the most specific reason. 不符合预约资格。

    `window` is the kind of the first window that refuses; `next_eligible_start` the first instant at which a booking
    of the same length would be admitted, None where there is none within 60 days.
    """

    code = "NOT_ELIGIBLE"

    def __init__(self, reason: Refusal, window: WindowKind, next_eligible_start: datetime | None) -> None:
        self._window = window.value
        self._following = None if next_eligible_start is None else next_eligible_start.isoformat()
        super().__init__(_MESSAGES[reason], code=reason.value, path=("start",), plugin="venues")

    @property
    def reason(self) -> Refusal:
        """Why, the same word as the code."""
        return Refusal(self.code)

    @property
    def window(self) -> WindowKind:
        """The kind of the first window that refuses."""
        return WindowKind(self._window)

    @property
    def next_eligible_start(self) -> datetime | None:
        """When a booking of the same length would be admitted."""
        return None if self._following is None else datetime.fromisoformat(self._following)


_MESSAGES: dict[Refusal, Text] = {
    Refusal.NOT_ELIGIBLE: text("The venue is not open to this person at that time", domain="venues"),
    Refusal.NO_ACTIVE_AGREEMENT: text("The person's unit has no agreement with this community", domain="venues"),
    Refusal.OFF_DAY_PARTNERS_DISABLED: text("On days off partner units have no access", domain="venues"),
}


class QuotaExceededError(RejectedError):
    """The booking would take more of the venue than its terms grant in that day, week or month. 超出预约配额。

    `used` of `limit` are taken; from `frees_at` on a period has room for as much, None where the booking alone is more
    than the limit.
    """

    code = "QUOTA_EXCEEDED"

    def __init__(self, found: Exhausted, frees_at: datetime | None) -> None:
        quota = found.quota
        self.limit, self.used = quota.limit, found.used
        self._tier, self._scope = quota.tier.value, quota.scope.value
        self._period, self._unit = quota.period.value, quota.unit.value
        self._frees_at = None if frees_at is None else frees_at.isoformat()
        template = _QUOTAS[quota.unit][quota.period]
        message = Text(template.template, {"limit": quota.limit, "used": found.used}, template.domain)
        super().__init__(message, path=("start",), plugin="venues")

    @property
    def tier(self) -> Tier:
        """Whose bookings are limited."""
        return Tier(self._tier)

    @property
    def scope(self) -> QuotaScope:
        """Whether those of the whole tier or of each person."""
        return QuotaScope(self._scope)

    @property
    def period(self) -> QuotaPeriod:
        """During which time."""
        return QuotaPeriod(self._period)

    @property
    def unit(self) -> QuotaUnit:
        """What is counted."""
        return QuotaUnit(self._unit)

    @property
    def frees_at(self) -> datetime | None:
        """When a period begins that has room for as much."""
        return None if self._frees_at is None else datetime.fromisoformat(self._frees_at)


_BOOKINGS = {
    QuotaPeriod.DAY: text("At most {limit} bookings a day, {used} are taken", domain="venues"),
    QuotaPeriod.WEEK: text("At most {limit} bookings a week, {used} are taken", domain="venues"),
    QuotaPeriod.MONTH: text("At most {limit} bookings a month, {used} are taken", domain="venues"),
}
_MINUTES = {
    QuotaPeriod.DAY: text("At most {limit} minutes a day, {used} are taken", domain="venues"),
    QuotaPeriod.WEEK: text("At most {limit} minutes a week, {used} are taken", domain="venues"),
    QuotaPeriod.MONTH: text("At most {limit} minutes a month, {used} are taken", domain="venues"),
}
_QUOTAS = {QuotaUnit.BOOKINGS: _BOOKINGS, QuotaUnit.MINUTES: _MINUTES}
