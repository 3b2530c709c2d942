"""Working hours by weekday, effective date and make-up day."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.errors import ValidationError
from linli.plugins.venues.rules import (
    DEFAULT_WORK_HOURS,
    GivenRange,
    MinuteRange,
    Weekday,
    WorkHours,
    WorkRange,
    checked_ranges,
    work_hours_on,
)

WEDNESDAY, MAKEUP_SATURDAY = date(2026, 3, 11), date(2026, 2, 14)


def hours(*ranges: tuple[Weekday, str, str], lunch: bool = True, valid_from: date = date.min) -> WorkHours:
    stated = tuple(WorkRange(day, MinuteRange.of(start, end)) for day, start, end in ranges)
    return WorkHours(valid_from, stated, lunch)


def shown(ranges: tuple[MinuteRange, ...]) -> list[str]:
    return [str(one) for one in ranges]


def test_the_default_is_eight_hours_with_lunch_between() -> None:
    assert shown(DEFAULT_WORK_HOURS.ranges_on(WEDNESDAY)) == ["08:30-18:00"]
    assert sum(one.hours.end - one.hours.start for one in DEFAULT_WORK_HOURS.ranges) == 5 * 8 * 60


def test_lunch_is_free_time_where_the_unit_says_so() -> None:
    unit = hours((Weekday.WEDNESDAY, "09:00", "12:00"), (Weekday.WEDNESDAY, "13:00", "18:00"), lunch=False)
    assert shown(unit.ranges_on(WEDNESDAY)) == ["09:00-12:00", "13:00-18:00"]


def test_the_pause_before_an_evening_shift_is_no_lunch() -> None:
    unit = hours((Weekday.WEDNESDAY, "09:00", "17:00"), (Weekday.WEDNESDAY, "19:00", "21:00"))
    assert shown(unit.ranges_on(WEDNESDAY)) == ["09:00-17:00", "19:00-21:00"]


def test_a_makeup_saturday_has_the_hours_that_most_weekdays_have() -> None:
    short, long = ("09:00", "12:00"), ("09:00", "17:00")
    unit = hours(
        (Weekday.MONDAY, *short), (Weekday.TUESDAY, *long), (Weekday.WEDNESDAY, *long), (Weekday.FRIDAY, *short)
    )
    assert shown(unit.ranges_on(MAKEUP_SATURDAY)) == ["09:00-12:00"], "a tie goes to the earlier weekday"
    assert shown(hours((Weekday.TUESDAY, *long)).ranges_on(MAKEUP_SATURDAY)) == ["09:00-17:00"]


def test_a_makeup_saturday_has_its_own_hours_where_the_unit_gives_some() -> None:
    unit = hours((Weekday.MONDAY, "09:00", "18:00"), (Weekday.SATURDAY, "09:00", "12:00"))
    assert shown(unit.ranges_on(MAKEUP_SATURDAY)) == ["09:00-12:00"]


def test_a_weekday_without_hours_is_not_worked() -> None:
    assert hours((Weekday.MONDAY, "09:00", "18:00")).ranges_on(WEDNESDAY) == ()
    assert hours().ranges_on(MAKEUP_SATURDAY) == ()


def test_summer_and_winter_hours_follow_each_other_by_date() -> None:
    winter, summer = hours(valid_from=date(2025, 10, 1)), hours(valid_from=date(2026, 5, 1))
    sets = (summer, winter)
    assert work_hours_on(date(2025, 9, 30), sets) is DEFAULT_WORK_HOURS
    assert work_hours_on(date(2026, 4, 30), sets) is winter
    assert work_hours_on(date(2026, 5, 1), sets) is summer


def test_ranges_that_touch_are_accepted_and_become_one() -> None:
    stated = checked_ranges(
        [GivenRange(Weekday.WEDNESDAY, 12 * 60, 18 * 60), GivenRange(Weekday.WEDNESDAY, 8 * 60, 12 * 60)]
    )
    assert shown(WorkHours(date.min, stated).ranges_on(WEDNESDAY)) == ["08:00-18:00"]


def test_every_wrong_range_is_named() -> None:
    given = [
        GivenRange(Weekday.MONDAY, 540, 720),
        GivenRange(Weekday.MONDAY, 600, 660),
        GivenRange(Weekday.TUESDAY, 600, 660),
        GivenRange(Weekday.TUESDAY, 720, 720),
        GivenRange(Weekday.FRIDAY, 1080, 540),
    ]
    with pytest.raises(ValidationError) as caught:
        checked_ranges(given)
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("ranges.1", "RANGES_OVERLAP"),
        ("ranges.3.end", "END_NOT_AFTER_START"),
        ("ranges.4.end", "END_NOT_AFTER_START"),
    ]
    assert str(caught.value.problems[0].message) == "10:00-11:00 overlaps 09:00-12:00 of the same day"
    assert caught.value.plugin == "venues"
