"""Venues with their hours, terms, closures and use in GraphQL."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.schema.context import Info
from linli.schema.core.files import files_page
from linli.schema.core.history import history
from linli.schema.declare import aggregate, column, computed, node, page, relation
from linli.schema.declare.node import Node
from linli.schema.declare.pages import Page
from linli.schema.declare.sizes import PerDay
from linli.schema.scalars import Fen, LocalTime

from .. import models
from ..photos import PHOTO
from ..terms import Terms
from .bookings import BOOKING_COUNTS, DoorEntry, door_list
from .enums import ClosureKind, QuotaPeriod, QuotaScope, QuotaUnit, Tier, VenueKind, VenueMode, Weekday, WindowKind
from .openings import Eligibility, OpeningWindow, Slot, availability, eligibility, windows

_FROM = (dt.date, "First day. 起始日。")
_TO = (dt.date, "Last day, included; 31 days at most. 截止日。")
_WINDOWS = PerDay("from", "to", 31, each=8)
_SLOTS = PerDay("from", "to", 31, each=48)
"""A day has few windows, and half an hour is the usual step."""


def _of_venue(target: str) -> Any:
    def rows(row: models.Venue, info: Info, **given: Any) -> Page:
        return Page(info.context, Node.registry[target], Q(venue_id=row.id), **given)

    return rows


@node(models.Venue, "A room, court or hall that its owner shares. 共享场所。", order=("name_key",))
class Venue:
    """A venue under the 1+3 opening rule."""

    name = column("Name in the district's language. 名称。", orderable=True)
    kind = column("What it is. 类型。", type=VenueKind, orderable=True)
    mode = column("How it is used. 使用方式。", type=VenueMode)
    owner = relation("Whose it is. 所属单位。", "OrgNode", nullable=False)
    community = relation("In which community it lies. 所在社区。", "OrgNode", nullable=False)
    capacity = column("Persons per unit. 单场地容量。", orderable=True)
    exclusive = column("One booking per unit at a time; else as many as fit. 是否独占。")
    units = column("How many courts, tables or rooms, numbered from 1. 场地数。")
    buffer_before_minutes = column("Minutes kept free before each booking. 前置缓冲（分钟）。")
    buffer_after_minutes = column("Minutes kept free after each booking. 后置缓冲（分钟）。")
    min_minutes = column("The shortest booking in minutes. 最短时长（分钟）。")
    max_minutes = column("The longest booking in minutes. 最长时长（分钟）。")
    requires_approval = column("The owner decides on each request. 是否需审核。")
    open_from = column("When it opens. 开放时间起。", type=LocalTime)
    open_to = column("When it closes. 开放时间止。", type=LocalTime)
    granularity_minutes = column("Bookings begin and end on this grid. 预约步长（分钟）。")
    photos = page("What it looks like, in the owner's order. 照片。", "File", files_page(PHOTO))
    windows = computed(
        "Who may come when. 开放时段。", windows, list[OpeningWindow], size=_WINDOWS, from_=_FROM, to=_TO
    )
    availability = computed("What is free. 空闲时段。", availability, list[Slot], size=_SLOTS, from_=_FROM, to=_TO)
    eligibility = computed(
        "Whether somebody may come. 预约资格。",
        eligibility,
        Eligibility,
        start=(datetime, "From. 开始时间。"),
        end=(datetime, "Until, exclusive. 结束时间。"),
        person_id=(Optional[strawberry.ID], "Who, the viewer where not said. 人员。"),
    )
    door_list = computed(
        "Who is expected on a day, as far as the viewer sees the bookings. 到场名单。",
        door_list,
        list[DoorEntry],
        date=(dt.date, "The day. 日期。"),
    )
    bookings = page("Its bookings, as far as the viewer sees them. 预约列表。", "Booking", _of_venue("Booking"))
    booking_counts = aggregate("How many bookings it has. 预约统计。", BOOKING_COUNTS, by="venue")
    waitlist = page("Who waits, as far as the viewer sees it. 候补名单。", "WaitlistEntry", _of_venue("WaitlistEntry"))
    closures = page("When it is closed. 停用记录。", "Closure", _of_venue("Closure"))
    policies = page("Its own opening terms, all versions. 开放办法。", "OpeningPolicy", _of_venue("OpeningPolicy"))
    usage = page("The log of its use. 使用台账。", "UsageEntry", _of_venue("UsageEntry"))
    history = history()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    updated_at = column("When it last changed. 更新时间。", orderable=True)


@node(models.Closure, "A time during which a venue is closed. 场所停用。", order=("start",))
class Closure:
    """Bookings in this time gave way."""

    venue = relation("Which venue. 场所。", "Venue", nullable=False)
    start = column("From. 开始时间。", orderable=True)
    end = column("Until, exclusive. 结束时间。", orderable=True)
    kind = column("Why. 原因类型。", type=ClosureKind)
    reason = column("In words. 说明。", filterable=False)
    created_at = column("When it was entered. 创建时间。")


@strawberry.type(description="Hours worked on one weekday. 工作时段。")
class WorkHoursRange:
    """From when until when."""

    weekday: Weekday = strawberry.field(description="On which day. 星期。")
    start: LocalTime = strawberry.field(description="From. 开始时间。")
    end: LocalTime = strawberry.field(description="Until. 结束时间。")


def _ranges(row: models.UnitWorkHours, _info: Info) -> list[WorkHoursRange]:
    return [
        WorkHoursRange(weekday=Weekday(one["weekday"]), start=LocalTime(one["start"]), end=LocalTime(one["end"]))
        for one in row.ranges
    ]


@node(models.UnitWorkHours, "The working hours of a unit from a date on. 单位作息时间。", order=("valid_from",))
class UnitWorkHours:
    """In force until a later set takes over."""

    unit = relation("Whose. 单位。", "OrgNode")
    valid_from = column("From which day. 生效日。", orderable=True)
    ranges = computed("The hours. 工作时段。", _ranges, list[WorkHoursRange])
    lunch_counts_as_work = column("Whether the lunch break counts as working time. 午休是否计入。")
    version = column("Counts its changes. 版本。", filterable=False)


@strawberry.type(description="A tier that a window admits beside the usual ones. 额外开放人群。")
class ExtraTier:
    """Added by the owner."""

    window: WindowKind = strawberry.field(description="In which window. 开放时段。")
    tier: Tier = strawberry.field(description="Who. 使用人群。")


@strawberry.type(description="Hours that come back and in which nobody books, or own staff alone. 不开放时段。")
class Blackout:
    """Drill, cleaning, the school day."""

    weekdays: list[Weekday] = strawberry.field(description="On which days. 星期。")
    start: LocalTime = strawberry.field(description="From. 开始时间。")
    end: LocalTime = strawberry.field(description="Until. 结束时间。")
    windows: list[WindowKind] = strawberry.field(description="In which windows. 开放时段。")
    valid_from: dt.date | None = strawberry.field(description="From which day. 起始日。")
    valid_to: dt.date | None = strawberry.field(description="Until before which day. 截止日（不含）。")
    own_staff: bool = strawberry.field(description="The owner's own staff may come all the same. 本单位职工除外。")


@strawberry.type(description="What one tier pays for a booking that begins in one window. 收费标准。")
class Fee:
    """Never for residents on days off."""

    window: WindowKind = strawberry.field(description="In which window. 开放时段。")
    tier: Tier = strawberry.field(description="Who. 使用人群。")
    fen: Fen = strawberry.field(description="How much per booking, in fen. 金额（分）。")


@strawberry.type(description="How much a tier, or each person of it, gets in a period. 预约配额。")
class Quota:
    """Bookings count in the period in which they begin."""

    tier: Tier = strawberry.field(description="Whose bookings. 使用人群。")
    scope: QuotaScope = strawberry.field(description="Of the whole tier or of each person. 配额对象。")
    period: QuotaPeriod = strawberry.field(description="During which time. 配额周期。")
    counted: QuotaUnit = strawberry.field(description="What is counted. 配额单位。")
    limit: int = strawberry.field(description="How much at most. 配额。")
    windows: list[WindowKind] = strawberry.field(description="In which windows. 开放时段。")


def _terms(row: models.Policy) -> Terms:
    return Terms.model_validate(row.terms)


def _extra_tiers(row: models.Policy, _info: Info) -> list[ExtraTier]:
    return [ExtraTier(window=one.window, tier=one.tier) for one in _terms(row).extra_tiers]


def _blackouts(row: models.Policy, _info: Info) -> list[Blackout]:
    return [
        Blackout(
            weekdays=list(one.weekdays),
            start=LocalTime(one.start),
            end=LocalTime(one.end),
            windows=list(one.windows),
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            own_staff=one.own_staff,
        )
        for one in _terms(row).blackouts
    ]


def _fees(row: models.Policy, _info: Info) -> list[Fee]:
    return [Fee(window=one.window, tier=one.tier, fen=Fen(one.fen)) for one in _terms(row).fees]


def _quotas(row: models.Policy, _info: Info) -> list[Quota] | None:
    stated = _terms(row).quotas
    if stated is None:
        return None
    return [
        Quota(
            tier=one.tier,
            scope=one.scope,
            period=one.period,
            counted=one.unit,
            limit=one.limit,
            windows=list(one.windows),
        )
        for one in stated
    ]


def _stated(name: str) -> Any:
    return lambda row, _info: getattr(_terms(row), name)


@node(
    models.Policy,
    "One version of a venue's own opening terms; what it leaves out follows the district. 场所开放办法。",
    name="OpeningPolicy",
    order=("-number",),
)
class OpeningPolicy:
    """The last approved version is in force."""

    venue = relation("Which venue. 场所。", "Venue", nullable=False)
    number = column("Counts the versions of the venue's terms. 版本号。", orderable=True)
    off_day_partners = computed(
        "Partner units may come on days off. 节假日对共建单位开放。", _stated("off_day_partners"), Optional[bool]
    )
    weekend_is_holiday = computed(
        "Weekends are days off. 周末按节假日开放。", _stated("weekend_is_holiday"), Optional[bool]
    )
    overnight = computed("A booking may cross midnight. 可跨夜。", _stated("overnight"), Optional[bool])
    residents_excluded_on_school_days = computed(
        "Residents may not come on working days. 教学日不对居民开放。",
        _stated("residents_excluded_on_school_days"),
        bool,
    )
    extra_tiers = computed("Who may come beside the usual. 额外开放人群。", _extra_tiers, list[ExtraTier])
    blackouts = computed("When nobody may come. 不开放时段。", _blackouts, list[Blackout])
    fees = computed("What it costs. 收费标准。", _fees, list[Fee])
    quotas = computed(
        "How much anybody gets; null follows the district's settings. 预约配额。", _quotas, Optional[list[Quota]]
    )
    approved_at = column("Since when it is in force; null while proposed. 批准时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)


@node(models.Usage, "An entry of the log of use. 使用台账记录。", name="UsageEntry", order=("day",))
class UsageEntry:
    """How many came by which title."""

    venue = relation("Which venue. 场所。", "Venue", nullable=False)
    date = column("On which day. 日期。", source="day", orderable=True)
    window = column("In which window. 开放时段。", type=WindowKind)
    tier = column("By which title. 使用人群。", type=Tier)
    heads = column("How many persons. 人数。")
    minutes = column("For how long; 0 where only heads were counted. 时长（分钟）。")
    booking = relation("The booking; null for people who walked in. 预约。", "Booking")
    recorded_at = column("When it was entered. 登记时间。")
