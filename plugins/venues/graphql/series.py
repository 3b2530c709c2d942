"""Series of bookings in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from tortoise.expressions import Q

from linli.core.languages import translate
from linli.core.records.requests_refusals import restored
from linli.schema.context import Info
from linli.schema.core.history import history
from linli.schema.declare import column, computed, node, page, relation
from linli.schema.declare.node import Node
from linli.schema.declare.pages import Page
from linli.schema.errors import ErrorCode
from linli.schema.scalars import LocalTime

from .. import models
from ..errors import NotEligibleError
from .enums import Weekday


@strawberry.type(description="A time of a series that was not given. 未能预约的时段。")
class RefusedOccurrence:
    """The others were booked all the same."""

    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")
    code: ErrorCode = strawberry.field(description="Stable code, as of bookVenue. 错误代码。")
    message: str = strawberry.field(description="Why, in the caller's language. 原因。")
    next_eligible_start: datetime | None = strawberry.field(
        description="When such a booking is next possible, where the title was the reason. 最早可预约的开始时间。"
    )


def _refused(row: models.Series, info: Info) -> list[RefusedOccurrence]:
    return [_told(one, info) for one in row.refused]


def _told(one: dict[str, Any], info: Info) -> RefusedOccurrence:
    refusal = restored(one["refusal"])
    return RefusedOccurrence(
        start=datetime.fromisoformat(one["start"]),
        end=datetime.fromisoformat(one["end"]),
        code=refusal.code,  # type: ignore[arg-type]  # the schema fills the enum in
        message=translate(refusal.message, info.context.language),
        next_eligible_start=refusal.next_eligible_start if isinstance(refusal, NotEligibleError) else None,
    )


def _weekdays(row: models.Series, _info: Info) -> list[Weekday]:
    return [Weekday(one) for one in row.weekdays]


def _bookings(row: models.Series, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["Booking"], Q(series_id=row.id), **given)


@node(
    models.Series,
    "Bookings that were asked for together and come back every week or every n weeks. 周期预约。",
    name="BookingSeries",
    order=("first_day",),
)
class BookingSeries:
    """Each time was judged by itself."""

    venue = relation("Where. 场所。", "Venue", nullable=False)
    person = relation("For whom. 预约人。", "Person")
    first_day = column("First day. 起始日。", orderable=True)
    last_day = column("Last day, included. 截止日。")
    weekdays = computed("On which days. 星期。", _weekdays, list[Weekday])
    every_weeks = column("Every n-th week, counted from the first one. 间隔周数。")
    start = column("From, on each day. 开始时刻。", type=LocalTime, filterable=False)
    end = column(
        "Until, exclusive; on the next day where it is not after the start. 结束时刻。",
        type=LocalTime,
        filterable=False,
    )
    party_size = column("How many persons. 人数。")
    bookings = page("The times that were given. 已获得的预约。", "Booking", _bookings)
    refused = computed("The times that were not given. 未能预约的时段。", _refused, list[RefusedOccurrence])
    cancelled_at = column("When the rest was given back. 取消时间。")
    history = history()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
