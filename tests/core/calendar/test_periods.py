"""Periods by the Civil Code."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import (
    CLOSE_OF_BUSINESS,
    CalendarUnknownError,
    OfficialCalendar,
    Period,
    final_day,
    last_day,
    local_date,
    period_end,
)
from linli.core.errors import ValidationError

CALENDAR = OfficialCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2005, 1, 1), date(2015, 12, 31))
PERIODS = (
    st.builds(Period, days=st.integers(1, 1000))
    | st.builds(Period, months=st.integers(1, 60))
    | st.builds(Period, years=st.integers(1, 10))
)


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        ("2026-11-03", Period(days=7), "2026-11-10"),
        ("2026-01-31", Period(days=1), "2026-02-01"),
        ("2026-01-31", Period(months=1), "2026-02-28"),
        ("2028-01-31", Period(months=1), "2028-02-29"),
        ("2026-02-28", Period(months=1), "2026-03-28"),  # the corresponding day, not the month's end
        ("2025-08-31", Period(months=6), "2026-02-28"),
        ("2025-12-15", Period(months=1), "2026-01-15"),
        ("2025-11-30", Period(months=1), "2025-12-30"),
        ("2025-03-31", Period(months=8), "2025-11-30"),
        ("2026-06-30", Period(months=12), "2027-06-30"),
        ("2024-02-29", Period(years=1), "2025-02-28"),
        ("2024-02-29", Period(years=4), "2028-02-29"),
        ("2096-02-29", Period(years=4), "2100-02-28"),
    ],
)
def test_the_last_day_is_the_corresponding_day_or_the_months_end(start: str, period: Period, expected: str) -> None:
    assert last_day(date.fromisoformat(start), period) == date.fromisoformat(expected)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1, 1200))
def test_a_period_in_months_ends_by_the_rule(start: date, months: int) -> None:
    end = last_day(start, Period(months=months))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and end.day == monthrange(end.year, end.month)[1])


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1, 100))
def test_a_year_is_twelve_months(start: date, years: int) -> None:
    assert last_day(start, Period(years=years)) == last_day(start, Period(months=12 * years))


@given(DAYS, PERIODS)
def test_a_period_ends_on_the_first_working_day_from_its_last(start: date, period: Period) -> None:
    last, final = last_day(start, period), final_day(CALENDAR, start, period)
    passed = [last + timedelta(days=n) for n in range((final - last).days)]
    assert CALENDAR.is_working(final)
    assert not any(CALENDAR.is_working(day) for day in passed)
    assert last > start


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        ("2026-09-24", Period(days=7), "2026-10-08"),  # 10-01, moved over National Day
        ("2026-02-09", Period(days=5), "2026-02-14"),  # a Saturday that is worked is no rest day
        ("2026-02-09", Period(days=6), "2026-02-24"),  # a Sunday before Spring Festival
        ("2025-08-31", Period(months=6), "2026-02-28"),  # again a Saturday that is worked
        ("2026-02-06", Period(months=1), "2026-03-06"),
        ("2026-02-07", Period(months=1), "2026-03-09"),
        ("2025-05-01", Period(years=1), "2026-05-06"),
    ],
)
def test_a_last_day_on_a_rest_day_moves_to_the_next_that_is_none(start: str, period: Period, expected: str) -> None:
    assert final_day(CALENDAR, date.fromisoformat(start), period) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-11-03 10:00", "2026-11-10 17:30", id="AC-35"),
        pytest.param("2026-11-05 00:00", "2026-11-12 17:30", id="AC-35 restarted by an edit"),
        pytest.param("2026-11-05 23:59", "2026-11-12 17:30", id="AC-35 restarted late"),
        pytest.param("2026-11-07 10:00", "2026-11-16 17:30", id="ending on a Saturday"),
    ],
)
def test_seven_days_of_publicity_end_at_close_of_business(start: str, expected: str) -> None:
    assert period_end(CALENDAR, SHANGHAI, local(start), Period(days=7), CLOSE_OF_BUSINESS) == local(expected)


def test_time_given_to_residents_ends_at_midnight() -> None:
    end = period_end(CALENDAR, SHANGHAI, local("2026-11-03 10:00"), Period(days=7), close=None)
    assert end == local("2026-11-11 00:00")
    assert end.tzinfo is UTC


def test_a_period_begins_on_the_districts_day() -> None:
    start = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # 2026-11-03 00:00 in Shanghai
    assert period_end(CALENDAR, SHANGHAI, start, Period(days=7), time(17, 30)) == local("2026-11-10 17:30")
    assert local_date(period_end(CALENDAR, UTC, start, Period(days=7), time(17, 30)), UTC) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, "NOT_A_PERIOD"),
        ({"days": 0}, "NOT_A_PERIOD"),
        ({"days": -1}, "NOT_A_PERIOD"),
        ({"months": 1, "days": 1}, "NOT_A_PERIOD"),
        ({"days": 36_601}, "OUT_OF_RANGE"),
        ({"months": 1_201}, "OUT_OF_RANGE"),
        ({"years": 101}, "OUT_OF_RANGE"),
    ],
)
def test_a_period_is_a_number_of_one_unit(counts: dict[str, int], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Period(**counts)
    assert [(it.path, it.code) for it in refused.value.problems] == [("period", code)]


@pytest.mark.parametrize("period", [Period(days=1), Period(months=1), Period(years=1)])
def test_days_at_the_edge_of_time_are_refused(period: Period) -> None:
    with pytest.raises(ValidationError) as refused:
        last_day(date.max, period)
    assert refused.value.problems[0].code == "OUT_OF_RANGE"


@pytest.mark.usefixtures("bundled_until_2026")
def test_a_period_that_ends_in_an_unpublished_year_is_refused_unless_it_is_provisional() -> None:
    start, period = date(2026, 12, 1), Period(months=3)
    with pytest.raises(CalendarUnknownError):
        final_day(CALENDAR, start, period)
    assert last_day(start, period) == date(2027, 3, 1)
    assert final_day(CALENDAR.provisional(), start, period) == date(2027, 3, 1)
