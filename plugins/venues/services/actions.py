"""What a viewer can do with a booking now, told by the very rules that the mutations run. 可执行操作。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import RejectedError, Text

from ..models import Booking
from ..rules import Action, check_in_window, is_late_cancellation, step, transitions_from
from .access import roles_at
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
        if takers and takers & await roles_at(viewer, action, booking):
            found.append(await _judged(opening, viewer, booking, action, now))
    return found


async def _judged(opening: Opening, viewer: Viewer, booking: Booking, action: Action, now: datetime) -> Possible:
    own = booking.person_id == viewer.person_id or (
        booking.requested_by is not None and booking.requested_by == viewer.account_id
    )
    eligible = True
    if action is Action.CHECK_IN:
        eligible = (await opening.verdict(booking.person, booking.start, booking.end, now)).eligible
    facts = facts_of(opening, booking, now, own_request=own, eligible=eligible)
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
