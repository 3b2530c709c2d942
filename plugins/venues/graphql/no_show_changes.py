"""Mutations of no-shows: appealing, deciding, striking out."""

from __future__ import annotations

import strawberry

from linli.schema.context import Info
from linli.schema.inputs import MutationInput, optional, required, value
from linli.schema.mutations import mutation

from .. import models, permissions, services
from .bookings import Booking
from .no_shows import NoShowAppeal


@strawberry.input(description="An appeal to a no-show. 爽约申诉。")
class AppealNoShowInput(MutationInput):
    """Once per no-show."""

    booking_id: strawberry.ID = required("Of which booking. 预约。")
    reason: str = required("Why it should not count. 申诉理由。")


@mutation("Appeal to a no-show; the owner of the venue answers. 对爽约提出申诉。", NoShowAppeal)
async def appeal_no_show(info: Info, input: AppealNoShowInput) -> models.Appeal:  # noqa: A002
    """Ask the owner to strike it out."""
    context = info.context
    booking_id = context.required_id(input.booking_id, "Booking", "bookingId")
    return await services.appeal_no_show(context.district, context.viewer, booking_id=booking_id, reason=input.reason)


@strawberry.input(description="The answer to an appeal. 处理申诉。")
class DecideNoShowAppealInput(MutationInput):
    """With a reason."""

    appeal_id: strawberry.ID = required("Which. 申诉。")
    uphold: bool = required("Strike the no-show out; otherwise it stands. 是否成立。")
    reason: str = required("Why. 处理意见。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Answer an appeal to a no-show. 处理爽约申诉。", NoShowAppeal, permission=permissions.NO_SHOW_WAIVE)
async def decide_no_show_appeal(info: Info, input: DecideNoShowAppealInput) -> models.Appeal:  # noqa: A002
    """Uphold it, which lifts a bar that rests on the no-show, or dismiss it."""
    context = info.context
    return await services.decide_appeal(
        context.district,
        context.viewer,
        appeal_id=context.required_id(input.appeal_id, "NoShowAppeal", "appealId"),
        uphold=input.uphold,
        reason=input.reason,
        expected_version=value(input.expected_version),
    )


@strawberry.input(description="Which no-show to strike out. 撤销爽约。")
class WaiveNoShowInput(MutationInput):
    """On appeal."""

    booking_id: strawberry.ID = required("Which. 预约。")
    reason: str | None = optional("In words. 说明。")


@mutation("Strike out a no-show on appeal. 撤销爽约记录。", Booking, permission=permissions.NO_SHOW_WAIVE)
async def waive_no_show(info: Info, input: WaiveNoShowInput) -> models.Booking:  # noqa: A002
    """It counts no more towards a bar."""
    context = info.context
    booking_id = context.required_id(input.booking_id, "Booking", "bookingId")
    return await services.waive_no_show(
        context.district, context.viewer, booking_id=booking_id, reason=value(input.reason)
    )
