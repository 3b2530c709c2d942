"""What happens around venues, as events. 场所事件。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from linli.core.records.event_types import EventType, Internal, Personal, Public

BOOKING = "Booking"
VENUE = "Venue"
POLICY = "OpeningPolicy"
WAITLIST = "WaitlistEntry"
USAGE = "UsageEntry"
HOURS = "UnitWorkHours"
SERIES = "BookingSeries"
APPEAL = "NoShowAppeal"


class BookingPayload(BaseModel):
    """A step in the life of a booking: the states before and after, and what the decision went by.

    `occurred_at` is when it happened, `late` whether it was recorded afterwards; `closure_id` is the closure that
    displaced the booking, `cause` why the system acted.
    """

    venue_id: Public[UUID]
    unit: Public[int]
    person_id: Internal[UUID]
    start: Public[datetime]
    end: Public[datetime]
    party_size: Internal[int]
    from_state: Internal[str | None]
    to_state: Internal[str]
    window: Public[str]
    tier: Internal[str]
    fee: Internal[int]
    policy_version: Internal[str]
    calendar_version: Internal[str]
    occurred_at: Internal[datetime]
    late: Internal[bool] = False
    reason: Personal[str | None] = None
    cause: Internal[str | None] = None
    closure_id: Public[UUID | None] = None
    series_id: Internal[UUID | None] = None
    alternatives: Internal[list[dict[str, Any]]] = []


class VenuePayload(BaseModel):
    """A venue was made or changed: the values set."""

    values: Public[dict[str, Any]]


class PhotosPayload(BaseModel):
    """Which files are shown with a venue from now on, and which no more."""

    added: Public[tuple[UUID, ...]]
    removed: Public[tuple[UUID, ...]]


class HoursPayload(BaseModel):
    """The working hours of a unit from a date on; minutes of the day."""

    valid_from: Public[date]
    ranges: Public[list[dict[str, Any]]]
    lunch_counts_as_work: Public[bool]


class PolicyPayload(BaseModel):
    """A version of a venue's opening terms."""

    venue_id: Public[UUID]
    number: Public[int]
    terms: Public[dict[str, Any]]


class ClosurePayload(BaseModel):
    """A closure and how many bookings it displaced."""

    closure_id: Public[UUID]
    start: Public[datetime]
    end: Public[datetime]
    kind: Public[str]
    reason: Public[str | None]
    displaced: Public[int]


class WaitlistPayload(BaseModel):
    """A step of somebody who waits."""

    venue_id: Public[UUID]
    person_id: Internal[UUID]
    start: Public[datetime]
    end: Public[datetime]
    tier: Internal[str]
    state: Internal[str]
    offered_until: Internal[datetime | None] = None
    booking_id: Internal[UUID | None] = None


class SeriesPayload(BaseModel):
    """A series of bookings: when it takes place, how many bookings were given or cancelled, how many were refused."""

    venue_id: Public[UUID]
    person_id: Internal[UUID]
    first_day: Public[date]
    last_day: Public[date]
    weekdays: Public[list[str]]
    every_weeks: Public[int]
    bookings: Internal[int]
    refused: Internal[int] = 0
    reason: Personal[str | None] = None


class AppealPayload(BaseModel):
    """A step of an appeal to a no-show; what was said stands with the appeal."""

    booking_id: Internal[UUID]
    person_id: Internal[UUID]
    day: Internal[date]
    state: Internal[str]


class WaivedPayload(BaseModel):
    """A no-show that was struck out."""

    person_id: Internal[UUID]
    day: Internal[date]
    reason: Personal[str | None]


class UsagePayload(BaseModel):
    """An entry of the log of use."""

    venue_id: Public[UUID]
    day: Public[date]
    window: Public[str]
    tier: Public[str]
    heads: Public[int]
    minutes: Public[int]


def _booking(name: str, description: str) -> EventType[BookingPayload]:
    return EventType(f"venues.{name}", 1, BookingPayload, description, person="person_id")


BOOKING_EVENTS = {
    event.name: event
    for event in (
        _booking("requested", "A booking was asked for and waits for the owner. 预约申请。"),
        _booking("confirmed", "A booking was confirmed. 预约确认。"),
        _booking("provisional", "A booking was given subject to the official calendar. 暂定预约。"),
        _booking("rejected", "A request was rejected. 预约驳回。"),
        _booking("expired", "A request was not answered in time, or a provisional booking lapsed. 预约逾期失效。"),
        _booking("cancelled", "A booking was cancelled. 预约取消。"),
        _booking(
            "displaced",
            "A booking gave way to a closure or to a change of the rules; nobody is to blame. 预约被占用调整。",
        ),
        _booking("checked_in", "Somebody came. 到场签到。"),
        _booking("completed", "A booking is over. 预约完成。"),
        _booking("no_show", "Nobody came in time. 爽约。"),
    )
}
"""The events of the booking table, by the names it gives them."""

VENUE_CREATED = EventType("venues.venue_created", 1, VenuePayload, "A venue was made. 场所新建。")
VENUE_UPDATED = EventType("venues.venue_updated", 1, VenuePayload, "A venue was changed. 场所变更。")
HOURS_SET = EventType("venues.work_hours_set", 1, HoursPayload, "A unit stated its working hours. 单位工作时间设定。")
POLICY_PROPOSED = EventType("venues.policy_proposed", 1, PolicyPayload, "Opening terms were proposed. 开放办法拟定。")
POLICY_SET = EventType("venues.policy_set", 1, PolicyPayload, "Opening terms came into force. 开放办法生效。")
CLOSED = EventType("venues.closed", 1, ClosurePayload, "A venue was closed for a time. 场所临时关闭。")
WAITLIST_CHANGED = EventType(
    "venues.waitlist_changed",
    1,
    WaitlistPayload,
    "Somebody joined a waitlist, was offered a time, got it or left. 候补变更。",
)
SERIES_BOOKED = EventType(
    "venues.series_booked",
    1,
    SeriesPayload,
    "A series of bookings was asked for and given. 系列预约。",
    person="person_id",
)
SERIES_CANCELLED = EventType(
    "venues.series_cancelled",
    1,
    SeriesPayload,
    "The rest of a series was given back. 系列预约取消。",
    person="person_id",
)
VENUE_PHOTOS_CHANGED = EventType(
    "venues.photos_changed", 1, PhotosPayload, "Photos of a venue were added or destroyed. 场所照片变更。"
)
NO_SHOW_APPEALED = EventType("venues.no_show_appealed", 1, AppealPayload, "Somebody appealed to a no-show. 爽约申诉。")
APPEAL_DECIDED = EventType(
    "venues.appeal_decided", 1, AppealPayload, "The owner upheld or dismissed an appeal. 申诉处理。"
)
NO_SHOW_WAIVED = EventType(
    "venues.no_show_waived", 1, WaivedPayload, "A no-show was struck out. 爽约记录撤销。", person="person_id"
)
USAGE_RECORDED = EventType("venues.usage_recorded", 1, UsagePayload, "Use of a venue was logged. 使用登记。")

EVENT_TYPES: tuple[EventType[Any], ...] = (
    *BOOKING_EVENTS.values(),
    VENUE_CREATED,
    VENUE_UPDATED,
    VENUE_PHOTOS_CHANGED,
    HOURS_SET,
    POLICY_PROPOSED,
    POLICY_SET,
    CLOSED,
    WAITLIST_CHANGED,
    SERIES_BOOKED,
    SERIES_CANCELLED,
    NO_SHOW_APPEALED,
    APPEAL_DECIDED,
    NO_SHOW_WAIVED,
    USAGE_RECORDED,
)
"""All of them, for the catalogue."""
