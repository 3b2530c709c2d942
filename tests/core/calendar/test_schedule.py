"""The official schedule as a value."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from linli.core.calendar import OfficialSchedule, ScheduledDay, bundled_schedule
from linli.core.errors import ValidationError

OFF, WORKED = ScheduledDay("元旦", off=True), ScheduledDay("元旦", off=False)


def test_only_papers_publish_a_schedule() -> None:
    assert OfficialSchedule(2027, ("notice",), {}).published
    assert not OfficialSchedule(2027, (), {date(2027, 1, 1): OFF}).published


def test_equal_schedules_are_equal_whatever_the_order_of_their_days() -> None:
    one = OfficialSchedule(2027, ("p",), {date(2027, 1, 2): OFF, date(2027, 1, 1): OFF})
    other = OfficialSchedule(2027, ("p",), {date(2027, 1, 1): OFF, date(2027, 1, 2): OFF})
    assert one == other
    assert hash(one) == hash(other)
    assert list(one.days) == [date(2027, 1, 1), date(2027, 1, 2)]
    assert len({one, other, OfficialSchedule(2027, ("p",), {date(2027, 1, 1): OFF})}) == 2


def test_a_schedule_keeps_its_own_copy_of_the_days() -> None:
    days = {date(2027, 1, 1): OFF}
    schedule = OfficialSchedule(2027, ("p",), days)
    days[date(2027, 1, 2)] = OFF
    assert list(schedule.days) == [date(2027, 1, 1)]
    with pytest.raises(TypeError):
        schedule.days[date(2027, 1, 2)] = OFF  # type: ignore[index]


@pytest.mark.parametrize(
    ("year", "days", "problems"),
    [
        (2027, {date(2026, 12, 31): OFF, date(2026, 12, 1): WORKED}, []),
        (2027, {date(2026, 11, 30): OFF}, [("days.2026-11-30", "OUTSIDE_YEAR")]),
        (2027, {date(2028, 1, 1): OFF}, [("days.2028-01-01", "OUTSIDE_YEAR")]),
        (2004, {date(2003, 12, 31): WORKED}, []),
        (2003, {}, [("year", "OUT_OF_RANGE")]),
        (2061, {date(2061, 1, 1): OFF}, [("year", "OUT_OF_RANGE")]),
        (
            2027,
            {date(2027, 1, 1): WORKED, date(2027, 2, 5): WORKED, date(2027, 2, 10): WORKED},
            [("days.2027-01-01", "STATUTORY_DAY_WORKING"), ("days.2027-02-05", "STATUTORY_DAY_WORKING")],
        ),
        # New Year's Eve became statutory in 2025.
        (2024, {date(2024, 2, 9): WORKED}, []),
    ],
)
def test_days_outside_the_notice_and_statutory_workdays_are_refused(
    year: int, days: dict[date, ScheduledDay], problems: list[tuple[str, str]]
) -> None:
    found: list[tuple[str, str]] = []
    try:
        OfficialSchedule(year, ("p",), days)
    except ValidationError as refused:
        found = [(it.path, it.code) for it in refused.problems]
    assert found == problems


def test_an_instant_is_no_day() -> None:
    with pytest.raises(TypeError, match="local_date"):
        OfficialSchedule(2027, ("p",), {datetime(2027, 1, 1, tzinfo=UTC): OFF})


def test_a_refusal_names_the_holiday() -> None:
    with pytest.raises(ValidationError) as refused:
        OfficialSchedule(2027, ("p",), {date(2027, 10, 1): WORKED})
    message = "2027-10-01 is a statutory holiday (国庆节) and cannot be a workday"
    assert str(refused.value.problems[0].message) == message


def test_bundled_schedules_reach_from_2004_to_2026_at_least() -> None:
    years = [year for year in range(1990, 2061) if bundled_schedule(year)]
    assert years == list(range(2004, max(years) + 1))
    assert max(years) >= 2026


def test_bundled_schedules_are_sorted_by_notice_and_not_by_date() -> None:
    eve = {date(2018, 12, 29): False, date(2018, 12, 30): True, date(2018, 12, 31): True}
    for_2018, for_2019 = bundled_schedule(2018), bundled_schedule(2019)
    assert for_2018 is not None
    assert for_2019 is not None
    assert {day: it.off for day, it in for_2019.days.items() if day.year == 2018} == eve
    assert not for_2018.days.keys() & eve.keys()


def test_bundled_schedules_are_published_and_name_their_source() -> None:
    schedule = bundled_schedule(2026)
    assert schedule is not None
    assert schedule.published
    assert schedule.papers[0].startswith("chinesecalendar ")
    assert schedule.days[date(2026, 4, 6)] == ScheduledDay("清明节", off=True)
