"""The words of the rules as enums of the API."""

from __future__ import annotations

from linli.schema.enums import enum

from ..rules import (
    BookingState,
    ClosureKind,
    QuotaPeriod,
    QuotaScope,
    QuotaUnit,
    Tier,
    TierEvidence,
    VenueKind,
    VenueMode,
    Weekday,
    WindowKind,
)
from ..services.appeals import AppealState
from ..services.waitlist import WaitingState

__all__ = [
    "AppealState",
    "BookingState",
    "ClosureKind",
    "QuotaPeriod",
    "QuotaScope",
    "QuotaUnit",
    "Tier",
    "TierEvidence",
    "VenueKind",
    "VenueMode",
    "WaitingState",
    "Weekday",
    "WindowKind",
]

enum(
    "The three kinds of opening time of the 1+3 rule. 开放时段。",
    WORK="The owner's working hours, for its own staff. 工作时间，对本单位职工开放。",
    AFTER_HOURS="Outside the eight hours, for partner units too. 八小时之外，对驻区单位开放。",
    OFF="Days off, free of charge for residents. 节假日，免费对社区居民开放。",
)(WindowKind)

enum(
    "By which title somebody may use a venue. 使用人群。",
    OWN_STAFF="Staff of the owner. 本单位职工。",
    PARTNER_STAFF="Staff of a unit with a valid agreement. 共建驻区单位职工。",
    RESIDENT="Registered or living in the community. 社区居民。",
)(Tier)

enum(
    "What a person's tier was judged by. 身份依据。",
    REGISTRY="The registry of people and posts. 人口与任职登记。",
    UNIT_VOUCHED="The unit vouched. 单位担保。",
    SHOWN_AT_DOOR="Papers shown at the door. 现场出示证件。",
    DECLARED="The person's own word. 本人声明。",
)(TierEvidence)

enum(
    "What a venue is. 场所类型。",
    READING_ROOM="Reading room. 阅览室。",
    COURT="Court. 球场。",
    CULTURE_ROOM="Culture room. 文化活动室。",
    MEETING_ROOM="Meeting room. 会议室。",
    OTHER="Something else. 其他。",
)(VenueKind)

enum(
    "How a venue is used. 使用方式。",
    BOOKED="By booking. 预约使用。",
    WALK_IN="By walking in. 随到随用。",
    BOTH="Either way. 两种方式均可。",
)(VenueMode)

enum(
    "Why a venue is closed for a time. 停用原因。",
    MAINTENANCE="Maintenance or repair. 维修。",
    EVENT="Used for an event. 活动占用。",
    EMERGENCY="An emergency. 应急。",
)(ClosureKind)

enum(
    "Where a booking stands. 预约状态。",
    REQUESTED="Waits for the owner. 待审核。",
    CONFIRMED="Given. 已确认。",
    PROVISIONAL="Given until the official calendar is published. 暂定，待放假安排公布。",
    IN_USE="Somebody is there. 使用中。",
    COMPLETED="Over. 已完成。",
    REJECTED="Turned down. 已驳回。",
    EXPIRED="Not answered in time, or lapsed. 逾期失效。",
    CANCELLED="Given back. 已取消。",
    NO_SHOW="Nobody came. 爽约。",
    DISPLACED="Had to give way, nobody's fault. 被调整。",
)(BookingState)

enum(
    "The days of the week. 星期。",
    MONDAY="Monday. 星期一。",
    TUESDAY="Tuesday. 星期二。",
    WEDNESDAY="Wednesday. 星期三。",
    THURSDAY="Thursday. 星期四。",
    FRIDAY="Friday. 星期五。",
    SATURDAY="Saturday. 星期六。",
    SUNDAY="Sunday. 星期日。",
)(Weekday)

enum(
    "Where somebody who waits stands. 候补状态。",
    WAITING="In line. 候补中。",
    OFFERED="Was offered the time and may take it. 已通知，待答复。",
    FULFILLED="Has the booking. 已获得预约。",
    LAPSED="Did not take the offer in time. 逾期未答复。",
    LEFT="Waits no longer. 已退出。",
    EXPIRED="The time is over. 时段已过。",
)(WaitingState)

enum(
    "Whose bookings a quota counts together. 配额对象。",
    TIER="All of the tier. 该人群合计。",
    PERSON="Each person's. 每人。",
)(QuotaScope)

enum(
    "During which time a quota counts, by the local calendar. 配额周期。",
    DAY="Each day. 每日。",
    WEEK="Each week, from Monday on. 每周，自周一起。",
    MONTH="Each month. 每月。",
)(QuotaPeriod)

enum(
    "What a quota counts. 配额单位。",
    BOOKINGS="Bookings. 次数。",
    MINUTES="Minutes. 分钟数。",
)(QuotaUnit)

enum(
    "Where an appeal stands. 申诉状态。",
    PENDING="Waits for the owner. 待处理。",
    UPHELD="The no-show was struck out. 申诉成立，爽约已撤销。",
    DISMISSED="The no-show stands. 申诉不成立。",
)(AppealState)
