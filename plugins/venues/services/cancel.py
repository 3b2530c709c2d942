"""Giving a booking back. 取消预约。"""

from __future__ import annotations

from dataclasses import replace

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District

from ..models import Booking
from ..rules import Action, Actor, BookingState
from .acting import Command, begin
from .steps import charge_late_cancellation, take


async def cancel(district: District, viewer: Viewer, command: Command) -> Booking:
    """Cancel a booking before it starts; its time goes to those who wait.

    For the booker it is free until two hours before (a setting), later it counts as half a no-show; the owner's
    cancelling is held against nobody. Whoever booked cancels when the word arrives, whatever time it states. Raises
    CANCELLATION_TIME_PAST once it has started.
    """
    acting = await begin(district, viewer, Action.CANCEL, command)
    if acting.own:
        acting = replace(acting, note=replace(acting.note, at=clock.now(), late=False))
    before = BookingState(acting.booking.state)
    await take(acting.opening, acting.booking, Action.CANCEL, acting.note, facts=acting.facts())
    if Actor.BOOKER in acting.actors:
        await charge_late_cancellation(acting.opening, acting.booking, before, acting.note)
    return acting.booking
