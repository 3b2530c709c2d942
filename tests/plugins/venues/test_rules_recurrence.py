"""Series of bookings: on which days, at which local time, how many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import ValidationError
from linli.plugins.venues.rules import Recurrence, Weekday, check_recurrence
from linli.plugins.venues.rules.ranges import at_minute, minute_of
from linli.plugins.venues.services.local import instant, wall

MONDAY = date(2026, 3, 9)
DAYS = st.integers(0, 700).map(lambda offset: MONDAY + timedelta(days=offset))
RECURRENCES = st.builds(
    lambda first, length, weekdays, start, minutes, every: Recurrence(
        first, first + timedelta(days=length), weekdays, start, start + minutes, every
    ),
    DAYS,
    st.integers(0, 200),
    st.frozensets(st.sampled_from(Weekday)),
    st.integers(0, 1380),
    st.integers(1, 60),
    st.integers(1, 6),
)


def weekly(**more: Any) -> Recurrence:
    given_ = {
        "first": MONDAY,
        "last": date(2026, 4, 5),
        "weekdays": frozenset({Weekday.SATURDAY}),
        "start": 600,
        "end": 660,
    }
    return Recurrence(**{**given_, **more})


@pytest.mark.parametrize(
    ("every", "days"),
    [
        (1, ["2026-03-14", "2026-03-21", "2026-03-28", "2026-04-04"]),
        (2, ["2026-03-14", "2026-03-28"]),
        (3, ["2026-03-14", "2026-04-04"]),
    ],
)
def test_every_nth_week_is_counted_from_the_first(every: int, days: list[str]) -> None:
    assert [day.isoformat() for day in weekly(every_weeks=every).days()] == days


def test_a_series_that_begins_in_the_middle_of_a_week_counts_that_week() -> None:
    found = weekly(first=date(2026, 3, 12), weekdays=frozenset({Weekday.MONDAY, Weekday.FRIDAY}), every_weeks=2)
    assert [day.isoformat() for day in found.days()] == ["2026-03-13", "2026-03-23", "2026-03-27"]


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({"weekdays": frozenset()}, [("weekdays", "EMPTY")]),
        ({"every_weeks": 0}, [("everyWeeks", "OUT_OF_RANGE")]),
        ({"every_weeks": 53, "end": 600}, [("everyWeeks", "OUT_OF_RANGE"), ("end", "END_NOT_AFTER_START")]),
        ({"last": date(2026, 3, 8)}, [("lastDay", "END_BEFORE_START")]),
        ({"last": date(2027, 3, 10)}, [("lastDay", "OUT_OF_RANGE")]),
        ({"first": date(1, 1, 1), "last": date(1, 2, 1)}, [("firstDay", "OUT_OF_RANGE")]),
        ({"last": date(2026, 3, 13)}, [("weekdays", "NO_OCCURRENCE")]),
        ({"last": date(2026, 5, 8), "weekdays": frozenset(Weekday)}, [("lastDay", "TOO_MANY")]),
    ],
)
def test_a_series_that_makes_no_sense_is_refused_with_every_problem(
    more: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(ValidationError) as refused:
        check_recurrence(weekly(**more), overnight=False)
    assert [(one.path, one.code) for one in refused.value.problems] == problems


def test_sixty_times_are_a_series_and_a_night_is_one_where_it_is_allowed() -> None:
    check_recurrence(weekly(last=date(2026, 5, 7), weekdays=frozenset(Weekday)), overnight=False)
    check_recurrence(weekly(start=1320, end=60), overnight=True)
    (first, *_) = weekly(start=1320, end=60).occurrences()
    assert first == (at_minute(date(2026, 3, 14), 1320), at_minute(date(2026, 3, 15), 60))


@given(RECURRENCES)
def test_occurrences_are_the_named_weekdays_of_the_right_weeks_and_nothing_else(series: Recurrence) -> None:
    monday = series.first - timedelta(days=series.first.weekday())
    expected = [
        day
        for offset in range(701 + 200)
        if series.first <= (day := MONDAY + timedelta(days=offset)) <= series.last
        and Weekday.of(day) in series.weekdays
        and ((day - timedelta(days=day.weekday()) - monday).days // 7) % series.every_weeks == 0
    ]
    assert [start.date() for start, _ in series.occurrences()] == expected


@given(RECURRENCES)
def test_occurrences_keep_the_time_of_the_wall_clock(series: Recurrence) -> None:
    zone = ZoneInfo("Europe/Berlin")  # unlike the district's, its offset changes twice a year, at two in the night
    for start, end in series.occurrences():
        assert (minute_of(start), minute_of(end)) == (series.start, series.end)
        if start.hour not in (2, 3):
            assert wall(instant(start, zone), zone) == start
