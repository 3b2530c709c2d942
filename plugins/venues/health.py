"""What keeps venues from working well in a district. 健康检查。"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from linli.core import clock
from linli.core.calendar import local_date
from linli.core.districts import District
from linli.core.plugins.health import HealthProblem

from .models import Booking
from .rules import BookingState

AHEAD = timedelta(days=30)


async def problems(district: District) -> list[HealthProblem]:
    """Bookings that begin within 30 days and still wait for the official schedule of their year."""
    soon = Booking.filter(state=BookingState.PROVISIONAL, start__lt=clock.now() + AHEAD)
    waiting = Counter(local_date(booking.start, district.zone).year for booking in await soon)
    return [
        HealthProblem(
            message=f"Bookings of {year} wait for the official holiday schedule: {number}",
            remedy=f"Import the schedule of {year} (mutation importCalendar).",
        )
        for year, number in sorted(waiting.items())
    ]
