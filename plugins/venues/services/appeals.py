"""Appealing to a no-show, and the owner's answer. 爽约申诉。"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from linli.core import clock
from linli.core.access import duties
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, InvalidTransitionError, invalid, text
from linli.core.records import events

from ..events import APPEAL, APPEAL_DECIDED, BOOKING, NO_SHOW_APPEALED, NO_SHOW_WAIVED, AppealPayload, WaivedPayload
from ..models import Appeal, Booking, NoShow
from ..permissions import BOOK_FOR, NO_SHOW_WAIVE
from .access import require_manages, stands_for, tell_step
from .records import booking_to_change, check_version, checked_reason, hold_venue, visible, write
from .steps import strike_out

_ENDS = ("no_show__booking__venue__owner", "person")


class AppealState(StrEnum):
    """Where an appeal stands. 申诉状态。"""

    PENDING = "PENDING"  # 待处理
    UPHELD = "UPHELD"  # 成立，爽约撤销
    DISMISSED = "DISMISSED"  # 不成立


async def appeal_no_show(district: District, viewer: Viewer, *, booking_id: UUID, reason: str) -> Appeal:
    """Appeal to the no-show of a booking, as the person or as somebody who may book for them; once.

    Raises NotFoundError, ForbiddenError, ValidationError without a reason, INVALID_TRANSITION where no no-show counts
    or an appeal was made before.
    """
    booking = await booking_to_change(district, viewer, booking_id)
    await _require_booker(viewer, booking)
    stated = _required(reason)
    no_show = await counted(booking)
    if await Appeal.filter(no_show_id=no_show.id).exists():
        message = text("There is an appeal to this no-show already", domain="venues")
        raise InvalidTransitionError(message, plugin="venues")
    appeal = await Appeal.create(
        no_show_id=no_show.id,
        venue_id=booking.venue_id,
        person_id=booking.person_id,
        reason=stated,
        state=AppealState.PENDING.value,
        filed_by=viewer.account_id,
    )
    payload = AppealPayload(
        booking_id=booking.id, person_id=booking.person_id, day=no_show.day, state=AppealState.PENDING.value
    )
    await events.append(NO_SHOW_APPEALED, APPEAL, appeal.id, payload, org_id=booking.venue.owner_id)
    await tell_step(viewer, booking.venue, booking.person, "appealNoShow", appeal)
    return appeal


async def decide_appeal(
    district: District,
    viewer: Viewer,
    *,
    appeal_id: UUID,
    uphold: bool,
    reason: str,
    expected_version: int | None = None,
) -> Appeal:
    """Answer an appeal with a reason: upheld, it strikes the no-show out, and a bar that rests on it is lifted.

    Raises NotFoundError, ForbiddenError, SELF_VERIFICATION for one's own appeal or one that one filed, ConflictError,
    ValidationError without a reason, INVALID_TRANSITION for an appeal that was answered.
    """
    seen = await visible(district, viewer, Appeal, appeal_id, "appealId")
    await hold_venue(seen.venue_id)
    appeal = await visible(district, viewer, Appeal, appeal_id, "appealId", *_ENDS)
    no_show = appeal.no_show
    booking = no_show.booking
    require_manages(viewer, NO_SHOW_WAIVE, booking.venue.owner)
    await _require_other(viewer, booking, appeal.id, appeal.filed_by)
    check_version(appeal, expected_version)
    stated = _required(reason)
    if appeal.state != AppealState.PENDING:
        raise InvalidTransitionError(text("This appeal is answered already", domain="venues"), plugin="venues")
    state = AppealState.UPHELD if uphold else AppealState.DISMISSED
    await write(appeal, state=state.value, decided_by=viewer.account_id, decided_at=clock.now(), decision=stated)
    payload = AppealPayload(booking_id=booking.id, person_id=booking.person_id, day=no_show.day, state=state.value)
    await events.append(APPEAL_DECIDED, APPEAL, appeal.id, payload, org_id=booking.venue.owner_id)
    if uphold and no_show.struck_at is None:
        await _waive(booking, no_show, stated, viewer)
    return appeal


async def waive_no_show(district: District, viewer: Viewer, *, booking_id: UUID, reason: str | None = None) -> Booking:
    """Strike out the no-show of a booking without an appeal: it counts no more towards a bar.

    A pending appeal to it is upheld with that. Raises NotFoundError, ForbiddenError, SELF_VERIFICATION for one's own,
    INVALID_TRANSITION where nothing counts.
    """
    booking = await booking_to_change(district, viewer, booking_id)
    require_manages(viewer, NO_SHOW_WAIVE, booking.venue.owner)
    stated = checked_reason(reason)
    await _require_other(viewer, booking, booking.id)
    no_show = await counted(booking)
    appeal = await Appeal.get_or_none(no_show_id=no_show.id, state=AppealState.PENDING.value)
    if appeal is not None:
        columns = {"decided_by": viewer.account_id, "decided_at": clock.now(), "decision": stated}
        await write(appeal, state=AppealState.UPHELD.value, **columns)
    await _waive(booking, no_show, stated, viewer)
    return booking


async def counted(booking: Booking) -> NoShow:
    """The no-show of a booking that counts; INVALID_TRANSITION where there is none."""
    found = await NoShow.filter(booking_id=booking.id, struck_at__isnull=True).first()
    if found is None:
        raise InvalidTransitionError(text("No no-show counts for this booking", domain="venues"), plugin="venues")
    return found


async def _require_other(viewer: Viewer, booking: Booking, record_id: UUID, filed_by: UUID | None = None) -> None:
    """Raise SELF_VERIFICATION for whoever missed the booking or booked it, and for whoever filed the appeal."""
    message = text("One's own appeal is for somebody else to decide", domain="venues")
    await duties.require_other(
        viewer,
        record_id,
        NO_SHOW_APPEALED,
        accounts=[booking.requested_by, filed_by],
        persons=[booking.person_id],
        message=message,
        plugin="venues",
    )


async def _waive(booking: Booking, no_show: NoShow, reason: str | None, viewer: Viewer) -> None:
    await strike_out(booking, reason, by=viewer.account_id)
    payload = WaivedPayload(person_id=booking.person_id, day=no_show.day, reason=reason)
    await events.append(NO_SHOW_WAIVED, BOOKING, booking.id, payload, org_id=booking.venue.owner_id)


async def _require_booker(viewer: Viewer, booking: Booking) -> None:
    if await stands_for(viewer, booking.venue, booking.person) is None:
        raise ForbiddenError(text("You may not do this here"), details={"permission": BOOK_FOR})


def _required(reason: str) -> str:
    stated = checked_reason(reason)
    if stated is None:
        raise invalid("reason", "REQUIRED", "Say why", domain="venues")
    return stated
