"""Mutations of bookings and waitlists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from linli.schema.context import Info
from linli.schema.core.org_changes import client_id
from linli.schema.errors import OverlappingError
from linli.schema.inputs import MutationInput, optional, required, value
from linli.schema.mutations import mutation
from linli.schema.on_behalf import OnBehalfInput, argument, named, stated

from .. import models, permissions, services
from .bookings import Booking, WaitlistEntry
from .errors import NotEligibleError, QuotaExceededError


@strawberry.input(description="Which time to book. 预约申请。")
class BookVenueInput(OnBehalfInput):
    """For oneself, or for somebody whom one may book for."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    venue_id: strawberry.ID = required("Where. 场所。")
    unit: int | None = optional("Only to ask for a particular unit, counted from 1. 指定场地。")
    start: datetime = required("From. 开始时间。")
    end: datetime = required("Until, exclusive. 结束时间。")
    party_size: int | None = optional("How many persons; 1 where not said. 人数。")
    person_id: strawberry.ID | None = optional("For whom, where it is not oneself. 预约人。")


def for_whom(info: Info, given: Any) -> dict[str, Any]:
    """The person that `onBehalfOf` or `personId` names, None for the viewer, and how it was asked for."""
    wanted, path = named(given, given.person_id), argument(given)
    behalf = services.Behalf(lambda: stated(given, given.person_id), path)
    person_id = None if wanted is None else info.context.required_id(wanted, "Person", path)
    return {"person_id": person_id, "behalf": behalf}


def party_of(given: Any) -> int:
    """How many persons; 1 where not said."""
    size: int | None = value(given)
    return 1 if size is None else size


@mutation("Book a venue. 预约场所。", Booking, OverlappingError, NotEligibleError, QuotaExceededError)
async def book_venue(info: Info, input: BookVenueInput) -> models.Booking:  # noqa: A002
    """Book the lowest free unit, or the one asked for; for others with venues.booking.create_for."""
    context = info.context
    return await services.book(
        context.district,
        context.viewer,
        venue_id=context.required_id(input.venue_id, "Venue", "venueId"),
        start=input.start,
        end=input.end,
        unit=value(input.unit),
        party_size=party_of(input.party_size),
        booking_id=client_id(input.id),
        **for_whom(info, input),
    )


@strawberry.input(description="A step with a booking. 办理预约。")
class BookingStepInput(MutationInput):
    """Which booking, and what there is to say."""

    booking_id: strawberry.ID = required("Which. 预约。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    reason: str | None = optional("In words. 说明。")
    occurred_at: datetime | None = optional("When it happened, for what is recorded afterwards. 实际发生时间。")


def _command(info: Info, step: BookingStepInput) -> services.Command:
    return services.Command(
        booking_id=info.context.required_id(step.booking_id, "Booking", "bookingId"),
        expected_version=value(step.expected_version),
        reason=value(step.reason),
        occurred_at=value(step.occurred_at),
    )


@strawberry.input(description="Which request to approve. 同意预约。")
class ApproveBookingInput(BookingStepInput):
    """Somebody else's request."""


@mutation("Approve a request. 同意预约。", Booking, OverlappingError, permission=permissions.DECIDE)
async def approve_booking(info: Info, input: ApproveBookingInput) -> models.Booking:  # noqa: A002
    """Give it its room."""
    return await services.approve(info.context.district, info.context.viewer, _command(info, input))


@strawberry.input(description="Which request to reject. 驳回预约。")
class RejectBookingInput(BookingStepInput):
    """Somebody else's request."""


@mutation("Reject a request. 驳回预约。", Booking, permission=permissions.DECIDE)
async def reject_booking(info: Info, input: RejectBookingInput) -> models.Booking:  # noqa: A002
    """Turn it down."""
    return await services.reject(info.context.district, info.context.viewer, _command(info, input))


@strawberry.input(description="Which booking to cancel. 取消预约。")
class CancelBookingInput(BookingStepInput):
    """Before it starts."""


@mutation("Cancel a booking. 取消预约。", Booking)
async def cancel_booking(info: Info, input: CancelBookingInput) -> models.Booking:  # noqa: A002
    """Give it back; late it counts as half a no-show."""
    return await services.cancel(info.context.district, info.context.viewer, _command(info, input))


@strawberry.input(description="Who came. 签到。")
class CheckInBookingInput(BookingStepInput):
    """From 15 minutes before the start to 15 after."""


@mutation("Check in. 签到。", Booking)
async def check_in_booking(info: Info, input: CheckInBookingInput) -> models.Booking:  # noqa: A002
    """Note that somebody came."""
    return await services.check_in(info.context.district, info.context.viewer, _command(info, input))


@strawberry.input(description="Who left. 签退。")
class CheckOutBookingInput(BookingStepInput):
    """Before the end."""


@mutation("Check out. 签退。", Booking)
async def check_out_booking(info: Info, input: CheckOutBookingInput) -> models.Booking:  # noqa: A002
    """Note that somebody left."""
    return await services.check_out(info.context.district, info.context.viewer, _command(info, input))


@strawberry.input(description="Which time to wait for. 候补申请。")
class JoinWaitlistInput(OnBehalfInput):
    """A time that is taken."""

    venue_id: strawberry.ID = required("Where. 场所。")
    start: datetime = required("From. 开始时间。")
    end: datetime = required("Until, exclusive. 结束时间。")
    party_size: int | None = optional("How many persons; 1 where not said. 人数。")
    person_id: strawberry.ID | None = optional("For whom, where it is not oneself. 候补人。")


@mutation(
    "Wait for a time that is taken. 加入候补。", WaitlistEntry, OverlappingError, NotEligibleError, QuotaExceededError
)
async def join_waitlist(info: Info, input: JoinWaitlistInput) -> models.WaitlistEntry:  # noqa: A002
    """Get in line."""
    context = info.context
    return await services.join_waitlist(
        context.district,
        context.viewer,
        venue_id=context.required_id(input.venue_id, "Venue", "venueId"),
        start=input.start,
        end=input.end,
        party_size=party_of(input.party_size),
        **for_whom(info, input),
    )


@strawberry.input(description="Which offer to take. 接受候补。")
class AcceptWaitlistOfferInput(MutationInput):
    """While it holds."""

    entry_id: strawberry.ID = required("Which. 候补。")


@mutation("Take the time that was offered. 接受候补时段。", Booking, OverlappingError, QuotaExceededError)
async def accept_waitlist_offer(info: Info, input: AcceptWaitlistOfferInput) -> models.Booking:  # noqa: A002
    """Make it a booking."""
    context = info.context
    entry_id = context.required_id(input.entry_id, "WaitlistEntry", "entryId")
    return await services.take_offer(context.district, context.viewer, entry_id=entry_id)


@strawberry.input(description="Which line to leave. 退出候补。")
class LeaveWaitlistInput(MutationInput):
    """Before the time is over."""

    entry_id: strawberry.ID = required("Which. 候补。")


@mutation("Wait no longer. 退出候补。", WaitlistEntry)
async def leave_waitlist(info: Info, input: LeaveWaitlistInput) -> models.WaitlistEntry:  # noqa: A002
    """Leave the line; an offer goes to the next."""
    context = info.context
    entry_id = context.required_id(input.entry_id, "WaitlistEntry", "entryId")
    return await services.leave_waitlist(context.district, context.viewer, entry_id=entry_id)
