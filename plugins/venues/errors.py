"""Refusals of venues that carry more than a code."""

from __future__ import annotations

from datetime import datetime

from linli.core.errors import RejectedError, Text, text

from .rules import Refusal, WindowKind


class NotEligibleError(RejectedError):
    """The person may not come then: `code` is the most specific reason. 不符合预约资格。

    `window` is the kind of the first window that refuses; `next_eligible_start` the first instant at which a booking
    of the same length would be admitted, None where there is none within 60 days.
    """

    code = "NOT_ELIGIBLE"

    def __init__(self, reason: Refusal, window: WindowKind, next_eligible_start: datetime | None) -> None:
        self.reason = reason
        self.window = window
        self.next_eligible_start = next_eligible_start
        super().__init__(_MESSAGES[reason], code=reason.value, path=("start",), plugin="venues")


_MESSAGES: dict[Refusal, Text] = {
    Refusal.NOT_ELIGIBLE: text("The venue is not open to this person at that time", domain="venues"),
    Refusal.NO_ACTIVE_AGREEMENT: text("The person's unit has no agreement with this community", domain="venues"),
    Refusal.OFF_DAY_PARTNERS_DISABLED: text("On days off partner units have no access", domain="venues"),
}
