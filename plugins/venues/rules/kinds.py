"""The words of the opening rule and of bookings; their spelling is part of the API."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class WindowKind(StrEnum):
    """The three kinds of opening time of the 1+3 rule. 开放时段。"""

    WORK = "WORK"  # 工作时间，对本单位职工开放
    AFTER_HOURS = "AFTER_HOURS"  # 八小时之外，对驻区单位开放
    OFF = "OFF"  # 节假日，免费对社区居民开放


class Tier(StrEnum):
    """By which title a person may use a venue; one person may hold several. 使用人群。"""

    OWN_STAFF = "OWN_STAFF"  # 本单位职工
    PARTNER_STAFF = "PARTNER_STAFF"  # 共建驻区单位职工
    RESIDENT = "RESIDENT"  # 社区居民


class TierEvidence(StrEnum):
    """What a person's tier was judged by. 身份依据。"""

    REGISTRY = "REGISTRY"  # 人口与任职登记
    UNIT_VOUCHED = "UNIT_VOUCHED"  # 单位担保
    SHOWN_AT_DOOR = "SHOWN_AT_DOOR"  # 现场出示证件
    DECLARED = "DECLARED"  # 本人声明


class VenueKind(StrEnum):
    """What a venue is. 场所类型。"""

    READING_ROOM = "READING_ROOM"  # 阅览室
    COURT = "COURT"  # 球场
    CULTURE_ROOM = "CULTURE_ROOM"  # 文化活动室
    MEETING_ROOM = "MEETING_ROOM"  # 会议室
    OTHER = "OTHER"


class VenueMode(StrEnum):
    """How a venue is used. 使用方式。"""

    BOOKED = "BOOKED"  # 预约
    WALK_IN = "WALK_IN"  # 随到随用
    BOTH = "BOTH"


class ClosureKind(StrEnum):
    """Why a venue is closed for a time. 停用原因。"""

    MAINTENANCE = "MAINTENANCE"  # 维修
    EVENT = "EVENT"  # 活动占用
    EMERGENCY = "EMERGENCY"  # 应急


class BookingState(StrEnum):
    """Where a booking stands. 预约状态。"""

    REQUESTED = "REQUESTED"  # 待审核
    CONFIRMED = "CONFIRMED"  # 已确认
    PROVISIONAL = "PROVISIONAL"  # 暂定，待放假安排公布
    IN_USE = "IN_USE"  # 使用中
    COMPLETED = "COMPLETED"  # 已完成
    REJECTED = "REJECTED"  # 已驳回
    EXPIRED = "EXPIRED"  # 逾期未审
    CANCELLED = "CANCELLED"  # 已取消
    NO_SHOW = "NO_SHOW"  # 爽约
    DISPLACED = "DISPLACED"  # 被调整


class Weekday(StrEnum):
    """The seven days, in ISO 8601's order. 星期。"""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @classmethod
    def of(cls, day: date) -> Weekday:
        """The weekday of a date."""
        return tuple(cls)[day.weekday()]

    @property
    def weekend(self) -> bool:
        """Whether the day is a Saturday or a Sunday, whatever the calendar makes of it."""
        return self in (Weekday.SATURDAY, Weekday.SUNDAY)
