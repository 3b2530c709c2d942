"""What a venue tells about its hours: windows, free times, whether somebody may come."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

import strawberry

from linli.core.calendar import DayKind
from linli.schema.context import Info
from linli.schema.inputs import value

from .. import services
from ..models import Venue
from ..services.giving import pieces_told
from ..services.records import VENUE_ENDS
from .enums import Tier, WindowKind


@strawberry.type(description="A stretch of a day in which the same people may come. 开放时段。")
class OpeningWindow:
    """One window of one day."""

    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")
    window: WindowKind = strawberry.field(description="Its kind. 时段类型。")
    tiers: list[Tier] = strawberry.field(description="Who may come. 开放人群。")
    day_kind: DayKind = strawberry.field(description="What the official calendar makes of the day. 日期类型。")
    provisional: bool = strawberry.field(
        description="The year's official schedule is not published: this may change. 放假安排未公布，可能变动。"
    )
    blackout: bool = strawberry.field(
        description="The owner's terms keep it closed to everybody, or to all but its own staff. 是否为不开放时段。"
    )


@strawberry.type(description="A free step of the booking grid. 空闲时段。")
class Slot:
    """Room in one unit."""

    unit: int = strawberry.field(description="Which unit, counted from 1. 场地序号。")
    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")
    window: WindowKind = strawberry.field(description="The window in which it begins. 时段类型。")
    tiers: list[Tier] = strawberry.field(description="Who may come. 开放人群。")
    remaining: int = strawberry.field(description="For how many persons there is room. 剩余容量。")


@strawberry.type(description="A part of a time that lies in one window. 时间分段。")
class EligibilityPiece:
    """How a time is cut at windows and midnights."""

    start: datetime = strawberry.field(description="From. 开始时间。")
    end: datetime = strawberry.field(description="Until, exclusive. 结束时间。")
    window: WindowKind = strawberry.field(description="Its window. 时段类型。")
    day_kind: DayKind = strawberry.field(description="What the official calendar makes of the day. 日期类型。")
    tier: Tier | None = strawberry.field(description="The title that admits; null where none does. 适用人群。")


@strawberry.type(description="Whether somebody may come, by the opening rule; other bookings are not asked. 预约资格。")
class Eligibility:
    """The answer with all that explains it."""

    eligible: bool = strawberry.field(description="Whether the person may come. 是否符合。")
    tier: Tier | None = strawberry.field(description="By which title the time begins. 适用人群。")
    window: WindowKind | None = strawberry.field(
        description="The first window, or the first that refuses; null outside opening hours. 时段类型。"
    )
    reason: str | None = strawberry.field(description="Why not, a code. 原因代码。")
    next_eligible_start: datetime | None = strawberry.field(
        description="When a booking of this length is next possible, within 60 days. 最早可预约的开始时间。"
    )
    pieces: list[EligibilityPiece] = strawberry.field(description="How the time falls into windows. 时间分段。")


async def with_ends(row: Venue) -> Venue:
    """The venue with its owner and community."""
    return await Venue.filter(id=row.id).select_related(*VENUE_ENDS).get()


async def windows(row: Venue, info: Info, from_: dt.date, to: dt.date) -> list[OpeningWindow]:
    """The windows of some days."""
    found = await services.windows(info.context.district, await with_ends(row), from_, to)
    return [
        OpeningWindow(
            start=one.start,
            end=one.end,
            window=one.window,
            tiers=list(one.tiers),
            day_kind=one.day_kind,
            provisional=one.provisional,
            blackout=one.blackout,
        )
        for one in found
    ]


async def availability(row: Venue, info: Info, from_: dt.date, to: dt.date) -> list[Slot]:
    """The free times of some days."""
    found = await services.availability(info.context.district, await with_ends(row), from_, to)
    return [
        Slot(
            unit=one.unit,
            start=one.start,
            end=one.end,
            window=one.window,
            tiers=list(one.tiers),
            remaining=one.remaining,
        )
        for one in found
    ]


async def eligibility(
    row: Venue, info: Info, start: datetime, end: datetime, person_id: str | None = None
) -> Eligibility:
    """Whether somebody may come."""
    context, named = info.context, value(person_id)
    person = None if named is None else context.required_id(named, "Person", "personId")
    opening, found = await services.may_come(
        context.district, context.viewer, await with_ends(row), start=start, end=end, person_id=person
    )
    following = found.next_eligible_start
    return Eligibility(
        eligible=found.eligible,
        tier=found.tier,
        window=found.window.kind if found.window else None,
        reason=found.reason.value if found.reason else None,
        next_eligible_start=None if following is None else opening.instant(following),
        pieces=pieces(pieces_told(opening, found.pieces)),
    )


def pieces(told: list[dict[str, Any]]) -> list[EligibilityPiece]:
    """The parts of a time as they are kept with a booking."""
    return [
        EligibilityPiece(
            start=datetime.fromisoformat(one["start"]),
            end=datetime.fromisoformat(one["end"]),
            window=WindowKind(one["window"]),
            day_kind=DayKind(one["dayKind"]),
            tier=Tier(one["tier"]) if one["tier"] else None,
        )
        for one in told
    ]
