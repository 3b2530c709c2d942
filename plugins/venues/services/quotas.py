"""Whether a booking keeps to the quotas of a venue's terms. 预约配额核查。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ..errors import QuotaExceededError
from ..models import Booking
from ..rules import COUNTING, Eligibility, Exhausted, Quota, QuotaPeriod, QuotaScope, Tier, Use, WindowKind, period_of
from ..rules import exhausted as over
from ..rules.ranges import midnight
from .giving import Asked
from .opening import Opening


async def check_quotas(opening: Opening, asked: Asked, answer: Eligibility) -> None:
    """Raise QuotaExceededError for a booking that would exceed a quota of its tier; `answer` found it eligible."""
    found = await exceeded(opening, asked, answer)
    if found is not None:
        frees = None if found.frees is None else opening.instant(midnight(found.frees))
        raise QuotaExceededError(found, frees)


async def exceeded(opening: Opening, asked: Asked, answer: Eligibility) -> Exhausted | None:
    """The first quota that a booking would exceed; None where it keeps to all."""
    assert answer.tier is not None
    assert answer.window is not None
    minutes = (asked.end - asked.start) // timedelta(minutes=1)
    use = Use(opening.wall(asked.start).date(), minutes, answer.tier, answer.window.kind)
    quotas = [quota for quota in opening.policy.quotas if quota.counts(use)]
    return over(quotas, await _uses(opening, asked, quotas, use), use) if quotas else None


async def _uses(opening: Opening, asked: Asked, quotas: Sequence[Quota], use: Use) -> list[Use]:
    """The bookings of the same tier from the beginning of the month or week on, of one person where that is enough."""
    since = min(period_of(period, use.day)[0] for period in QuotaPeriod)
    found = Booking.filter(
        venue_id=opening.venue.id,
        tier=use.tier.value,
        state__in=[state.value for state in COUNTING],
        start__gte=opening.instant(midnight(since)),
    )
    if all(quota.scope is QuotaScope.PERSON for quota in quotas):
        found = found.filter(person_id=asked.person.id)
    return [_use(opening, booking, own=booking.person_id == asked.person.id) for booking in await found]


def _use(opening: Opening, booking: Booking, *, own: bool) -> Use:
    minutes = (booking.end - booking.start) // timedelta(minutes=1)
    day = opening.wall(booking.start).date()
    return Use(day, minutes, Tier(booking.tier), WindowKind(booking.window), own)
