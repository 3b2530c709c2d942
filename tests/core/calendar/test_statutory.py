"""The statutory table: the orders by year, and the dates they come to."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from linli.core.calendar import Holiday, bundled_schedule, statutory_holidays
from linli.core.calendar.festivals import FIRST_YEAR, LAST_YEAR, festivals
from linli.core.calendar.statutory import order_in_force
from linli.core.errors import ValidationError

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
PACKAGE_YEARS = range(2004, 2027)


def short(days: object) -> str:
    assert hasattr(days, "__iter__")
    return " ".join(f"{day:%m-%d}" for day in days)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2007, "01-01 02-18 02-19 02-20 05-01 05-02 05-03 10-01 10-02 10-03"),
        (2008, "01-01 02-06 02-07 02-08 04-04 05-01 06-08 09-14 10-01 10-02 10-03"),
        (2013, "01-01 02-09 02-10 02-11 04-04 05-01 06-12 09-19 10-01 10-02 10-03"),
        (2014, "01-01 01-31 02-01 02-02 04-05 05-01 06-02 09-08 10-01 10-02 10-03"),
        (2024, "01-01 02-10 02-11 02-12 04-04 05-01 06-10 09-17 10-01 10-02 10-03"),
        (2025, "01-01 01-28 01-29 01-30 01-31 04-04 05-01 05-02 05-31 10-01 10-02 10-03 10-06"),
        (2026, "01-01 02-16 02-17 02-18 02-19 04-05 05-01 05-02 06-19 09-25 10-01 10-02 10-03"),
    ],
)
def test_statutory_dates_follow_the_order_in_force_in_each_year(year: int, expected: str) -> None:
    assert short(statutory_holidays(year)) == expected


@pytest.mark.parametrize(
    ("first", "last", "count"), [(2004, 2007, 10), (2008, 2013, 11), (2014, 2024, 11), (2025, 2060, 13)]
)
def test_every_year_of_an_order_grants_its_number_of_days(first: int, last: int, count: int) -> None:
    for year in range(first, last + 1):
        shared = sum("+" in holiday.key for holiday in statutory_holidays(year).values())
        assert len(statutory_holidays(year)) + shared == count, year


def test_orders_change_in_2008_2014_and_2025() -> None:
    numbers = [order_in_force(year).number for year in (2004, 2007, 2008, 2013, 2014, 2024, 2025, 2060)]
    assert [number.removeprefix("国务院令第").removesuffix("号") for number in numbers] == (
        ["270", "270", "513", "513", "644", "644", "795", "795"]
    )


def test_mid_autumn_of_2025_stands_under_its_own_name() -> None:
    assert statutory_holidays(2025)[date(2025, 10, 6)] == Holiday("MID_AUTUMN", "中秋节", "Mid-Autumn Festival")


def test_two_festivals_on_one_date_are_named_together() -> None:
    shared = {day: it for year in YEARS for day, it in statutory_holidays(year).items() if "+" in it.key}
    assert short(shared) == "10-03 10-01 10-03 10-01 10-02 10-02"
    assert [day.year for day in shared] == [2009, 2020, 2028, 2031, 2039, 2058]
    assert shared[date(2020, 10, 1)] == Holiday(
        "NATIONAL_DAY+MID_AUTUMN", "国庆节、中秋节", "National Day and Mid-Autumn Festival"
    )


@pytest.mark.parametrize("year", [0, 2003, 2061, 10_000])
def test_years_beyond_the_table_are_refused(year: int) -> None:
    with pytest.raises(ValidationError) as refused:
        statutory_holidays(year)
    assert [(it.path, it.code) for it in refused.value.problems] == [("year", "OUT_OF_RANGE")]


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        statutory_holidays(2026)[date(2026, 6, 1)] = Holiday("X", "x", "x")  # type: ignore[index]


def test_every_statutory_date_was_off_in_every_published_year() -> None:
    days = [day for year in PACKAGE_YEARS for day in statutory_holidays(year)]
    assert [day for day in days if not chinese_calendar.is_holiday(day)] == []


def test_published_schedules_name_the_moving_festivals_on_our_dates() -> None:
    names = {"SPRING_FESTIVAL": "春节", "QINGMING": "清明节", "DRAGON_BOAT": "端午节", "MID_AUTUMN": "中秋节"}
    for year in PACKAGE_YEARS:
        schedule = bundled_schedule(year)
        assert schedule is not None
        ours = {day: names[it.key] for day, it in statutory_holidays(year).items() if it.key in names}
        ours.pop(date(2012, 6, 23), None)  # 五月初五, a Saturday between two days off, which the package does not name
        ours.pop(date(2025, 10, 6), None)  # 中秋 inside the National Day block, under whose name the package has it
        assert {day: schedule.days[day].name for day in ours} == ours


@pytest.mark.parametrize("year", YEARS)
def test_qingming_agrees_with_the_solar_term(year: int) -> None:
    terms = chinese_calendar.get_solar_terms(date(year, 4, 1), date(year, 4, 10))
    assert [day for day, name in terms if name == "清明"] == [festivals(year).qingming]


@pytest.mark.parametrize("year", YEARS)
def test_lunar_dates_count_from_new_moons(year: int) -> None:
    found = festivals(year)
    assert (1, 21) <= (found.spring_festival.month, found.spring_festival.day) <= (2, 20)
    first_days = [found.spring_festival, found.dragon_boat - timedelta(days=4), found.mid_autumn - timedelta(days=14)]
    # The mean new moon of 2000-01-06 18:14 UTC and the mean month; the true moon strays from it by up to 14 hours.
    ages = [((day - date(2000, 1, 6)).days + 0.5 - 1.093) % 29.530588861 for day in first_days]
    assert all(min(age, 29.530588861 - age) < 1.2 for age in ages), ages
