"""Deadlines in hours, on the wall clock and in office hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import (
    OFFICE_HOURS,
    CalendarUnknownError,
    OfficialCalendar,
    TimeRange,
    WorkHours,
    local_date,
    wall_deadline,
    working_deadline,
    working_time,
)
from linli.core.errors import ValidationError

CALENDAR = OfficialCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
SUMMER = WorkHours((TimeRange(time(8), time(12)), TimeRange(time(15), time(18, 30))))
INSTANTS = st.datetimes(datetime(2010, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.sampled_from([OFFICE_HOURS, SUMMER, WorkHours((TimeRange(time(0), time(23, 59)),))])


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def test_wall_hours_run_through_nights_and_holidays() -> None:
    """AC-25: grade II, 24 hours from Friday 2026-02-13 16:00."""
    end = wall_deadline(local("2026-02-13 16:00"), 24)
    assert end == local("2026-02-14 16:00")
    assert end.tzinfo is UTC
    assert wall_deadline(local("2026-02-14 16:00"), 48) == local("2026-02-16 16:00")
    assert wall_deadline(local("2026-02-14 16:00"), minutes=15) == local("2026-02-14 16:15")


@pytest.mark.parametrize(
    ("start", "hours", "minutes", "expected"),
    [
        ("2026-03-11 09:00", 2, 0, "2026-03-11 11:00"),
        ("2026-03-11 11:00", 2, 0, "2026-03-11 14:30"),  # over lunch
        ("2026-03-11 15:30", 2, 0, "2026-03-11 17:30"),  # up at closing time and not the next morning
        ("2026-03-11 15:31", 2, 0, "2026-03-12 08:31"),
        ("2026-03-11 06:00", 0, 30, "2026-03-11 09:00"),
        ("2026-03-11 12:30", 1, 0, "2026-03-11 14:30"),
        ("2026-03-13 17:30", 1, 0, "2026-03-16 09:30"),  # over a weekend
        ("2026-03-14 10:00", 1, 0, "2026-03-16 09:30"),
        ("2026-02-13 17:00", 8, 0, "2026-02-14 17:30"),  # half an hour of Friday, all of a Saturday that is worked
        ("2026-02-14 17:00", 1, 0, "2026-02-24 09:00"),  # over Spring Festival
        ("2026-03-11 08:30", 15, 0, "2026-03-12 17:30"),
    ],
)
def test_working_hours_run_only_while_offices_are_open(start: str, hours: int, minutes: int, expected: str) -> None:
    assert working_deadline(CALENDAR, SHANGHAI, local(start), hours, minutes=minutes) == local(expected)


def test_other_office_hours_give_other_deadlines() -> None:
    start = local("2026-03-11 11:30")
    assert working_deadline(CALENDAR, SHANGHAI, start, 1, during=SUMMER) == local("2026-03-11 15:30")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-11 09:00", "2026-03-11 09:00", 0),
        ("2026-03-11 09:00", "2026-03-11 17:00", 390),
        ("2026-03-11 00:00", "2026-03-12 00:00", 450),
        ("2026-02-14 17:00", "2026-02-24 09:00", 60),
        ("2026-03-14 00:00", "2026-03-16 00:00", 0),
        ("2026-03-11 12:10", "2026-03-11 13:20", 0),
        ("2026-12-31 17:00", "2026-12-31 23:00", 30),
    ],
)
def test_working_time_is_what_lies_in_office_hours(start: str, end: str, minutes: int) -> None:
    assert working_time(CALENDAR, SHANGHAI, local(start), local(end)) == timedelta(minutes=minutes)


@given(INSTANTS, st.integers(0, 100), st.integers(1, 59), HOURS)
def test_the_time_worked_until_a_deadline_is_the_time_given(
    start: datetime, hours: int, minutes: int, during: WorkHours
) -> None:
    end = working_deadline(CALENDAR, SHANGHAI, start, hours, minutes=minutes, during=during)
    assert working_time(CALENDAR, SHANGHAI, start, end, during) == timedelta(hours=hours, minutes=minutes)


@given(INSTANTS, st.integers(1, 100), HOURS)
def test_a_working_deadline_falls_into_office_hours(start: datetime, hours: int, during: WorkHours) -> None:
    end = working_deadline(CALENDAR, SHANGHAI, start, hours, during=during)
    at = end.astimezone(SHANGHAI).time()
    assert CALENDAR.is_working(local_date(end, SHANGHAI))
    assert any(one.opens < at <= one.closes for one in during.ranges)


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=60)), st.timedeltas(timedelta(), timedelta(days=60)))
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    parts = working_time(CALENDAR, SHANGHAI, start, middle) + working_time(CALENDAR, SHANGHAI, middle, end)
    assert working_time(CALENDAR, SHANGHAI, start, end) == parts


@pytest.mark.parametrize(
    ("ranges", "code"),
    [
        ((), "EMPTY"),
        ((TimeRange(time(12), time(8)),), "RANGE_REVERSED"),
        ((TimeRange(time(8), time(8)),), "RANGE_REVERSED"),
        ((TimeRange(time(8), time(12)), TimeRange(time(11), time(17))), "OVERLAPPING"),
        ((TimeRange(time(13), time(17)), TimeRange(time(8), time(12))), "OVERLAPPING"),
    ],
)
def test_office_hours_must_be_ordered_and_apart(ranges: tuple[TimeRange, ...], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WorkHours(ranges)
    assert [(it.path, it.code) for it in refused.value.problems] == [("ranges", code)]


def test_ranges_may_touch() -> None:
    touching = WorkHours((TimeRange(time(8), time(12)), TimeRange(time(12), time(18))))
    assert list(touching.on(date(2026, 3, 11), SHANGHAI)) == [
        (local("2026-03-11 08:00"), local("2026-03-11 12:00")),
        (local("2026-03-11 12:00"), local("2026-03-11 18:00")),
    ]


@pytest.mark.parametrize(
    ("hours", "minutes", "code"),
    [
        (0, 0, "NOT_POSITIVE"),
        (-1, 0, "NOT_POSITIVE"),
        (1, -60, "NOT_POSITIVE"),
        (87_840, 1, "OUT_OF_RANGE"),
        (0, 10**9, "OUT_OF_RANGE"),
    ],
)
def test_hours_must_lie_ahead_and_be_of_a_length(hours: int, minutes: int, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        wall_deadline(local("2026-03-11 09:00"), hours, minutes=minutes)
    assert [(it.path, it.code) for it in refused.value.problems] == [("hours", code)]


def test_working_time_cannot_run_backwards() -> None:
    with pytest.raises(ValidationError) as refused:
        working_time(CALENDAR, SHANGHAI, local("2026-03-11 09:00"), local("2026-03-11 08:59"))
    assert [(it.path, it.code) for it in refused.value.problems] == [("end", "RANGE_REVERSED")]


@pytest.mark.usefixtures("bundled_until_2026")
def test_working_hours_that_run_into_an_unpublished_year_are_refused() -> None:
    with pytest.raises(CalendarUnknownError):
        working_deadline(CALENDAR, SHANGHAI, local("2026-12-31 17:00"), 1)
