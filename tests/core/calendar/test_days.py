"""Kinds of days: the figures of published years, unpublished years, and corrections."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import (
    CalendarDay,
    CalendarUnknownError,
    DayKind,
    OfficialCalendar,
    OfficialSchedule,
    ScheduledDay,
    bundled_schedule,
    parse_holiday_cn,
)
from linli.core.errors import ValidationError

CALENDAR = OfficialCalendar()
KNOWN_DAYS = [date(2004, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2004, 1, 1)).days)]
NEW_YEAR_OFF = ScheduledDay("元旦", off=True)


def of_kind(calendar: OfficialCalendar, year: int, kind: DayKind) -> str:
    found = (it.date for it in calendar.days(date(year, 1, 1), date(year, 12, 31)) if it.kind is kind)
    return " ".join(f"{day:%m-%d}" for day in found)


def schedule(year: int, days: dict[date, ScheduledDay], *papers: str) -> OfficialSchedule:
    return OfficialSchedule(year, papers, days)


@pytest.mark.parametrize(
    ("year", "kind", "expected"),
    [
        (2024, DayKind.MAKEUP_WORKDAY, "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12"),
        (2025, DayKind.MAKEUP_WORKDAY, "01-26 02-08 04-27 09-28 10-11"),
        (2026, DayKind.MAKEUP_WORKDAY, "01-04 02-14 02-28 05-09 09-20 10-10"),
        (
            2025,
            DayKind.STATUTORY_HOLIDAY,
            "01-01 01-28 01-29 01-30 01-31 04-04 05-01 05-02 05-31 10-01 10-02 10-03 10-06",
        ),
        (
            2026,
            DayKind.STATUTORY_HOLIDAY,
            "01-01 02-16 02-17 02-18 02-19 04-05 05-01 05-02 06-19 09-25 10-01 10-02 10-03",
        ),
        # 01-02, 02-20, 02-23, 05-05, 10-06 and 10-07 are swapped for weekends; the others stand for a holiday on one.
        (2026, DayKind.HOLIDAY_ADJUSTED, "01-02 02-20 02-23 04-06 05-04 05-05 10-05 10-06 10-07"),
    ],
)
def test_published_years_have_their_days(year: int, kind: DayKind, expected: str) -> None:
    assert of_kind(CALENDAR, year, kind) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
)
def test_holiday_blocks_of_2026_are_off_from_end_to_end(first: str, last: str) -> None:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    assert not any(it.kind.working for it in CALENDAR.days(start, end))
    assert CALENDAR.is_working(end + timedelta(days=1))
    assert start == date(2026, 1, 1) or CALENDAR.is_working(start - timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2024-02-09", DayKind.WORKDAY, None),  # New Year's Eve was no holiday under the order of 2013
        ("2025-01-28", DayKind.STATUTORY_HOLIDAY, "春节"),
        ("2026-02-16", DayKind.STATUTORY_HOLIDAY, "春节"),
        ("2024-02-10", DayKind.STATUTORY_HOLIDAY, "春节"),  # a Saturday
        ("2025-10-06", DayKind.STATUTORY_HOLIDAY, "中秋节"),
        ("2020-10-01", DayKind.STATUTORY_HOLIDAY, "国庆节、中秋节"),
        ("2026-10-04", DayKind.WEEKEND, "国庆节"),  # a Sunday inside the block
        ("2026-10-06", DayKind.HOLIDAY_ADJUSTED, "国庆节"),  # AC-04
        ("2026-10-10", DayKind.MAKEUP_WORKDAY, "国庆节"),
        ("2026-10-11", DayKind.WEEKEND, None),
        ("2026-03-11", DayKind.WORKDAY, None),
        ("2018-12-29", DayKind.MAKEUP_WORKDAY, "元旦"),  # by the notice for 2019
        ("2018-12-31", DayKind.HOLIDAY_ADJUSTED, "元旦"),
        ("2015-09-03", DayKind.HOLIDAY_ADJUSTED, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
        ("2012-06-23", DayKind.STATUTORY_HOLIDAY, "端午节"),
        ("2003-12-31", DayKind.UNKNOWN, None),
        ("2027-01-01", DayKind.UNKNOWN, None),
        ("0001-01-01", DayKind.UNKNOWN, None),
        ("9999-12-31", DayKind.UNKNOWN, None),
    ],
)
@pytest.mark.usefixtures("bundled_until_2026")
def test_the_first_kind_that_matches_is_the_days(day: str, kind: DayKind, name: str | None) -> None:
    assert CALENDAR.day(date.fromisoformat(day)) == CalendarDay(date.fromisoformat(day), kind, name)


def test_days_off_and_on_agree_with_the_package_on_every_day_since_2004() -> None:
    assert [day for day in KNOWN_DAYS if CALENDAR.is_working(day) is not chinese_calendar.is_workday(day)] == []
    assert len(KNOWN_DAYS) == 8401


def test_make_up_days_agree_with_the_package() -> None:
    made_up = {day for day in KNOWN_DAYS if CALENDAR.kind(day) is DayKind.MAKEUP_WORKDAY}
    assert made_up == set(chinese_calendar.workdays)


def test_every_swapped_day_is_adjusted_unless_it_is_statutory() -> None:
    kinds = Counter(CALENDAR.kind(day) for day in chinese_calendar.in_lieu_days)
    # The package lists 2022-02-03, the third day of the first lunar month, as swapped.
    assert kinds == {DayKind.HOLIDAY_ADJUSTED: 150, DayKind.STATUTORY_HOLIDAY: 1}
    assert CALENDAR.kind(date(2022, 2, 3)) is DayKind.STATUTORY_HOLIDAY


@pytest.mark.parametrize("calendar", [CALENDAR, CALENDAR.with_schedule(schedule(2027, {}))])
@pytest.mark.usefixtures("bundled_until_2026")
def test_a_year_without_a_published_schedule_is_unknown(calendar: OfficialCalendar) -> None:
    assert not calendar.published(2027)
    assert {it.kind for it in calendar.days(date(2027, 1, 1), date(2027, 12, 31))} == {DayKind.UNKNOWN}
    with pytest.raises(CalendarUnknownError) as refused:
        calendar.is_working(date(2027, 3, 1))
    assert refused.value.code == "CALENDAR_UNKNOWN"
    assert refused.value.details == {"date": "2027-03-01", "year": 2027}
    assert "2027" in str(refused.value.message)


@pytest.mark.usefixtures("bundled_until_2026")
def test_days_of_an_unpublished_schedule_say_nothing() -> None:
    draft = schedule(2027, {date(2026, 12, 31): NEW_YEAR_OFF, date(2027, 1, 1): NEW_YEAR_OFF})
    calendar = CALENDAR.with_schedule(draft)
    assert calendar.kind(date(2026, 12, 31)) is DayKind.WORKDAY
    assert calendar.kind(date(2027, 1, 1)) is DayKind.UNKNOWN
    assert calendar.version == CALENDAR.version


def test_an_import_without_papers_does_not_unpublish_a_bundled_year() -> None:
    calendar = CALENDAR.with_schedule(schedule(2026, {}))
    assert calendar.kind(date(2026, 10, 6)) is DayKind.HOLIDAY_ADJUSTED


def test_unnamed_days_of_a_published_year_follow_the_statutory_table_and_the_weekday() -> None:
    calendar = CALENDAR.with_schedule(schedule(2027, {}, "notice"))
    statutory = "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03"
    assert of_kind(calendar, 2027, DayKind.STATUTORY_HOLIDAY) == statutory
    kinds = Counter(it.kind for it in calendar.days(date(2027, 1, 1), date(2027, 12, 31)))
    assert kinds == {DayKind.STATUTORY_HOLIDAY: 13, DayKind.WEEKEND: 98, DayKind.WORKDAY: 254}


@pytest.mark.usefixtures("bundled_until_2026")
def test_an_imported_schedule_names_days_of_its_year_and_of_the_december_before() -> None:
    days = {
        date(2026, 12, 31): NEW_YEAR_OFF,
        date(2026, 12, 27): ScheduledDay("元旦", off=False),
        date(2027, 2, 9): ScheduledDay("春节", off=True),
        date(2027, 2, 20): ScheduledDay("春节", off=False),
        date(2027, 3, 3): ScheduledDay("周三", off=False),
        date(2027, 3, 6): ScheduledDay("周六", off=True),
    }
    calendar = CALENDAR.with_schedule(schedule(2027, days, "notice"))
    assert [calendar.kind(day) for day in days] == [
        DayKind.HOLIDAY_ADJUSTED,
        DayKind.MAKEUP_WORKDAY,
        DayKind.HOLIDAY_ADJUSTED,
        DayKind.MAKEUP_WORKDAY,
        DayKind.WORKDAY,
        DayKind.WEEKEND,
    ]
    assert calendar.day(date(2027, 2, 9)).name == "春节"
    assert CALENDAR.kind(date(2026, 12, 31)) is DayKind.WORKDAY


# The notice of 2018-12-06 gave Labour Day 2019 one day; that of 2019-03-22 made it four.
LABOUR_DAY_2019 = [date(2019, 4, 28), *(date(2019, 5, day) for day in range(2, 6))]


def test_a_correction_in_the_middle_of_a_year_takes_the_place_of_the_schedule() -> None:
    corrected = bundled_schedule(2019)
    assert corrected is not None
    days = {day: it for day, it in corrected.days.items() if day not in LABOUR_DAY_2019}
    before = CALENDAR.with_schedule(schedule(2019, days, "first notice"))
    after = before.with_schedule(schedule(2019, dict(corrected.days), "first notice", "correction"))
    workday, weekend, adjusted, made_up = (
        DayKind.WORKDAY,
        DayKind.WEEKEND,
        DayKind.HOLIDAY_ADJUSTED,
        DayKind.MAKEUP_WORKDAY,
    )
    assert [before.kind(day) for day in LABOUR_DAY_2019] == [weekend, workday, workday, weekend, weekend]
    assert [after.kind(day) for day in LABOUR_DAY_2019] == [made_up, adjusted, adjusted, weekend, made_up]
    assert len({CALENDAR.version, before.version, after.version}) == 3


def test_an_imported_schedule_goes_before_the_next_years_bundled_one() -> None:
    days = {date(2018, 12, 29): ScheduledDay("元旦", off=True)}
    assert CALENDAR.with_schedule(schedule(2018, days, "p")).kind(date(2018, 12, 29)) is DayKind.WEEKEND
    assert CALENDAR.with_schedule(schedule(2018, {}, "p")).kind(date(2018, 12, 29)) is DayKind.MAKEUP_WORKDAY
    assert CALENDAR.with_schedule(schedule(2019, {}, "p")).kind(date(2018, 12, 29)) is DayKind.WEEKEND


def test_the_later_notice_goes_before_the_earlier() -> None:
    off = schedule(2027, {date(2027, 12, 31): NEW_YEAR_OFF}, "p")
    on = schedule(2028, {date(2027, 12, 31): ScheduledDay("元旦", off=False)}, "p")
    calendar = OfficialCalendar({2027: off, 2028: on})
    assert calendar.kind(date(2027, 12, 31)) is DayKind.WORKDAY


def test_a_calendar_read_from_json_is_the_calendar() -> None:
    read = parse_holiday_cn(
        {"year": 2027, "papers": ["p"], "days": [{"name": "x", "date": "2027-03-06", "isOffDay": False}]}
    )
    assert CALENDAR.with_schedule(read).kind(date(2027, 3, 6)) is DayKind.MAKEUP_WORKDAY


def test_equal_calendars_are_equal_and_have_one_version() -> None:
    first, second = schedule(2027, {}, "p"), schedule(2028, {}, "p")
    one, other = OfficialCalendar({2027: first, 2028: second}), OfficialCalendar({2028: second, 2027: first})
    assert one == other
    assert hash(one) == hash(other)
    assert one.version == other.version
    assert len(one.version) == 12
    assert int(one.version, 16) >= 0


@given(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.text("甲乙丙", min_size=1))
def test_the_version_changes_with_any_day_that_a_schedule_names(day: date, name: str) -> None:
    published = CALENDAR.with_schedule(schedule(2027, {}, "p"))
    named = published.with_schedule(schedule(2027, {day: ScheduledDay(name, off=True)}, "p"))
    assert len({CALENDAR.version, published.version, named.version}) == 3


def test_a_calendar_cannot_be_changed() -> None:
    schedules = {2027: schedule(2027, {}, "p")}
    calendar = OfficialCalendar(schedules)
    schedules.clear()
    assert calendar.published(2027)
    with pytest.raises(TypeError):
        calendar.schedules[2028] = schedule(2028, {}, "p")  # type: ignore[index]


def test_a_schedule_filed_under_another_year_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="2027 is filed under 2026"):
        OfficialCalendar({2026: schedule(2027, {}, "p")})


@pytest.mark.usefixtures("bundled_until_2026")
def test_a_provisional_calendar_counts_unpublished_years_by_table_and_weekday() -> None:
    provisional = CALENDAR.provisional()
    assert provisional.kind(date(2027, 1, 1)) is DayKind.STATUTORY_HOLIDAY
    assert provisional.kind(date(2027, 1, 2)) is DayKind.WEEKEND
    assert provisional.is_working(date(2027, 1, 4))
    assert provisional.kind(date(2061, 1, 3)) is DayKind.UNKNOWN
    assert provisional.kind(date(2003, 1, 2)) is DayKind.UNKNOWN
    assert not provisional.published(2027)
    assert [provisional.kind(day) for day in KNOWN_DAYS[-800:]] == [CALENDAR.kind(day) for day in KNOWN_DAYS[-800:]]
    assert provisional.version != CALENDAR.version


@pytest.mark.usefixtures("bundled_until_2026")
def test_days_are_given_from_first_to_last_both_included() -> None:
    days = CALENDAR.days(date(2026, 12, 30), date(2027, 1, 1))
    assert [(str(it.date), it.kind) for it in days] == [
        ("2026-12-30", DayKind.WORKDAY),
        ("2026-12-31", DayKind.WORKDAY),
        ("2027-01-01", DayKind.UNKNOWN),
    ]
    assert len(CALENDAR.days(date(2026, 3, 1), date(2026, 3, 1))) == 1


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "RANGE_REVERSED"),
        (date(2004, 1, 1), date(2026, 12, 31), "RANGE_TOO_LONG"),
        (date.min, date.max, "RANGE_TOO_LONG"),
    ],
)
def test_ranges_must_run_forward_and_be_of_a_length(first: date, last: date, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CALENDAR.days(first, last)
    assert [(it.path, it.code) for it in refused.value.problems] == [("to", code)]


def test_an_instant_is_no_day() -> None:
    with pytest.raises(TypeError, match="local_date"):
        CALENDAR.kind(datetime(2026, 10, 1, tzinfo=UTC))
