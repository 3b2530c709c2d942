"""Bookings, and those who wait, in GraphQL."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

import strawberry
from tortoise.expressions import Q

from linli.core import clock
from linli.core.access.on_behalf import Channel
from linli.core.calendar import DayKind, day_bounds
from linli.core.people.models import Person as PersonModel
from linli.core.records.masks import mask_name
from linli.schema.actions import Action
from linli.schema.context import Info
from linli.schema.core.history import history
from linli.schema.core.people import holds
from linli.schema.declare import column, computed, counts, months, node, relation
from linli.schema.scalars import Fen, global_id

from .. import models
from ..services.life import shown_state
from ..services.waitlist import WaitingState
from .actions import available_actions
from .enums import BookingState, Tier, TierEvidence, WindowKind
from .openings import EligibilityPiece, pieces


def _state(row: models.Booking, _info: Info) -> BookingState:
    return shown_state(row, clock.now())


def _shown(made: Any, resolve: Any) -> Any:
    """A column by which lists are filtered, and which shows what `resolve` makes of the row."""
    made.resolver = resolve
    return made


def _pieces(row: models.Booking, _info: Info) -> list[EligibilityPiece]:
    return pieces(row.pieces)


@strawberry.type(description="Another time for a booking that had to give way. 替代时段。")
class Alternative:
    """Open and free when it was offered."""

    venue_id: strawberry.ID = strawberry.field(description="At which venue. 场所标识。")
    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")


def _alternatives(row: models.Booking, _info: Info) -> list[Alternative]:
    return [
        Alternative(
            venue_id=strawberry.ID(global_id("Venue", row.venue_id)),
            start=datetime.fromisoformat(one["start"]),
            end=datetime.fromisoformat(one["end"]),
        )
        for one in row.alternatives
    ]


@node(models.Booking, "A booking of a venue. 预约。", order=("start",))
class Booking:
    """A time that somebody asked for, and what became of it."""

    venue = relation("Where. 场所。", "Venue", nullable=False)
    unit = column("Which unit, counted from 1. 场地序号。")
    person = relation("For whom. 预约人。", "Person")
    start = column("From. 开始时间。", orderable=True)
    end = column("Until, exclusive. 结束时间。", orderable=True)
    party_size = column("How many persons. 人数。")
    state = _shown(column("Where it stands. 状态。", type=BookingState), _state)
    tier = column("By which title. 使用人群。", type=Tier)
    window = column("The window in which it begins. 开放时段。", type=WindowKind)
    fee = column("What it costs, in fen. 费用（分）。", type=Fen)
    day_kind = column("What the official calendar made of its first day. 日期类型。", type=DayKind)
    tier_evidence = column("What the title was judged by. 身份依据。", type=TierEvidence)
    policy_version = column("The opening terms it was decided under. 开放办法版本。", filterable=False)
    calendar_version = column("The calendar it was decided under. 日历版本。", filterable=False)
    pieces = computed("How its time falls into windows. 时间分段。", _pieces, list[EligibilityPiece])
    channel = column("How it was asked for. 渠道。", type=Channel)
    requested_at = column("When it was asked for. 申请时间。", orderable=True)
    confirmed_at = column("When it was given. 确认时间。")
    checked_in_at = column("When somebody came. 签到时间。")
    ended_at = column("When it ended, one way or the other. 结束时间。")
    reason = column("What was said about the last step. 说明。", filterable=False)
    closure = relation("The closure that it gave way to. 停用记录。", "Closure")
    alternatives = computed("Other times that were offered instead. 替代时段。", _alternatives, list[Alternative])
    series = relation("The series that it is a time of. 所属周期预约。", "BookingSeries")
    available_actions = computed("What the viewer can do with it now. 可执行的操作。", available_actions, list[Action])
    history = history()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    updated_at = column("When it last changed. 更新时间。", orderable=True)


BOOKING_COUNTS = counts(
    "Booking",
    "state",
    "tier",
    "window",
    month=months("The month in which it begins: nine before, this, two after. 使用月份。", "start", before=9, after=2),
)


def _waiting_state(row: models.WaitlistEntry, _info: Info) -> WaitingState:
    until, now = row.offered_until, clock.now()
    lapsed = row.state == WaitingState.OFFERED and until is not None and until <= now
    return WaitingState.LAPSED if lapsed else WaitingState(row.state)


@node(models.WaitlistEntry, "Somebody who waits for a time that is taken. 候补。", order=("start", "joined_at"))
class WaitlistEntry:
    """First come first served within the priority of the tiers."""

    venue = relation("Where. 场所。", "Venue", nullable=False)
    person = relation("Who. 候补人。", "Person")
    start = column("From. 开始时间。", orderable=True)
    end = column("Until, exclusive. 结束时间。")
    party_size = column("How many persons. 人数。")
    tier = column("By which title. 使用人群。", type=Tier)
    window = column("The window in which it begins. 开放时段。", type=WindowKind)
    channel = column("How it was asked for. 渠道。", type=Channel)
    joined_at = column("Since when. 候补时间。", orderable=True)
    state = _shown(column("Where it stands. 状态。", type=WaitingState), _waiting_state)
    offered_until = column("Until when the time is kept. 保留至。")
    booking = relation("The booking that came of it. 预约。", "Booking")
    version = column("Counts its changes. 版本。", filterable=False)


@strawberry.type(description="A line of the list at the door. 到场名单。")
class DoorEntry:
    """Who is expected when."""

    booking: Booking = strawberry.field(description="The booking. 预约。")
    name: str = strawberry.field(description="Name; the family name for those who may see no more. 姓名。")
    unit: int = strawberry.field(description="Which unit, counted from 1. 场地序号。")
    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")
    party_size: int = strawberry.field(description="How many persons. 人数。")
    tier: Tier = strawberry.field(description="By which title. 使用人群。")
    state: BookingState = strawberry.field(description="Where it stands. 状态。")


EXPECTED = (
    BookingState.CONFIRMED,
    BookingState.PROVISIONAL,
    BookingState.IN_USE,
    BookingState.COMPLETED,
    BookingState.NO_SHOW,
)


async def door_list(row: models.Venue, info: Info, date: dt.date) -> list[DoorEntry]:
    """Everybody expected on a day whose booking the viewer sees, in order."""
    context = info.context
    start, end = day_bounds(date, context.district.zone)
    that_day = Q(venue_id=row.id, start__gte=start, start__lt=end, state__in=[state.value for state in EXPECTED])
    found = models.Booking.filter(context.sees(models.Booking), that_day).select_related("person")
    return [await _entry(one, info) for one in await found.order_by("start", "unit", "id")]


async def _entry(row: models.Booking, info: Info) -> DoorEntry:
    person: PersonModel = row.person
    known = await holds(info, "core.person.name", person)
    return DoorEntry(
        booking=row,  # type: ignore[arg-type]  # rows stand for their type
        name=person.name if known else mask_name(person.name),
        unit=row.unit,
        start=row.start,
        end=row.end,
        party_size=row.party_size,
        tier=Tier(row.tier),
        state=shown_state(row, clock.now()),
    )
