"""What all steps with a booking have in common: who acts on whose behalf, on which version, at what instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.core import clock
from linli.core.access import duties
from linli.core.access.viewer import Viewer
from linli.core.districts import District

from ..models import Booking
from ..rules import TRANSITIONS, Action, Actor, Circumstances
from .access import forbidden_action, roles_at, tell_step
from .life import Note, facts_of
from .occurrence import occurrence
from .opening import Opening, opening_of
from .records import booking_to_change, check_version, checked_reason
from .steps import settle

_NAMES = {
    Action.APPROVE: "approveBooking",
    Action.REJECT: "rejectBooking",
    Action.CANCEL: "cancelBooking",
    Action.CHECK_IN: "checkInBooking",
    Action.CHECK_OUT: "checkOutBooking",
}


@dataclass(frozen=True)
class Command:
    """A step that somebody asks for; `occurred_at` is given for what happened in the field before."""

    booking_id: UUID
    expected_version: int | None = None
    reason: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class Acting:
    """A viewer about to take a step with a booking: `actors` on whose behalf, `own` with a request of their own."""

    opening: Opening
    booking: Booking
    actors: frozenset[Actor]
    note: Note
    own: bool

    def facts(self, **known: bool) -> Circumstances:
        """What the guards ask, at the instant when it happened."""
        stated = {"own_request": self.own, "vouched": self.vouched, "recorded_late": self.note.late}
        return facts_of(self.opening, self.booking, self.note.at, **stated, **known)

    @property
    def vouched(self) -> bool:
        """Whether the owner says so, and it is not whoever booked."""
        return Actor.OWNER in self.actors and not self.own


async def begin(district: District, viewer: Viewer, action: Action, command: Command) -> Acting:
    """Look at a booking in order to take a step with it; what was due before that is carried out first.

    Raises NotFoundError, ForbiddenError, ConflictError for a stale version, ValidationError.
    """
    booking = await booking_to_change(district, viewer, command.booking_id)
    actors = await roles_at(viewer, action, booking)
    if not actors & _takers(action):
        raise forbidden_action(action)
    check_version(booking, command.expected_version)
    happened = occurrence(district, command.occurred_at)
    note = Note(happened.at, happened.late, checked_reason(command.reason), by=viewer.account_id)
    opening = await opening_of(district, booking.venue)
    if booking.due_at is not None and booking.due_at <= clock.now():
        await settle(opening, booking)
    if Actor.OWNER not in actors:  # in this unit of work: what is refused yet is not told
        await tell_step(viewer, booking.venue, booking.person, _NAMES[action], booking)
    return Acting(opening, booking, actors, note, await is_own(viewer, booking))


def _takers(action: Action) -> frozenset[Actor]:
    return frozenset(actor for row in TRANSITIONS if row.action is action for actor in row.by)


async def is_own(viewer: Viewer, booking: Booking) -> bool:
    """Whether the viewer asked for the booking, is the person it is for, or acts in the place of one of them."""
    return await duties.is_same(viewer, accounts=[booking.requested_by], persons=[booking.person_id])
