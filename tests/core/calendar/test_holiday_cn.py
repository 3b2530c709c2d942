"""Reading a schedule from JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import (
    OfficialSchedule,
    ScheduledDay,
    bundled_schedule,
    holiday_cn,
    parse_holiday_cn,
    statutory_holidays,
)
from linli.core.calendar.holiday_cn import MAX_DAYS, MAX_PAPERS, MAX_TEXT
from linli.core.errors import FieldProblem, ValidationError

DAY = {"name": "元旦", "date": "2027-01-01", "isOffDay": True}


def payload(**changes: Any) -> dict[str, Any]:
    return {"year": 2027, "papers": ["https://www.gov.cn/notice"], "days": [DAY], **changes}


def problems(value: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        parse_holiday_cn(value)
    return [(it.path, it.code) for it in refused.value.problems]


def test_a_whole_payload_becomes_a_schedule() -> None:
    days = [DAY, {"name": "春节", "date": "2027-02-20", "isOffDay": False}]
    assert parse_holiday_cn(payload(days=days)) == OfficialSchedule(
        2027,
        ("https://www.gov.cn/notice",),
        {date(2027, 1, 1): ScheduledDay("元旦", off=True), date(2027, 2, 20): ScheduledDay("春节", off=False)},
    )


def test_a_year_without_papers_or_days_is_read_and_not_published() -> None:
    schedule = parse_holiday_cn({"$schema": "s", "$id": "i", "year": 2027, "papers": [], "days": []})
    assert schedule == OfficialSchedule(2027, (), {})
    assert not schedule.published


def test_december_before_belongs_to_the_notice() -> None:
    schedule = parse_holiday_cn(payload(days=[{"name": "元旦", "date": "2026-12-31", "isOffDay": True}]))
    assert list(schedule.days) == [date(2026, 12, 31)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, [("schedule", "NOT_AN_OBJECT")]),
        ([], [("schedule", "NOT_AN_OBJECT")]),
        ("{}", [("schedule", "NOT_AN_OBJECT")]),
        ({}, [("schedule.year", "MISSING"), ("schedule.papers", "MISSING"), ("schedule.days", "MISSING")]),
        (payload(year=None), [("schedule.year", "MISSING")]),
        (payload(year="2027"), [("schedule.year", "NOT_AN_INTEGER")]),
        (payload(year=2027.0), [("schedule.year", "NOT_AN_INTEGER")]),
        (payload(year=True), [("schedule.year", "NOT_AN_INTEGER")]),
        (payload(year=2003), [("schedule.year", "OUT_OF_RANGE")]),
        (payload(year=2061), [("schedule.year", "OUT_OF_RANGE")]),
        (payload(papers="p"), [("schedule.papers", "NOT_A_LIST")]),
        (payload(papers={}), [("schedule.papers", "NOT_A_LIST")]),
        (payload(papers=["p", "", " ", None, 1]), [(f"schedule.papers.{n}", "NOT_A_TEXT") for n in (1, 2, 3, 4)]),
        (payload(papers=["p"] * (MAX_PAPERS + 1)), [("schedule.papers", "TOO_MANY")]),
        (payload(days={}), [("schedule.days", "NOT_A_LIST")]),
        (payload(days=[DAY] * (MAX_DAYS + 1)), [("schedule.days", "TOO_MANY")]),
        (payload(days=[None, []]), [("schedule.days.0", "NOT_AN_OBJECT"), ("schedule.days.1", "NOT_AN_OBJECT")]),
        (payload(days=[{}]), [(f"schedule.days.0.{key}", "MISSING") for key in ("name", "date", "isOffDay")]),
        (payload(days=[{**DAY, "name": " "}]), [("schedule.days.0.name", "NOT_A_TEXT")]),
        (payload(days=[{**DAY, "name": "元\0旦"}]), [("schedule.days.0.name", "NOT_A_TEXT")]),
        (payload(days=[{**DAY, "name": "\ud800"}]), [("schedule.days.0.name", "NOT_A_TEXT")]),
        (payload(days=[{**DAY, "name": "元" * (MAX_TEXT + 1)}]), [("schedule.days.0.name", "NOT_A_TEXT")]),
        (payload(days=[{**DAY, "isOffDay": 1}]), [("schedule.days.0.isOffDay", "NOT_A_BOOLEAN")]),
        (payload(days=[{**DAY, "isOffDay": "true"}]), [("schedule.days.0.isOffDay", "NOT_A_BOOLEAN")]),
        (payload(days=[DAY, DAY]), [("schedule.days.1.date", "DUPLICATE")]),
        (payload(days=[DAY, {**DAY, "isOffDay": False}]), [("schedule.days.1.date", "DUPLICATE")]),
        (payload(days=[{**DAY, "isOffDay": False}]), [("schedule.days.0.date", "STATUTORY_DAY_WORKING")]),
        (payload(days=[{**DAY, "date": "2026-11-30"}]), [("schedule.days.0.date", "OUTSIDE_YEAR")]),
        (payload(days=[{**DAY, "date": "2028-01-01"}]), [("schedule.days.0.date", "OUTSIDE_YEAR")]),
    ],
)
def test_wrong_payloads_are_refused_at_the_place_that_is_wrong(value: object, expected: list[tuple[str, str]]) -> None:
    assert problems(value) == expected


@pytest.mark.parametrize(
    "written",
    ["20270101", "2027-W01-1", "2027-1-1", "2027-02-29", "2027-01-01T00:00:00", "２０２７-01-01", "", 5, [], {}],
)
def test_dates_have_one_spelling(written: object) -> None:
    assert problems(payload(days=[{**DAY, "date": written}])) == [("schedule.days.0.date", "NOT_A_DATE")]


def test_every_problem_is_reported_at_once() -> None:
    days = [
        DAY,
        {"name": 1, "date": "2027-01-02", "isOffDay": None},
        "off",
        {"name": "国庆节", "date": "2027-10-01", "isOffDay": False},
        {"name": "国庆节", "date": "2029-10-01", "isOffDay": True},
        DAY,
    ]
    assert problems(payload(papers=[""], days=days)) == [
        ("schedule.papers.0", "NOT_A_TEXT"),
        ("schedule.days.1.name", "NOT_A_TEXT"),
        ("schedule.days.1.isOffDay", "MISSING"),
        ("schedule.days.2", "NOT_AN_OBJECT"),
        ("schedule.days.3.date", "STATUTORY_DAY_WORKING"),
        ("schedule.days.4.date", "OUTSIDE_YEAR"),
        ("schedule.days.5.date", "DUPLICATE"),
    ]


def test_a_wrong_year_blames_no_day() -> None:
    assert problems(payload(year=1999, days=[DAY, {**DAY, "date": "2028-01-01"}])) == [
        ("schedule.year", "OUT_OF_RANGE")
    ]


@pytest.mark.parametrize("year", range(2004, 2027))
def test_bundled_schedules_survive_json(year: int) -> None:
    schedule = bundled_schedule(year)
    assert schedule is not None
    assert parse_holiday_cn(json.loads(json.dumps(holiday_cn(schedule)))) == schedule


@st.composite
def schedules(draw: st.DrawFn) -> OfficialSchedule:
    year = draw(st.integers(2004, 2060))
    holidays = statutory_holidays(year)
    names = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
    days = draw(st.dictionaries(st.dates(date(year - 1, 12, 1), date(year, 12, 31)), st.tuples(names, st.booleans())))
    return OfficialSchedule(
        year,
        tuple(draw(st.lists(names, max_size=3))),
        {day: ScheduledDay(name, off or day in holidays) for day, (name, off) in days.items()},
    )


@given(schedules())
def test_any_schedule_survives_json(schedule: OfficialSchedule) -> None:
    assert parse_holiday_cn(json.loads(json.dumps(holiday_cn(schedule)))) == schedule


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2027-01-01", "元旦"]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["year", "papers", "days", "name", "date", "isOffDay", "x"]), inner)
    ),
)


PAYLOAD = st.fixed_dictionaries({"year": st.integers(2004, 2060), "papers": st.lists(JSON), "days": st.lists(JSON)})


@given(JSON | PAYLOAD)
def test_any_json_is_read_or_refused_with_reasons(value: object) -> None:
    found: tuple[FieldProblem, ...] = ()
    try:
        schedule = parse_holiday_cn(value)
    except ValidationError as refused:
        found = refused.problems
    assert found or parse_holiday_cn(holiday_cn(schedule)) == schedule
    assert all(it.path.startswith("schedule") and str(it.message) for it in found)
