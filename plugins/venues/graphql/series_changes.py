"""Mutations of series of bookings."""

from __future__ import annotations

import datetime as dt
from datetime import datetime

import strawberry

from linli.schema.context import Info
from linli.schema.core.org_changes import client_id
from linli.schema.inputs import MutationInput, optional, required, value
from linli.schema.mutations import mutation
from linli.schema.on_behalf import OnBehalfInput
from linli.schema.scalars import LocalTime

from .. import models, services
from ..rules import Recurrence
from .booking_changes import for_whom, party_of
from .enums import Weekday
from .series import BookingSeries


@strawberry.input(description="Which times to book. 周期预约申请。")
class BookSeriesInput(OnBehalfInput):
    """The same time of day on some weekdays between two days; 60 times at most."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    venue_id: strawberry.ID = required("Where. 场所。")
    unit: int | None = optional("Only to ask for a particular unit, counted from 1. 指定场地。")
    first_day: dt.date = required("First day. 起始日。")
    last_day: dt.date = required("Last day, included. 截止日。")
    weekdays: list[Weekday] = required("On which days. 星期。")
    every_weeks: int | None = optional("Every n-th week, counted from the first one; 1 where not said. 间隔周数。")
    start: LocalTime = required("From, on each day. 开始时刻。")
    end: LocalTime = required("Until, exclusive; the next day where the venue allows that. 结束时刻。")
    party_size: int | None = optional("How many persons; 1 where not said. 人数。")
    person_id: strawberry.ID | None = optional("For whom, where it is not oneself. 预约人。")


def _recurrence(input: BookSeriesInput) -> Recurrence:  # noqa: A002
    every = value(input.every_weeks)
    return Recurrence(
        first=input.first_day,
        last=input.last_day,
        weekdays=frozenset(input.weekdays),
        start=input.start,
        end=input.end,
        every_weeks=1 if every is None else every,
    )


@mutation("Book a time that comes back; what cannot be had is told, the rest is booked. 周期预约。", BookingSeries)
async def book_series(info: Info, input: BookSeriesInput) -> models.Series:  # noqa: A002
    """Judge and book each time by itself, all in one transaction."""
    context = info.context
    return await services.book_series(
        context.district,
        context.viewer,
        venue_id=context.required_id(input.venue_id, "Venue", "venueId"),
        recurrence=_recurrence(input),
        unit=value(input.unit),
        party_size=party_of(input.party_size),
        series_id=client_id(input.id),
        **for_whom(info, input),
    )


@strawberry.input(description="What to give back of a series. 取消周期预约。")
class CancelSeriesInput(MutationInput):
    """What has begun stays."""

    series_id: strawberry.ID = required("Which. 周期预约。")
    since: datetime | None = optional("Only times that begin then or later; all to come where not said. 自何时起。")
    reason: str | None = optional("In words. 说明。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Give the rest of a series back. 取消周期预约的剩余部分。", BookingSeries)
async def cancel_series(info: Info, input: CancelSeriesInput) -> models.Series:  # noqa: A002
    """Cancel each time to come as cancelBooking would."""
    context = info.context
    return await services.cancel_series(
        context.district,
        context.viewer,
        series_id=context.required_id(input.series_id, "BookingSeries", "seriesId"),
        since=value(input.since),
        reason=value(input.reason),
        expected_version=value(input.expected_version),
    )
