"""Counting workdays and deadlines in workdays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import (
    CalendarUnknownError,
    OfficialCalendar,
    add_workdays,
    deadline,
    local_date,
    local_instant,
    workdays_between,
    working_day_from,
)
from linli.core.errors import ValidationError

CALENDAR = OfficialCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2008, 1, 1), date(2022, 12, 31))
INSTANTS = st.datetimes(datetime(2008, 1, 1), datetime(2022, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("year", "counts"), [(2025, [59, 61, 67, 61]), (2026, [59, 61, 66, 62])])
def test_workdays_of_each_quarter(year: int, counts: list[int]) -> None:
    ends = [date(year - 1, 12, 31), *(date(year, month, day) for month, day in [(3, 31), (6, 30), (9, 30), (12, 31)])]
    assert [workdays_between(CALENDAR, start, end) for start, end in pairwise(ends)] == counts


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
        ("2026-02-13", 2, "2026-02-24"),  # the first day after Spring Festival
        ("2026-02-24", -1, "2026-02-14"),  # AC-23
        ("2026-02-20", -1, "2026-02-14"),
        ("2026-02-20", 1, "2026-02-24"),
        ("2026-02-20", 0, "2026-02-20"),
        ("2026-03-09", 5, "2026-03-16"),
        ("2026-10-11", -6, "2026-09-28"),
        ("2026-10-11", -7, "2026-09-24"),
    ],
)
def test_workdays_are_added_across_holidays_and_worked_weekends(start: str, n: int, expected: str) -> None:
    assert add_workdays(CALENDAR, date.fromisoformat(start), n) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-02-13", "2026-02-24", 2),
        ("2026-02-14", "2026-02-23", 0),
        ("2026-02-24", "2026-02-13", -2),
        ("2026-03-11", "2026-03-11", 0),
        ("2026-03-13", "2026-03-16", 1),
        ("2026-03-16", "2026-03-13", -1),
    ],
)
def test_workdays_between_leaves_out_the_start_and_includes_the_end(start: str, end: str, count: int) -> None:
    assert workdays_between(CALENDAR, date.fromisoformat(start), date.fromisoformat(end)) == count


@given(DAYS, st.integers(-400, 400))
def test_adding_and_counting_are_inverse(start: date, n: int) -> None:
    assert workdays_between(CALENDAR, start, add_workdays(CALENDAR, start, n)) == n


@given(DAYS, st.integers(1, 300))
def test_adding_agrees_with_the_package(start: date, n: int) -> None:
    end = add_workdays(CALENDAR, start, n)
    assert len(chinese_calendar.get_workdays(start + timedelta(days=1), end)) == n
    assert chinese_calendar.is_workday(end)


@given(DAYS, st.integers(1, 100))
def test_going_back_from_a_workday_undoes_going_forward(start: date, n: int) -> None:
    first = working_day_from(CALENDAR, start)
    assert add_workdays(CALENDAR, add_workdays(CALENDAR, first, n), -n) == first


@given(DAYS)
def test_the_working_day_from_a_day_is_the_nearest_not_before_it(day: date) -> None:
    found = working_day_from(CALENDAR, day)
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert CALENDAR.is_working(found)
    assert not any(CALENDAR.is_working(it) for it in between)


@pytest.mark.parametrize(
    ("start", "workdays", "expected"),
    [
        pytest.param("2026-02-13 16:00", 3, "2026-02-25 17:30", id="AC-25 grade III"),
        pytest.param("2026-09-24 00:00", 7, "2026-10-12 17:30", id="AC-25 grade IV, start of the day"),
        pytest.param("2026-09-24 23:59", 7, "2026-10-12 17:30", id="AC-25 grade IV, end of the day"),
        pytest.param("2026-10-03 12:00", 1, "2026-10-08 17:30", id="from a holiday"),
        pytest.param("2026-03-13 20:00", 1, "2026-03-16 17:30", id="after hours on a Friday"),
    ],
)
def test_deadlines_end_at_close_of_business_of_the_nth_workday(start: str, workdays: int, expected: str) -> None:
    assert deadline(CALENDAR, SHANGHAI, local(start), workdays) == local(expected)


def test_a_cut_off_stands_on_the_workday_before() -> None:
    """AC-23: lunch on 2026-02-24 is ordered until Saturday 2026-02-14 16:00."""
    day = add_workdays(CALENDAR, date(2026, 2, 24), -1)
    cut_off = local_instant(day, time(16), SHANGHAI)
    assert cut_off == local("2026-02-14 16:00")
    assert local("2026-02-14 16:00:00") <= cut_off < local("2026-02-14 16:00:01")


def test_time_given_to_residents_ends_at_midnight() -> None:
    assert deadline(CALENDAR, SHANGHAI, local("2026-03-13 09:00"), 5, close=None) == local("2026-03-21 00:00")
    assert deadline(CALENDAR, SHANGHAI, local("2026-03-13 09:00"), 5, time(12)) == local("2026-03-20 12:00")


def test_the_day_is_the_districts_and_not_utc() -> None:
    start = datetime(2026, 3, 12, 16, 30, tzinfo=UTC)  # Friday 00:30 in Shanghai
    assert deadline(CALENDAR, SHANGHAI, start, 1) == datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    assert deadline(CALENDAR, UTC, start, 1) == datetime(2026, 3, 13, 17, 30, tzinfo=UTC)


@given(INSTANTS, st.integers(1, 100), st.sampled_from([time(17, 30), time(12), None]))
def test_a_deadline_never_falls_on_a_day_off(start: datetime, workdays: int, close: time | None) -> None:
    end = deadline(CALENDAR, SHANGHAI, start, workdays, close)
    last = local_date(end - timedelta(microseconds=1), SHANGHAI)
    assert chinese_calendar.is_workday(last)
    assert workdays_between(CALENDAR, local_date(start, SHANGHAI), last) == workdays
    assert end.tzinfo is UTC


@given(INSTANTS, INSTANTS, st.integers(1, 60))
def test_who_starts_later_is_not_due_earlier(one: datetime, other: datetime, workdays: int) -> None:
    early, late = sorted([one, other])
    assert deadline(CALENDAR, SHANGHAI, early, workdays) <= deadline(CALENDAR, SHANGHAI, late, workdays)


@pytest.mark.parametrize("workdays", [0, -1])
def test_a_deadline_is_at_least_one_workday_away(workdays: int) -> None:
    with pytest.raises(ValidationError) as refused:
        deadline(CALENDAR, SHANGHAI, local("2026-03-13 09:00"), workdays)
    assert [(it.path, it.code) for it in refused.value.problems] == [("workdays", "NOT_POSITIVE")]


@pytest.mark.usefixtures("bundled_until_2026")
def test_counts_that_run_into_an_unpublished_year_are_refused_and_not_guessed() -> None:
    last = date(2026, 12, 31)
    with pytest.raises(CalendarUnknownError):
        add_workdays(CALENDAR, last, 1)
    with pytest.raises(CalendarUnknownError):
        add_workdays(CALENDAR, date(2004, 1, 1), -1)
    with pytest.raises(CalendarUnknownError):
        workdays_between(CALENDAR, last, date(2027, 1, 1))
    with pytest.raises(CalendarUnknownError):
        deadline(CALENDAR, SHANGHAI, local("2026-12-31 09:00"), 1)
    assert add_workdays(CALENDAR.provisional(), last, 1) == date(2027, 1, 4)


@pytest.mark.parametrize("edge", [date.min, date.max])
def test_days_at_the_edge_of_time_are_refused(edge: date) -> None:
    with pytest.raises(ValidationError) as refused:
        add_workdays(CALENDAR, edge, -1)
    assert refused.value.problems[0].code == "OUT_OF_RANGE"
