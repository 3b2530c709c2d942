"""How much venues are used in a district. 场所使用情况。"""

from __future__ import annotations

from linli.core import clock
from linli.core.plugins.figures import Figure

from .models import Booking, Venue
from .rules import BookingState


async def figures() -> list[Figure]:
    """Venues, the bookings that lie ahead, and how many people have one."""
    ahead = Booking.filter(state=BookingState.CONFIRMED, start__gt=clock.now())
    people = len(set(await ahead.values_list("person_id", flat=True)))
    return [
        Figure(name="venues", value=await Venue.all().count(), description="Venues. 场所。"),
        Figure(name="bookings", value=await ahead.count(), description="Bookings that lie ahead. 待到预约。"),
        Figure(name="booking_people", value=people, description="People with such a booking. 预约人数。", people=True),
    ]
