"""What a viewer can do with a booking now, told by the very rules that the mutations run. 可执行操作。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import RejectedError, Text

from ..models import Booking
from ..rules import Action, Actor, check_in_window, is_late_cancellation, step, transitions_from
from .access import roles_at
from .acting import is_own
from .life import facts_of, shown_state, times_of
from .opening import Opening, opening_of


@dataclass(frozen=True)
class Possible:
    """A step that the viewer has the right to: whether it would be taken now, why not, until when.

    `costs`: it is held against the booker, so that a client asks again.
    """

    action: Action
    allowed: bool
    refusal: Text | None
    until: datetime | None
    costs: bool


BY_PEOPLE = (Action.APPROVE, Action.REJECT, Action.CANCEL, Action.CHECK_IN, Action.CHECK_OUT)


async def possible_actions(district: District, viewer: Viewer, booking: Booking) -> list[Possible]:
    """The steps of people that the booking's state knows and the viewer has the right to; its ends are loaded."""
    now = clock.now()
    opening = await opening_of(district, booking.venue)
    found = []
    for action in BY_PEOPLE:
        rows = [row for row in transitions_from(shown_state(booking, now)) if row.action is action]
        takers = frozenset(actor for row in rows for actor in row.by)
        held = await roles_at(viewer, action, booking)
        if takers & held:
            found.append(await _judged(opening, booking, action, now, own=await is_own(viewer, booking), held=held))
    return found


async def _judged(
    opening: Opening, booking: Booking, action: Action, now: datetime, *, own: bool, held: frozenset[Actor]
) -> Possible:
    eligible = action is not Action.CHECK_IN or await opening.still_admits(booking, now)
    vouched = Actor.OWNER in held and not own
    facts = facts_of(opening, booking, now, own_request=own, vouched=vouched, eligible=eligible)
    refusal: Text | None = None
    state = shown_state(booking, now)
    try:
        step(action, state, facts, opening.policy)
    except RejectedError as refused:
        refusal = refused.message
    costs = action is Action.CANCEL and is_late_cancellation(state, times_of(booking), opening.policy, now)
    return Possible(action, refusal is None, refusal, _until(opening, booking, action), costs)


def _until(opening: Opening, booking: Booking, action: Action) -> datetime | None:
    if action is Action.CHECK_IN:
        return check_in_window(times_of(booking), opening.policy).closes
    return booking.end if action is Action.CHECK_OUT else booking.start
