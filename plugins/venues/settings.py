"""The plugin's settings in one district, and the opening terms that follow from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .quota_terms import QuotaTerms
from .rules import rations_days_off

Minutes = Annotated[int, Field(ge=0, le=10_080)]
Days = Annotated[int, Field(ge=1, le=3650)]


class ResidentScope(StrEnum):
    """How far away somebody may live who still counts as a resident. 居民范围。"""

    COMMUNITY = "COMMUNITY"
    STREET = "STREET"
    DISTRICT = "DISTRICT"


class VenueSettings(BaseModel):
    """Settings of shared venues, for one district. 场所共享设置。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off_day_partners: bool = Field(
        default=False,
        description="Staff of partner units may use venues on days off too. 节假日是否也对共建单位职工开放。",
    )
    weekend_is_holiday: bool = Field(
        default=True,
        description="Ordinary weekends are days off; otherwise they count as after hours. 普通周末是否按节假日开放。",
    )
    resident_scope: ResidentScope = Field(
        default=ResidentScope.COMMUNITY,
        description="Where the residents of a venue live: in its community, its street or the district. 居民范围。",
    )
    overnight: bool = Field(default=False, description="A booking may go on into the next day. 预约可否跨越午夜。")
    check_in_before_minutes: Minutes = Field(
        default=15, description="How long before the start one may check in. 提前签到时限（分钟）。"
    )
    check_in_after_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        default=15, description="How long after the start one may check in; then it is a no-show. 迟到时限（分钟）。"
    )
    request_lapse_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        default=24, description="How long a request waits for the owner's answer. 预约申请的审核时限（小时）。"
    )
    free_cancellation_minutes: Minutes = Field(
        default=120,
        description="Until how long before the start cancelling is free; later it is half a no-show. "
        "免责取消的时限（分钟），此后取消计半次爽约。",
    )
    waitlist_offer_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        default=30, description="How long a released slot is kept for the first who waits. 候补保留时间（分钟）。"
    )
    waitlist_auto_confirm_minutes: Minutes = Field(
        default=120,
        description="A slot that starts this soon is given to the first who waits at once. "
        "开始前多少分钟内直接确认候补。",
    )
    no_shows_for_bar: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="How many no-shows bar somebody from booking. 爽约几次后限制预约。"
    )
    no_show_period_days: Days = Field(default=90, description="Within how many days they count. 爽约累计期（天）。")
    bar_days: Days = Field(default=30, description="For how many days nothing can be booked then. 限制预约天数。")
    quotas: tuple[QuotaTerms, ...] = Field(
        default=(),
        max_length=20,
        description="How much of each venue a tier, or each person of it, gets in a day, week or month. 预约配额。",
    )

    @field_validator("quotas")
    @classmethod
    def keep_days_off(cls, quotas: tuple[QuotaTerms, ...]) -> tuple[QuotaTerms, ...]:
        """Refuse limits that leave nothing, and to ration days off among residents: those are promised to them."""
        if any(one.limit < 1 or not one.windows for one in quotas):
            raise ValueError("a quota has a limit of at least 1 and names at least one window, or none at all")
        if any(rations_days_off(one.rule) for one in quotas):
            raise ValueError("a quota of scope TIER for RESIDENT cannot name the window OFF; use the scope PERSON")
        return quotas
