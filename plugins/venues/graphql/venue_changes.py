"""Mutations of venues: setting them up, their terms, closing them, logging their use."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

import strawberry

from linli.schema.context import Info
from linli.schema.core.lookups import some
from linli.schema.core.org_changes import client_id
from linli.schema.inputs import MutationInput, given, optional, required, value
from linli.schema.mutations import mutation
from linli.schema.scalars import Fen, LocalTime

from .. import models, permissions, services
from ..quota_terms import QuotaTerms
from ..rules import GivenRange
from ..terms import BlackoutTerms, ExtraTier, FeeTerms, Terms
from .enums import ClosureKind, QuotaPeriod, QuotaScope, QuotaUnit, Tier, VenueKind, VenueMode, Weekday, WindowKind
from .venues import Closure, OpeningPolicy, UnitWorkHours, UsageEntry, Venue

_VALUES = tuple(services.VenueValues.__dataclass_fields__)
_MAY_BE_NULL = ("min_minutes", "max_minutes")


@strawberry.input(description="A new venue. 新场所。")
class CreateVenueInput(MutationInput):
    """What it is, whose, and on which terms it is booked."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    name: str = required("Name. 名称。")
    kind: VenueKind = required("What it is. 类型。")
    mode: VenueMode | None = optional("How it is used, BOOKED where not said. 使用方式。")
    owner_id: strawberry.ID = required("Whose it is. 所属单位。")
    community_id: strawberry.ID = required("In which community it lies. 所在社区。")
    capacity: int = required("Persons per unit. 单场地容量。")
    exclusive: bool | None = optional("One booking per unit at a time; false where not said. 是否独占。")
    units: int | None = optional("How many courts, tables or rooms; 1 where not said. 场地数。")
    buffer_before_minutes: int | None = optional("Minutes kept free before each booking. 前置缓冲（分钟）。")
    buffer_after_minutes: int | None = optional("Minutes kept free after each booking. 后置缓冲（分钟）。")
    min_minutes: int | None = optional("The shortest booking. 最短时长（分钟）。")
    max_minutes: int | None = optional("The longest booking. 最长时长（分钟）。")
    open_from: LocalTime | None = optional("When it opens, 07:00 where not said. 开放时间起。")
    open_to: LocalTime | None = optional("When it closes, 22:00 where not said. 开放时间止。")
    granularity_minutes: int | None = optional("The grid, 30 where not said. 预约步长（分钟）。")
    requires_approval: bool | None = optional("The owner decides on each request. 是否需审核。")


@mutation("Share a venue. 新建场所。", Venue, permission=permissions.VENUE_WRITE)
async def create_venue(info: Info, input: CreateVenueInput) -> models.Venue:  # noqa: A002
    """Make it for an owner whose venues the viewer manages."""
    context = info.context
    stated = {name: one for name, one in given(input, *_VALUES).items() if one is not None}
    return await services.create_venue(
        context.district,
        context.viewer,
        services.VenueValues(**stated),
        owner_id=context.required_id(input.owner_id, "OrgNode", "ownerId"),
        community_id=context.required_id(input.community_id, "OrgNode", "communityId"),
        venue_id=client_id(input.id),
    )


@strawberry.input(description="What changes of a venue. 场所变更。")
class UpdateVenueInput(MutationInput):
    """What is given changes; bookings that were made stay."""

    id: strawberry.ID = required("Which. 标识。")
    name: str | None = optional("Name. 名称。")
    kind: VenueKind | None = optional("What it is. 类型。")
    mode: VenueMode | None = optional("How it is used. 使用方式。")
    capacity: int | None = optional("Persons per unit. 单场地容量。")
    exclusive: bool | None = optional("One booking per unit at a time. 是否独占。")
    units: int | None = optional("How many courts, tables or rooms. 场地数。")
    buffer_before_minutes: int | None = optional("Minutes kept free before each booking. 前置缓冲（分钟）。")
    buffer_after_minutes: int | None = optional("Minutes kept free after each booking. 后置缓冲（分钟）。")
    min_minutes: int | None = optional("The shortest booking; null for any. 最短时长（分钟）。")
    max_minutes: int | None = optional("The longest booking; null for any. 最长时长（分钟）。")
    open_from: LocalTime | None = optional("When it opens. 开放时间起。")
    open_to: LocalTime | None = optional("When it closes. 开放时间止。")
    granularity_minutes: int | None = optional("The grid. 预约步长（分钟）。")
    requires_approval: bool | None = optional("The owner decides on each request. 是否需审核。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Change a venue. 修改场所。", Venue, permission=permissions.VENUE_WRITE)
async def update_venue(info: Info, input: UpdateVenueInput) -> models.Venue:  # noqa: A002
    """Change what is given."""
    context = info.context
    changes = given(input, *_VALUES)
    venue_id = context.required_id(input.id, "Venue", "id")
    for name in changes.keys() - set(_MAY_BE_NULL):
        some(changes[name], name)
    expected = value(input.expected_version)
    return await services.update_venue(context.district, context.viewer, venue_id, changes, expected_version=expected)


@strawberry.input(description="Hours worked on one weekday. 工作时段。")
class WorkHoursRangeInput:
    """From when until when."""

    weekday: Weekday = required("On which day. 星期。")
    start: LocalTime = required("From. 开始时间。")
    end: LocalTime = required("Until. 结束时间。")


@strawberry.input(description="The working hours of a unit. 单位作息时间。")
class SetUnitWorkHoursInput(MutationInput):
    """They hold until later ones take over."""

    unit_id: strawberry.ID = required("Whose. 单位。")
    valid_from: dt.date | None = optional("From which day; today where not said. 生效日。")
    ranges: list[WorkHoursRangeInput] = required("The hours. 工作时段。")
    lunch_counts_as_work: bool | None = optional("The lunch break is working time; true where not said. 午休计入。")


@mutation("State when a unit works. 设置单位作息时间。", UnitWorkHours, permission=permissions.HOURS_WRITE)
async def set_unit_work_hours(info: Info, input: SetUnitWorkHoursInput) -> models.UnitWorkHours:  # noqa: A002
    """State them anew from a day on."""
    context, lunch = info.context, value(input.lunch_counts_as_work)
    return await services.set_work_hours(
        context.district,
        context.viewer,
        unit_id=context.required_id(input.unit_id, "OrgNode", "unitId"),
        ranges=[GivenRange(one.weekday, one.start, one.end) for one in input.ranges],
        valid_from=value(input.valid_from),
        lunch_counts_as_work=True if lunch is None else lunch,
    )


@strawberry.input(description="A tier that a window admits beside the usual ones. 额外开放人群。")
class ExtraTierInput:
    """Who may come when."""

    window: WindowKind = required("In which window. 开放时段。")
    tier: Tier = required("Who. 使用人群。")


@strawberry.input(description="Hours that come back and in which nobody books, or own staff alone. 不开放时段。")
class BlackoutInput:
    """Every day and in WORK and AFTER_HOURS where not said otherwise."""

    start: LocalTime = required("From. 开始时间。")
    end: LocalTime = required("Until. 结束时间。")
    weekdays: list[Weekday] | None = optional("On which days. 星期。")
    windows: list[WindowKind] | None = optional("In which windows. 开放时段。")
    valid_from: dt.date | None = optional("From which day. 起始日。")
    valid_to: dt.date | None = optional("Until before which day. 截止日（不含）。")
    own_staff: bool | None = optional("The owner's own staff may come all the same. 本单位职工除外。")


@strawberry.input(description="What one tier pays for a booking that begins in one window. 收费标准。")
class FeeInput:
    """Never for residents on days off."""

    window: WindowKind = required("In which window. 开放时段。")
    tier: Tier = required("Who. 使用人群。")
    fen: Fen = required("How much per booking, in fen. 金额（分）。")


@strawberry.input(description="How much a tier, or each person of it, gets in a period. 预约配额。")
class QuotaInput:
    """Bookings count in the period in which they begin."""

    tier: Tier = required("Whose bookings. 使用人群。")
    scope: QuotaScope | None = optional("Of the whole tier or of each person; PERSON where not said. 配额对象。")
    period: QuotaPeriod = required("During which time. 配额周期。")
    counted: QuotaUnit | None = optional("What is counted, BOOKINGS where not said. 配额单位。")
    limit: int = required("How much at most. 配额。")
    windows: list[WindowKind] | None = optional("In which windows; all where not said. 开放时段。")


@strawberry.input(description="The opening terms of a venue, as a whole. 场所开放办法。")
class SetOpeningPolicyInput(MutationInput):
    """What is left out follows the district's settings."""

    venue_id: strawberry.ID = required("Which venue. 场所。")
    off_day_partners: bool | None = optional("Partner units may come on days off. 节假日对共建单位开放。")
    weekend_is_holiday: bool | None = optional("Weekends are days off. 周末按节假日开放。")
    overnight: bool | None = optional("A booking may cross midnight. 可跨夜。")
    residents_excluded_on_school_days: bool | None = optional("No residents on working days. 教学日不对居民开放。")
    extra_tiers: list[ExtraTierInput] | None = optional("Who may come beside the usual. 额外开放人群。")
    blackouts: list[BlackoutInput] | None = optional("When nobody may come. 不开放时段。")
    fees: list[FeeInput] | None = optional("What it costs. 收费标准。")
    quotas: list[QuotaInput] | None = optional("How much anybody gets. 预约配额。")


def _terms(input: SetOpeningPolicyInput) -> Terms:  # noqa: A002
    return Terms(
        off_day_partners=value(input.off_day_partners),
        weekend_is_holiday=value(input.weekend_is_holiday),
        overnight=value(input.overnight),
        residents_excluded_on_school_days=bool(value(input.residents_excluded_on_school_days)),
        extra_tiers=tuple(ExtraTier(window=one.window, tier=one.tier) for one in value(input.extra_tiers) or ()),
        blackouts=tuple(_blackout(one) for one in value(input.blackouts) or ()),
        fees=tuple(FeeTerms(window=one.window, tier=one.tier, fen=one.fen) for one in value(input.fees) or ()),
        quotas=None if value(input.quotas) is None else tuple(_quota(one) for one in input.quotas or ()),
    )


def _blackout(one: BlackoutInput) -> BlackoutTerms:
    names = ("weekdays", "windows", "valid_from", "valid_to", "own_staff")
    stated: dict[str, Any] = {name: found for name, found in given(one, *names).items() if found is not None}
    return BlackoutTerms(start=one.start, end=one.end, **stated)


def _quota(one: QuotaInput) -> QuotaTerms:
    stated: dict[str, Any] = {
        name: found for name, found in given(one, "scope", "windows").items() if found is not None
    }
    unit = value(one.counted) or QuotaUnit.BOOKINGS
    return QuotaTerms(tier=one.tier, period=one.period, unit=unit, limit=one.limit, **stated)


@mutation(
    "State the opening terms of a venue; a community's wait for its secretary. 制定场所开放办法。",
    OpeningPolicy,
    permission=permissions.POLICY_WRITE,
)
async def set_opening_policy(info: Info, input: SetOpeningPolicyInput) -> models.Policy:  # noqa: A002
    """State them as a new version."""
    context = info.context
    venue_id = context.required_id(input.venue_id, "Venue", "venueId")
    return await services.set_policy(context.district, context.viewer, venue_id=venue_id, terms=_terms(input))


@strawberry.input(description="Which proposed terms to approve. 批准开放办法。")
class ApproveOpeningPolicyInput(MutationInput):
    """Which."""

    policy_id: strawberry.ID = required("Which. 标识。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Put proposed terms in force. 批准场所开放办法。", OpeningPolicy, permission=permissions.POLICY_APPROVE)
async def approve_opening_policy(info: Info, input: ApproveOpeningPolicyInput) -> models.Policy:  # noqa: A002
    """Approve what somebody else proposed."""
    context = info.context
    return await services.approve_policy(
        context.district,
        context.viewer,
        policy_id=context.required_id(input.policy_id, "OpeningPolicy", "policyId"),
        expected_version=value(input.expected_version),
    )


@strawberry.input(description="When and why a venue is closed. 停用场所。")
class CloseVenueInput(MutationInput):
    """Bookings in that time give way."""

    venue_id: strawberry.ID = required("Which venue. 场所。")
    start: datetime = required("From. 开始时间。")
    end: datetime = required("Until, exclusive. 结束时间。")
    reason: str | None = optional("In words. 说明。")
    kind: ClosureKind | None = optional("Why, MAINTENANCE where not said. 原因类型。")


@mutation("Close a venue for a time. 停用场所。", Closure, permission=permissions.CLOSURE_WRITE)
async def close_venue(info: Info, input: CloseVenueInput) -> models.Closure:  # noqa: A002
    """Close it, displace who booked, offer other times."""
    context = info.context
    return await services.close_venue(
        context.district,
        context.viewer,
        venue_id=context.required_id(input.venue_id, "Venue", "venueId"),
        start=input.start,
        end=input.end,
        kind=value(input.kind) or ClosureKind.MAINTENANCE,
        reason=value(input.reason),
    )


@strawberry.input(description="How many came. 使用登记。")
class RecordUsageInput(MutationInput):
    """People who walked in."""

    venue_id: strawberry.ID = required("Which venue. 场所。")
    date: dt.date = required("On which day. 日期。")
    window: WindowKind = required("In which window. 开放时段。")
    tier: Tier = required("By which title. 使用人群。")
    heads: int = required("How many persons. 人数。")


@mutation("Log people who walked in. 登记使用人数。", UsageEntry, permission=permissions.ATTEND)
async def record_usage(info: Info, input: RecordUsageInput) -> models.Usage:  # noqa: A002
    """Add an entry to the log."""
    context = info.context
    return await services.record_usage(
        context.district,
        context.viewer,
        venue_id=context.required_id(input.venue_id, "Venue", "venueId"),
        day=input.date,
        window=input.window,
        tier=input.tier,
        heads=input.heads,
    )
